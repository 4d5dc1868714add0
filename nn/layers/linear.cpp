#include <nn/kernels/dot_products.h>
#include <nn/kernels/packed_linear.h>
#include <nn/layers/linear.h>

namespace nn {

Linear::Linear(const Options& options) : options_(options) {
  const Options& o = options_;
  if (o.in_features == 0 && o.out_features == 0) {
    fail("Linear: in_features and out_features must be given");
  }
  weight = Parameter(Shape{o.out_features, o.in_features});
  if (o.bias) bias = Parameter(Shape{o.out_features});
}

Shape Linear::output_shape(const Shape& in) const {
  const Options& o = options_;
  if (in.rank() == 0) {
    fail("both arguments to linear need to be at least 1D, but they are 0D and 2D");
  }
  const std::size_t last = in.rank() - 1;
  if (in[last] != o.in_features) {
    fail(o.bias ? "addmm" : "mm", ": mat1 and mat2 shapes cannot be multiplied (",
         in.numel(0, last), "x", in[last], " and ", o.in_features, "x", o.out_features, ")");
  }
  return in.with(last, o.out_features);
}

void Linear::forward(ConstTensorView x, TensorView y, Context& context) const {
  const Options& o = options_;
  const std::int64_t rows = x.shape().numel(0, x.shape().rank() - 1);
  const float* const shift = o.bias ? bias.f32().data() : nullptr;
  // [rows, in] x [out, in]ᵀ -> [rows, out]
  if (packed_) {
    const auto clamp = kernels::clamp_of(activation);
    const std::int64_t parts = context.threads() == 1 ? 1 : packed_->parts(rows, context.threads());
    context.share(parts, [&](std::int64_t part, Context&) {
      packed_->run(rows, x.f32().data(), {shift, clamp.value_or(kernels::Clamp{})}, {part, parts},
                   y.f32().data());
    });
    if (clamp) return;
  } else {
    kernels::dot_products(rows, o.out_features, o.in_features, x.f32().data(), weight.f32().data(),
                          shift, y.f32().data());
  }
  kernels::activate(activation, y.f32(), y.f32());
}

void Linear::pack(const Shape&, const PackOptions& pack) {
  const kernels::LinearShape shape{options_.in_features, options_.out_features};
  packed_ = shape.in_features == 0 || shape.out_features == 0
                ? nullptr
                : std::make_shared<const kernels::PackedLinear>(shape, weight.f32(), pack.weights);
}

std::int64_t Linear::multiply_adds(const Shape& in) const {
  return Shape{output_shape(in).numel(), options_.in_features}.numel();
}

std::string Linear::kernel() const { return packed_ ? packed_->name() : "dot products"; }

std::vector<NamedParameter> Linear::parameters() {
  std::vector<NamedParameter> result{{"weight", weight}};
  if (options_.bias) result.push_back({"bias", bias});
  return result;
}

std::string Linear::extra_repr() const {
  return concat("in_features=", options_.in_features, ", out_features=", options_.out_features,
                ", bias=", options_.bias ? "True" : "False");
}

}  // namespace nn
