#pragma once

#include <filesystem>

#include <nn/tensor.h>

namespace nn {

// Reads a file of the MNIST family (idx format), plain or compressed with gzip: uint8 images
// [N, rows, columns] or uint8 labels [N]. Content decides which, not the file's name. N may be 0.
//
// Throws Error (with the file's name) unless the file holds exactly what its header says; memory is
// taken only for data that is there.
//   00 00 08 ndim, then ndim sizes as big-endian int32, then the bytes in row-major order
Tensor read_idx(const std::filesystem::path& path);

}  // namespace nn
