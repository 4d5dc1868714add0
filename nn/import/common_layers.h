#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <nn/import/graph_builder.h>
#include <nn/layers/conv2d.h>

namespace nn {

// What the importers of all kinds of files make alike: layers that hold the file's values, and
// numbers as constants. Shapes in the layers' options come from the values. Errors name neither the
// operator nor its node.

// Values of a file. `bias` and the like may be null: there is none.
using Values = std::shared_ptr<const Tensor>;

// Layers and graphs know float32, int64 and bool; what a file has of other floats and integers is
// computed in these. A float8 or float64 becomes float32.
DType computed_as(DType dtype);
// The values in that element type: the tensor itself where it has it.
Values as_computed(const Values& values);

// What the weight of a convolution does not tell.
struct ConvArguments {
  IntPair stride = 1;
  Padding padding = 0;
  IntPair dilation = 1;
  std::int64_t groups = 1;
};
// Conv2d of weight [out, in / groups, kernel_h, kernel_w].
Module conv2d_of(const Values& weight, const Values& bias, const ConvArguments& arguments);
// Linear of weight [out, in].
Module linear_of(const Values& weight, const Values& bias);
// BatchNorm of any rank with running mean and variance [channels].
Module batch_norm_of(const Values& weight, const Values& bias, const Values& mean,
                     const Values& variance, double eps);
// a + b and a b of one element type: the layers Add and Mul where passes know them, of float32.
Module add_of(DType dtype);
Module mul_of(DType dtype);
// [a, b] -> [b, a]
Values transposed(const Values& matrix);

// What keeps numbers within a float8 before they are cast to it, as ONNX does unless it is told not to.
// Throws Error for float8_e8m0fnu, which rounds otherwise there.
Module saturation_of(DType float8);

// Constants: a tensor; a float32 or int64 number, of rank 0; a list of int64.
Operand constant_of(Tensor value);
Operand number_of(double value);
Operand integer_of(std::int64_t value);
Operand integers_of(const std::vector<std::int64_t>& values);

// "layer1.0.conv1" of a parameter "layer1.0.conv1.weight": what PyTorch calls the layer. Empty for
// names that are not of a layer's parameter.
std::string_view layer_of_parameter(std::string_view name);

}  // namespace nn
