#pragma once

#include <memory>

#include <nn/io/container.h>

namespace nn::io {

// A safetensors file: 8 bytes n, a JSON header of n bytes, the tensors without a gap. Opening reads
// the header and checks all of it. The format has no checksums.
// https://github.com/huggingface/safetensors/blob/main/README.md#format
std::shared_ptr<const Container> open_safetensors(std::shared_ptr<const ByteSource> source);

}  // namespace nn::io
