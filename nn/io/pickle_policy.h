#pragma once

#include <string_view>

namespace nn::io {

// What honest checkpoints call beside the functions of tensors: numbers, arrays and generators of
// NumPy, paths, dates, configurations. Here a call makes a placeholder, which is shown and never
// becomes a tensor; whatever is neither listed here nor known refuses the file when it is called,
// unless the user asks to skip it.
bool is_harmless(std::string_view module, std::string_view name);

// Names through which unpickling runs code, opens files or reaches the network. They refuse the
// file wherever they stand, also where nothing calls them.
bool is_dangerous(std::string_view module, std::string_view name);

}  // namespace nn::io
