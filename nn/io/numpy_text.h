#pragma once

#include <optional>
#include <string>

#include <nn/io/pickle.h>

namespace nn::io {

// A pickled scalar or array of NumPy in a few words: "0.93", "array of float64 [3]: 1, 2, 3".
// Nothing when the placeholder is neither. Values of types other than numbers are not shown.
// https://numpy.org/doc/stable/reference/generated/numpy.ndarray.__reduce__.html
std::optional<std::string> numpy_text(const Pickle& pickle, Pickle::Ref object);

}  // namespace nn::io
