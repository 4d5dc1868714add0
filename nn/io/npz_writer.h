#pragma once

#include <nn/io/output_file.h>
#include <nn/io/saved_tensors.h>

namespace nn::io {

// An archive as numpy.savez writes it: an array in the format of NumPy for each tensor, stored. Throws
// Error, with advice, for element types that NumPy has not.
void write_npz(OutputFile& file, const SavedTensors& tensors);

}  // namespace nn::io
