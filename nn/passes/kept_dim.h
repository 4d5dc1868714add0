#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <nn/module.h>

namespace nn {

// The dimension of a layer's outputs that dimension `dim` of input `input` becomes, where the layer
// treats all indices of it alike and each alone: Linear any but the last, Permute all. Nothing where
// it does not, or where the layer is not known here.
//   REQUIRES: `out` is what the layer makes of `in`.
std::optional<std::size_t> kept_dim(const Module& layer, std::span<const TensorSpec> in,
                                    const TensorSpec& out, std::size_t input, std::size_t dim);

}  // namespace nn
