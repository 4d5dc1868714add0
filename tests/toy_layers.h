#pragma once

#include <cmath>

#include <nn/nn.h>

// Layers as a user writes them, for the tests of graph and session: small integers keep sums exact.
namespace toy {

// y = x W^T + b over the last dimension.
struct Affine {
  explicit Affine(std::int64_t in, std::int64_t out) : weight({out, in}), bias({out}) {}
  std::string_view kind() const { return "Affine"; }
  nn::Shape output_shape(const nn::Shape& in) const {
    if (in.rank() < 1 || in[in.rank() - 1] != weight.shape()[1]) {
      nn::fail("expected input [*, ", weight.shape()[1], "], got ", in);
    }
    return in.with(in.rank() - 1, weight.shape()[0]);
  }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    const auto in = static_cast<std::size_t>(weight.shape()[1]);
    const auto out = static_cast<std::size_t>(weight.shape()[0]);
    for (std::size_t row = 0; row * out < y.f32().size(); ++row) {
      for (std::size_t o = 0; o < out; ++o) {
        float sum = bias.f32()[o];
        for (std::size_t i = 0; i < in; ++i)
          sum += weight.f32()[o * in + i] * x.f32()[row * in + i];
        y.f32()[row * out + o] = sum;
      }
    }
  }
  std::vector<nn::NamedParameter> parameters() { return {{"weight", weight}, {"bias", bias}}; }
  bool rows_independent(const nn::Shape& in) const { return in.rank() >= 2; }

  nn::Parameter weight;
  nn::Parameter bias;
};

// y = max(x, 0), in place where the session likes.
struct Clip {
  std::string_view kind() const { return "Clip"; }
  nn::Shape output_shape(const nn::Shape& in) const { return in; }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    for (std::size_t i = 0; i < y.f32().size(); ++i) y.f32()[i] = std::max(x.f32()[i], 0.0F);
  }
  bool rows_independent(const nn::Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
};

// y = a + b of equal shapes.
struct Sum {
  std::string_view kind() const { return "Sum"; }
  std::vector<nn::TensorSpec> outputs(std::span<const nn::TensorSpec> in) const {
    if (in.size() != 2) nn::fail("expected 2 inputs, got ", in.size());
    if (in[0] != in[1]) nn::fail("expected equal inputs, got ", in[0], " and ", in[1]);
    return {in[0]};
  }
  void forward(std::span<const nn::ConstTensorView> x, std::span<const nn::TensorView> y,
               nn::Context&) const {
    for (std::size_t i = 0; i < y[0].f32().size(); ++i)
      y[0].f32()[i] = x[0].f32()[i] + x[1].f32()[i];
  }
  bool rows_independent(std::span<const nn::TensorSpec>, std::span<const bool> batched) const {
    return batched[0] && batched[1];
  }
  bool in_place() const { return true; }
};

// y[i, j] = x[i, j] − max over i: looks along dim 0 and says nothing about rows.
struct BelowColumnMax {
  std::string_view kind() const { return "BelowColumnMax"; }
  nn::Shape output_shape(const nn::Shape& in) const { return in; }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    const auto rows = static_cast<std::size_t>(x.shape()[0]);
    const std::size_t columns = rows == 0 ? 0 : x.f32().size() / rows;
    for (std::size_t j = 0; j < columns; ++j) {
      float largest = x.f32()[j];
      for (std::size_t i = 1; i < rows; ++i) largest = std::max(largest, x.f32()[i * columns + j]);
      for (std::size_t i = 0; i < rows; ++i)
        y.f32()[i * columns + j] = x.f32()[i * columns + j] - largest;
    }
  }
};

// Two outputs, a weight and scratch: the rows' sums of x·w and the rows' largest of x·w, both [N,
// 1].
struct WeightedSumAndMax {
  explicit WeightedSumAndMax(std::int64_t size) : weight({size}) {}
  std::string_view kind() const { return "WeightedSumAndMax"; }
  std::size_t output_count() const { return 2; }
  std::vector<nn::TensorSpec> outputs(std::span<const nn::TensorSpec> in) const {
    if (in.size() != 1 || in[0].shape.rank() != 2) nn::fail("expected one input [N, C]");
    const nn::TensorSpec column{{in[0].shape[0], 1}, nn::DType::float32};
    return {column, column};
  }
  std::size_t scratch_bytes(std::span<const nn::TensorSpec>) const { return nbytes(weight.spec()); }
  void forward(std::span<const nn::ConstTensorView> x, std::span<const nn::TensorView> y,
               nn::Context& context) const {
    const auto size = weight.f32().size();
    const auto products = context.scratch_floats(size);
    for (std::size_t row = 0; row < y[0].f32().size(); ++row) {
      for (std::size_t i = 0; i < size; ++i)
        products[i] = weight.f32()[i] * x[0].f32()[row * size + i];
      y[0].f32()[row] = 0;
      y[1].f32()[row] = products[0];
      for (const float product : products) {
        y[0].f32()[row] += product;
        y[1].f32()[row] = std::max(y[1].f32()[row], product);
      }
    }
  }
  std::vector<nn::NamedParameter> parameters() { return {{"weight", weight}}; }
  bool rows_independent(std::span<const nn::TensorSpec>) const { return true; }

  nn::Parameter weight;
};

// Fails when the first value is negative, as an embedding fails on a bad index.
struct RefusesNegative {
  std::string_view kind() const { return "RefusesNegative"; }
  nn::Shape output_shape(const nn::Shape& in) const { return in; }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    if (!x.f32().empty() && x.f32()[0] < 0) nn::fail("index out of range in self");
    for (std::size_t i = 0; i < y.f32().size(); ++i) y.f32()[i] = x.f32()[i];
  }
  bool rows_independent(const nn::Shape&) const { return true; }
};

// Small integers from a formula, so that every sum of a test is exact in float32.
inline nn::Tensor integers(const nn::Shape& shape, int seed = 1) {
  nn::Tensor tensor(shape);
  int value = seed;
  for (float& element : tensor.f32())
    element = static_cast<float>((value = (value * 37 + 11) % 17) - 8);
  return tensor;
}

inline Affine affine(std::int64_t in, std::int64_t out, int seed = 3) {
  Affine layer(in, out);
  layer.weight = integers({out, in}, seed);
  layer.bias = integers({out}, seed + 1);
  return layer;
}

}  // namespace toy
