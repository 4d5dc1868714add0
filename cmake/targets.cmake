include(GNUInstallDirs)

# What every target of the project is compiled with.
function(rushlight_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  # Installed, they find each other and the BLAS they were built with: its flavours share one name.
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON
    INSTALL_RPATH "$ORIGIN:$ORIGIN/../${CMAKE_INSTALL_LIBDIR}" INSTALL_RPATH_USE_LINK_PATH ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion
    $<$<BOOL:${RUSHLIGHT_WERROR}>:-Werror>)
endfunction()

# rushlight_library(NAME SOURCES … PUBLIC_HEADERS …): a library rushlight_NAME, alias rushlight::NAME. The
# public headers are installed below include/rushlight, and each is compiled alone by the target
# all_verify_interface_header_sets.
function(rushlight_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC_HEADERS" ${ARGN})
  set(target rushlight_${name})
  add_library(${target} ${ARG_SOURCES})
  add_library(rushlight::${name} ALIAS ${target})
  target_sources(${target} PUBLIC
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_PUBLIC_HEADERS})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  rushlight_compile_options(${target})
  install(TARGETS ${target} EXPORT rushlight_targets
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rushlight)
endfunction()
