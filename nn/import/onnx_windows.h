#pragma once

#include <vector>

#include <nn/import/onnx_step.h>

namespace nn {

// The windows of an ONNX convolution or pool: a number for each of its dimensions.
struct OnnxWindows {
  std::vector<std::int64_t> kernel, stride, dilation;
  // Padding, known unless it depends on the input's sizes.
  std::vector<std::int64_t> before, behind;
  bool depends_on_sizes = false;  // auto_pad SAME with a stride above 1
  bool same_upper = true;         // an odd cell of it goes behind

  std::size_t rank() const { return kernel.size(); }
  bool even() const { return !depends_on_sizes && before == behind; }
  // The same with the padding for an input [N, C, *].
  OnnxWindows resolved(std::span<const std::int64_t> sizes) const;
  // As Pad takes it, from the last dimension on.
  std::vector<std::int64_t> pad() const;
};

// Throws Error for attributes that no ONNX operator has so, whatever the input.
OnnxWindows windows_of(const OnnxStep& step, std::vector<std::int64_t> kernel);
// NOTSET, VALID, SAME_UPPER or SAME_LOWER.
std::string auto_pad_of(const OnnxStep& step);
// x with the padding of the windows around it, of `value`.
Operand padded(OnnxStep& step, const Operand& x, const OnnxWindows& windows, double value);
// The convolution of the node's attributes, of pictures x; the weight has to be known.
Operand convolved_pictures(OnnxStep& step, const Operand& x, const Operand& weight,
                           const std::shared_ptr<const Tensor>& bias);

}  // namespace nn
