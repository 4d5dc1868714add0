include(CMakePackageConfigHelpers)

# find_package(rushlight) after `cmake --install`.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rushlight)
if(BUILD_SHARED_LIBS)
  set(BUILD_SHARED_LIBS ON)
else()
  set(BUILD_SHARED_LIBS OFF)
endif()
install(EXPORT rushlight_targets NAMESPACE rushlight:: FILE rushlightTargets.cmake
  DESTINATION ${package_dir})
configure_package_config_file(cmake/rushlightConfig.cmake.in
  ${PROJECT_BINARY_DIR}/rushlightConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/rushlightConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/rushlightConfig.cmake
  ${PROJECT_BINARY_DIR}/rushlightConfigVersion.cmake
  DESTINATION ${package_dir})
install(FILES weights/mnist_convnet.pt weights/README.md
  DESTINATION ${CMAKE_INSTALL_DATADIR}/rushlight/weights)
