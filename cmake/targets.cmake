include(GNUInstallDirs)

# What every target of the project is compiled with.
function(rushlight_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  # Installed, shared ones find each other. Static ones have no folder to look in: the loader would try ten names in each, for every library.
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON
    INSTALL_RPATH_USE_LINK_PATH ON)
  if(BUILD_SHARED_LIBS)
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN:$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion
    $<$<BOOL:${RUSHLIGHT_WERROR}>:-Werror>)
endfunction()

# Reading the standard library's headers is a sixth of a source's compilation. Sources name what they use all the
# same: the preset dev-clang compiles them without.
function(rushlight_precompile_headers target)
  target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <cstdint> <cstring> <functional>
    <limits> <map> <memory> <optional> <span> <string> <string_view> <unordered_map> <unordered_set> <utility> <variant> <vector>)
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
  rushlight_precompile_headers(${target})
  install(TARGETS ${target} EXPORT rushlight_targets
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rushlight)
endfunction()

# A program's loader looks up a thousand names of a shared C++ runtime, half a millisecond of its start. Where
# our libraries are static the runtime may be too, if the toolchain has it; with shared ones there would be two.
# Builds for debugging and with sanitizers keep the usual one.
function(rushlight_link_for_fast_start target)
  if(BUILD_SHARED_LIBS)
    return()
  endif()
  include(CheckLinkerFlag)
  check_linker_flag(CXX "-static-libstdc++;-static-libgcc" RUSHLIGHT_STATIC_CXX_RUNTIME)
  if(RUSHLIGHT_STATIC_CXX_RUNTIME)
    target_link_options(${target} PRIVATE
      $<$<CONFIG:Release,MinSizeRel>:-static-libstdc++> $<$<CONFIG:Release,MinSizeRel>:-static-libgcc>)
  endif()
endfunction()
