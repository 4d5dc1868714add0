#pragma once

#include <string>

namespace nn {

// Values as Python prints them, for `extra_repr`: "1e-05", "0.0001", "1.0"; "True", "False".
std::string repr(double value);
inline std::string repr(bool value) { return value ? "True" : "False"; }

}  // namespace nn
