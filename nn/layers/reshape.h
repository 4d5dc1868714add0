#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// The same values in another shape (torch.Tensor.view and reshape). One size may be -1: what is
// left for it.
//   any shape -> a shape with as many elements
//
//   nn::apply(Reshape({.shape = {-1, 800}}), x)   // [2, 50, 4, 4] -> [2, 800]
class Reshape {
 public:
  struct Options {
    std::vector<std::int64_t> shape;
  };

  // Throws Error: "only one dimension can be inferred", "invalid shape dimension -2 at index 0 of
  // shape [-2, 3]".
  explicit Reshape(const Options& options);

  std::string_view kind() const { return "Reshape"; }
  // Throws Error: "shape '[4, 2]' is invalid for input of size 6", "cannot reshape tensor of 0
  // elements into shape [0, -1] because the unspecified dimension size -1 can be any value and is
  // ambiguous".
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  // When the first size is -1 and comes out as the input's, so that each row keeps its elements. A
  // first size that is spelled out serves that number of rows only.
  bool rows_independent(const Shape& in) const;
  bool in_place() const { return true; }
  bool keeps_bytes() const { return true; }
  // "-1, 800"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
