#pragma once

#include <cstddef>

namespace nn {

// What one core can do at most, measured: the scale for a layer's speed. Each call takes about 20
// ms and returns the best of many short measurements, which a busy machine disturbs least.

// Floating-point operations a second in float32 multiply-adds, two for each: nothing but
// independent ones in the widest vectors that the kernels use.
double measure_peak_flops();

// Bytes a second in reading `bytes` bytes (at least 4 KiB) from first to last, again and again:
// from the cache level that holds as many, or from memory.
double measure_read_bandwidth(std::size_t bytes);

}  // namespace nn
