#pragma once

#include <cstdint>
#include <string_view>

#include <nn/io/torch_dtype.h>

namespace nn::io {

// The numbers of torch.export's schema, which are not those of PyTorch's C++. All throw Error for
// others.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/_export/serde/schema.py
const TorchDType& exported_dtype(std::uint64_t scalar_type);           // 7: float32
std::string_view exported_layout(std::uint64_t layout);                // 7: "strided"
std::string_view exported_memory_format(std::uint64_t memory_format);  // 2: "channels_last"
// "cpu", "cuda", …: where a tensor was; it is loaded into memory all the same.
void check_exported_device(std::string_view type);

}  // namespace nn::io
