# OpenBLAS with its C interface: OpenBLAS_INCLUDE_DIR and OpenBLAS_LIBRARY, the shared library that gemm_blas.cpp
# opens.
#
# The serial flavour is preferred where a distribution offers several (Debian's libopenblas-serial-dev): nn runs
# one product per thread. One with threads of its own is used only where OPENBLAS_NUM_THREADS=1 or the program
# made it serial before the first product.

find_path(OpenBLAS_INCLUDE_DIR cblas.h
  PATH_SUFFIXES
    ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial openblas-serial
    ${CMAKE_LIBRARY_ARCHITECTURE}/openblas openblas ${CMAKE_LIBRARY_ARCHITECTURE})
find_library(OpenBLAS_LIBRARY
  NAMES libopenblas.so.0 openblas_serial openblas-serial openblas
  NAMES_PER_DIR
  PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial openblas-serial openblas)
mark_as_advanced(OpenBLAS_INCLUDE_DIR OpenBLAS_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenBLAS REQUIRED_VARS OpenBLAS_LIBRARY OpenBLAS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install OpenBLAS (Debian: libopenblas-serial-dev), or configure with -DRUSHLIGHT_BLAS=OFF to use the project's own loops.")
