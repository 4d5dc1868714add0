#pragma once

#include <nn/layer.h>

namespace nn {

// Dropout and Dropout2d (torch.nn.Dropout, torch.nn.Dropout2d): at inference y = x, of any shape.
// They are there so that a network lists the layers it was trained with; a session removes them.
class Dropout {
 public:
  struct Options {
    double p = 0.5;        // the probability of training; in [0, 1]
    bool inplace = false;  // PyTorch's argument, for printing
  };

  Dropout() : Dropout(Options{}) {}
  // Throws Error: "dropout probability has to be between 0 and 1, but got 1.5".
  explicit Dropout(const Options& options);

  std::string_view kind() const { return "Dropout"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  bool keeps_bytes() const { return true; }
  // "p=0.5, inplace=False"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

class Dropout2d : public Dropout {
 public:
  using Dropout::Dropout;
  std::string_view kind() const { return "Dropout2d"; }
};

}  // namespace nn
