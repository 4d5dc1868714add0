#include <nn/layers/prelu.h>

namespace nn {

PReLU::PReLU(const Options& options) : options_(options) {
  if (options_.num_parameters <= 0) {
    fail("PReLU: num_parameters must be positive, got ", options_.num_parameters);
  }
  weight = Parameter({options_.num_parameters});
}

Shape PReLU::output_shape(const Shape& in) const {
  const std::int64_t channels = in.rank() >= 2 ? in[1] : 1;
  if (options_.num_parameters != 1 && options_.num_parameters != channels) {
    fail("Mismatch of parameter numbers and input channel size. Found parameter numbers = ",
         options_.num_parameters, " and channel size = ", channels, ".");
  }
  return in;
}

void PReLU::forward(ConstTensorView x, TensorView y) const {
  const std::span<const float> slopes = weight.f32();
  const std::span<const float> in = x.f32();
  const std::span<float> out = y.f32();
  const Shape& shape = x.shape();
  // Runs of values with one slope: planes, or everything.
  const auto run =
      slopes.size() == 1 ? in.size() : static_cast<std::size_t>(shape.numel(2, shape.rank()));
  for (std::size_t begin = 0, c = 0; begin < in.size(); begin += run) {
    const float slope = slopes[c];
    for (std::size_t i = begin; i < begin + run; ++i) {
      out[i] = in[i] > 0 ? in[i] : slope * in[i];
    }
    c = c + 1 == slopes.size() ? 0 : c + 1;
  }
}

std::vector<NamedParameter> PReLU::parameters() { return {{"weight", weight}}; }

std::string PReLU::extra_repr() const { return concat("num_parameters=", options_.num_parameters); }

}  // namespace nn
