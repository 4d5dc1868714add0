#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/int_pair.h>
#include <nn/tensor.h>

// The layers as plain functions, with the names, arguments and defaults of torch.nn.functional and
// torch. Each checks its arguments, throws Error as the layer of the same name does, and returns a
// new tensor. They take float32 and refuse other types by name; the softmaxes take every
// floating-point type.
//
//   Tensor p = nn::functional::softmax(x, /*dim=*/-1);
namespace nn::functional {

// e^x_i / Σ e^x_j along `dim`; without one along implicit_softmax_dim(rank). `dtype` is what the
// input is cast to first: float64 computes in double. float16 and bfloat16 are computed in float32
// and rounded. Throws Error: "\"softmax_lastdim_kernel_impl\" not implemented for 'Int'".
//
//   softmax(nn::tensor({1, 2, 3, 4}))   // tensor([0.0321, 0.0871, 0.2369, 0.6439])
Tensor softmax(ConstTensorView input, std::optional<std::int64_t> dim = std::nullopt,
               std::optional<DType> dtype = std::nullopt);
// x_i - log Σ e^x_j, likewise.
Tensor log_softmax(ConstTensorView input, std::optional<std::int64_t> dim = std::nullopt,
                   std::optional<DType> dtype = std::nullopt);

Tensor relu(ConstTensorView input);
Tensor leaky_relu(ConstTensorView input, double negative_slope = 0.01);
Tensor gelu(ConstTensorView input, const std::string& approximate = "none");
Tensor silu(ConstTensorView input);
Tensor elu(ConstTensorView input, double alpha = 1);
Tensor selu(ConstTensorView input);
Tensor celu(ConstTensorView input, double alpha = 1);
Tensor relu6(ConstTensorView input);
Tensor hardtanh(ConstTensorView input, double min_val = -1, double max_val = 1);
Tensor hardsigmoid(ConstTensorView input);
Tensor hardswish(ConstTensorView input);
Tensor softplus(ConstTensorView input, double beta = 1, double threshold = 20);
Tensor softsign(ConstTensorView input);
Tensor mish(ConstTensorView input);
Tensor logsigmoid(ConstTensorView input);
Tensor sigmoid(ConstTensorView input);
Tensor tanh(ConstTensorView input);

// [N, C, H, W] or [C, H, W]; without a stride the windows lie side by side.
//   max_pool2d(x, 2, 2)   // [1, 20, 24, 24] -> [1, 20, 12, 12]
Tensor max_pool2d(ConstTensorView input, IntPair kernel_size,
                  std::optional<IntPair> stride = std::nullopt, IntPair padding = 0,
                  IntPair dilation = 1, bool ceil_mode = false);
// max_pool2d(…, return_indices=True): int64 places ih * W + iw in each plane.
struct ValuesAndIndices {
  Tensor values;
  Tensor indices;
};
ValuesAndIndices max_pool2d_with_indices(ConstTensorView input, IntPair kernel_size,
                                         std::optional<IntPair> stride = std::nullopt,
                                         IntPair padding = 0, IntPair dilation = 1,
                                         bool ceil_mode = false);
Tensor avg_pool2d(ConstTensorView input, IntPair kernel_size,
                  std::optional<IntPair> stride = std::nullopt, IntPair padding = 0,
                  bool ceil_mode = false, bool count_include_pad = true,
                  std::optional<std::int64_t> divisor_override = std::nullopt);
Tensor adaptive_avg_pool2d(ConstTensorView input, AdaptiveAvgPool2d::OutputSize output_size);

// From dimension 0, as torch.flatten; the layer Flatten begins at 1.
Tensor flatten(ConstTensorView input, std::int64_t start_dim = 0, std::int64_t end_dim = -1);
Tensor reshape(ConstTensorView input, const std::vector<std::int64_t>& shape);
Tensor add(ConstTensorView input, ConstTensorView other, double alpha = 1);
Tensor mul(ConstTensorView input, ConstTensorView other);
Tensor cat(std::span<const ConstTensorView> tensors, std::int64_t dim = 0);
Tensor cat(std::initializer_list<ConstTensorView> tensors, std::int64_t dim = 0);
// The input: this library does not train, so `training` is false.
Tensor dropout(ConstTensorView input, double p = 0.5);

struct Conv2dOptions {
  IntPair stride = 1;
  Padding padding = 0;
  IntPair dilation = 1;
  std::int64_t groups = 1;
};
// weight [out_channels, in_channels / groups, kernel_h, kernel_w], bias [out_channels].
//   conv2d(x, weight, bias, {.stride = 2, .padding = 1})
Tensor conv2d(ConstTensorView input, ConstTensorView weight,
              std::optional<ConstTensorView> bias = std::nullopt,
              const Conv2dOptions& options = {});
// x Wᵀ + b: weight [out_features, in_features], bias [out_features].
Tensor linear(ConstTensorView input, ConstTensorView weight,
              std::optional<ConstTensorView> bias = std::nullopt);
// Of [N, C], [N, C, L] or [N, C, H, W] by running statistics [C] (PyTorch's training=False).
Tensor batch_norm(ConstTensorView input, ConstTensorView running_mean, ConstTensorView running_var,
                  std::optional<ConstTensorView> weight = std::nullopt,
                  std::optional<ConstTensorView> bias = std::nullopt, double eps = 1e-5);

}  // namespace nn::functional
