# OpenBLAS with its C interface, as the target OpenBLAS::OpenBLAS.
#
# The serial flavour is preferred where a distribution offers several (Debian's
# libopenblas-serial-dev): nn runs one product per thread, and a BLAS with threads of its own would
# start more of them in each. Any other flavour is taken too; a program then sets
# OPENBLAS_NUM_THREADS=1 or calls openblas_set_num_threads(1) once.

find_path(OpenBLAS_INCLUDE_DIR cblas.h
  PATH_SUFFIXES
    ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial openblas-serial
    ${CMAKE_LIBRARY_ARCHITECTURE}/openblas openblas ${CMAKE_LIBRARY_ARCHITECTURE})
find_library(OpenBLAS_LIBRARY
  NAMES openblas_serial openblas-serial openblas
  NAMES_PER_DIR
  PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial openblas-serial openblas)
mark_as_advanced(OpenBLAS_INCLUDE_DIR OpenBLAS_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenBLAS REQUIRED_VARS OpenBLAS_LIBRARY OpenBLAS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install OpenBLAS (Debian: libopenblas-serial-dev), or configure with -DRUSHLIGHT_BLAS=OFF to use the project's own loops.")

if(OpenBLAS_FOUND AND NOT TARGET OpenBLAS::OpenBLAS)
  add_library(OpenBLAS::OpenBLAS UNKNOWN IMPORTED)
  set_target_properties(OpenBLAS::OpenBLAS PROPERTIES
    IMPORTED_LOCATION "${OpenBLAS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${OpenBLAS_INCLUDE_DIR}")
endif()
