include(GNUInstallDirs)

# What every target of the project is compiled with.
function(rushlight_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion
    $<$<BOOL:${RUSHLIGHT_WERROR}>:-Werror>)
endfunction()

# A library rushlight_NAME, alias rushlight::NAME, of the given sources.
function(rushlight_library name)
  add_library(rushlight_${name} ${ARGN})
  add_library(rushlight::${name} ALIAS rushlight_${name})
  set_target_properties(rushlight_${name} PROPERTIES EXPORT_NAME ${name}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  rushlight_compile_options(rushlight_${name})
  target_include_directories(rushlight_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/rushlight>)
endfunction()
