#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// The matrix product of two inputs (torch.matmul): the last two dimensions are the matrices', those
// before repeat as in Add; a vector is a row on the left, a column on the right, and its dimension
// goes. Weights that are constant are better a Linear.
//   float32 [N, 12, 197, 64], [N, 12, 64, 197] -> [N, 12, 197, 197]
class MatMul {
 public:
  std::string_view kind() const { return "MatMul"; }
  // Throws Error: "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)", "both arguments to
  // matmul need to be at least 1D, but they are 0D and 2D".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
               Context& context) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  std::int64_t multiply_adds(std::span<const TensorSpec> in) const;
};

}  // namespace nn
