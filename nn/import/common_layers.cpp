#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/layers/activations.h>
#include <nn/layers/add.h>
#include <nn/layers/batch_norm.h>
#include <nn/layers/binary.h>
#include <nn/layers/linear.h>
#include <nn/layers/mul.h>
#include <nn/layers/transpose.h>

namespace nn {

DType computed_as(DType dtype) {
  if (dtype == DType::boolean) return dtype;
  return is_floating_point(dtype) ? DType::float32 : DType::int64;
}

Values as_computed(const Values& values) {
  const DType dtype = computed_as(values->dtype());
  if (values->dtype() == dtype) return values;
  return std::make_shared<const Tensor>(to(*values, dtype));
}

Module conv2d_of(const Values& weight, const Values& bias, const ConvArguments& arguments) {
  const Shape& shape = weight->shape();
  if (shape.rank() != 4) {
    fail("the weight is ", shape, ", expected [out, in / groups, height, width]");
  }
  const std::int64_t groups = arguments.groups;
  if (groups < 1) fail("non-positive groups is not supported, got ", groups);
  const auto in_channels = checked_multiply(shape[1], groups);
  if (!in_channels) fail("the weight is ", shape, ", too large for ", groups, " groups");
  Conv2d layer({.in_channels = *in_channels,
                .out_channels = shape[0],
                .kernel_size = {shape[2], shape[3]},
                .stride = arguments.stride,
                .padding = arguments.padding,
                .dilation = arguments.dilation,
                .groups = groups,
                .bias = bias != nullptr});
  layer.weight.assign(weight);
  if (bias) layer.bias.assign(bias);
  return layer;
}

Module linear_of(const Values& weight, const Values& bias) {
  const Shape& shape = weight->shape();
  if (shape.rank() != 2) fail("the weight is ", shape, ", expected [out, in]");
  Linear layer({.in_features = shape[1], .out_features = shape[0], .bias = bias != nullptr});
  layer.weight.assign(weight);
  if (bias) layer.bias.assign(bias);
  return layer;
}

Module batch_norm_of(const Values& weight, const Values& bias, const Values& mean,
                     const Values& variance, double eps) {
  BatchNormAnyRank layer({.num_features = mean->numel(),
                          .eps = eps,
                          .affine = weight != nullptr,
                          .bias = bias != nullptr});
  if (weight) layer.weight.assign(weight);
  if (bias) layer.bias.assign(bias);
  layer.running_mean.assign(mean);
  layer.running_var.assign(variance);
  return layer;
}

Module add_of(DType dtype) {
  if (dtype == DType::float32) return Add{};
  return Binary(Binary::Op::add);
}

Module mul_of(DType dtype) {
  if (dtype == DType::float32) return Mul{};
  return Binary(Binary::Op::mul);
}

Module saturation_of(DType float8) {
  double most = 448;  // float8_e4m3fn
  if (float8 == DType::float8_e8m0fnu) fail("numbers cannot be cast to ", float8);
  if (float8 == DType::float8_e5m2 || float8 == DType::float8_e5m2fnuz) most = 57344;
  if (float8 == DType::float8_e4m3fnuz) most = 240;
  return Clamp({.min = -most, .max = most});
}

Values transposed(const Values& matrix) {
  return std::make_shared<const Tensor>(nn::apply(Transpose({.dim0 = 0, .dim1 = 1}), {*matrix}));
}

Operand constant_of(Tensor value) { return {std::make_shared<const Tensor>(std::move(value)), {}}; }

Operand number_of(double value) {
  return constant_of(Tensor::from({static_cast<float>(value)}, {}));
}

Operand integer_of(std::int64_t value) {
  return constant_of(Tensor::from(std::span<const std::int64_t>(&value, 1), {}));
}

Operand integers_of(const std::vector<std::int64_t>& values) {
  return constant_of(Tensor::from(std::span<const std::int64_t>(values),
                                  {static_cast<std::int64_t>(values.size())}));
}

std::string_view layer_of_parameter(std::string_view name) {
  for (const std::string_view parameter : {".weight", ".bias", ".in_proj_weight"}) {
    if (name.ends_with(parameter)) return name.substr(0, name.size() - parameter.size());
  }
  return {};
}

}  // namespace nn
