#pragma once

// Included first by every kernel that is written with Google Highway: the instruction sets that it is
// compiled for. One of them is chosen at run time. Left out are SSSE3 (every processor since 2008 has SSE4
// too) and the newest AVX-512 extensions, which add nothing to float kernels.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
