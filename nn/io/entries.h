#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/state_dict.h>

namespace nn::io {

// What holds for the tensors of every format.
inline constexpr std::size_t most_tensors = 65536;

// Throws Error when there are `count` tensors and that is more than most_tensors.
void check_tensor_count(std::size_t count);
// Throws Error when the name is longer than 1024 bytes or contains NUL.
void check_tensor_name(std::string_view name);
// Throws Error when two tensors have one name.
void check_unique_names(const std::vector<StateDict::Entry>& entries);

// Why a tensor of that element type is only listed; empty when it is one that can be read.
std::string unreadable_dtype(std::string_view dtype);

}  // namespace nn::io
