#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>
#include <nn/layers/int_pair.h>

namespace nn {

// A transposed 2-d convolution: each pixel adds its multiple of the kernel to the output
// (torch.nn.ConvTranspose2d).
//
//   y[n, o, ih·stride − padding + i·dilation, …] += weight[c, o, i, j] · x[n, c, ih, iw],  from bias[o]
//
//   [N, in_channels, H, W] -> [N, out_channels, H', W'],  or the same without N
//   H' = (H − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1,  W' alike
//
// Parameters: weight [in_channels, out_channels / groups, kernel_h, kernel_w], bias [out_channels].
// An image's bits do not depend on its batch.
//
//   nn::ConvTranspose2d up({.in_channels = 64, .out_channels = 32, .kernel_size = 2, .stride = 2});
class ConvTranspose2d {
 public:
  struct Options {
    std::int64_t in_channels;
    std::int64_t out_channels;
    IntPair kernel_size;
    IntPair stride = 1;
    IntPair padding = 0;
    IntPair output_padding = 0;  // rows and columns more at the bottom and to the right
    std::int64_t groups = 1;
    bool bias = true;
    IntPair dilation = 1;
  };

  // Throws Error where PyTorch does.
  explicit ConvTranspose2d(const Options& options);

  std::string_view kind() const { return "ConvTranspose2d"; }
  // Throws Error: "Given transposed=1, weight of size [2, 3, 2, 2], expected input[1, 4, 5, 5] to
  // have 2 channels, but got 4 channels instead".
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y, Context& context) const;
  std::size_t scratch_bytes(const Shape& in) const;
  bool rows_independent(const Shape& in) const { return in.rank() == 4; }
  std::int64_t multiply_adds(const Shape& in) const;
  std::vector<NamedParameter> parameters();
  // "64, 32, kernel_size=(2, 2), stride=(2, 2)"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  Parameter weight;
  Parameter bias;

 private:
  // Rows of the product for one group: out_channels / groups · kernel_h · kernel_w.
  std::int64_t depth() const;
  // How many rows of the input are multiplied at once.
  std::int64_t rows_per_step(const Shape& in) const;

  Options options_;
};

}  // namespace nn
