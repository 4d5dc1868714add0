#pragma once

#include <nn/io/output_file.h>
#include <nn/io/saved_tensors.h>

namespace nn::io {

// A safetensors file as the library's save_file(tensors, path, {"format": "pt"}) writes it, to the byte:
// widest element types first, then by name; the header padded with blanks to 8 bytes.
// https://github.com/huggingface/safetensors
void write_safetensors(OutputFile& file, const SavedTensors& tensors);

}  // namespace nn::io
