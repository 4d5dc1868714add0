#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/activation.cpp"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/activation.h>
#include <nn/kernels/clamp.h>
#include <nn/kernels/curves_inl.h>
#include <nn/kernels/gelu_inl.h>
#include <nn/kernels/sigmoid_inl.h>
#include <nn/kernels/simd_inl.h>
#include <nn/kernels/tanh_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// y[i] = f(x[i]), whole vectors to the end: the last one is padded, so that a value's bits do not
// depend on its place. y may be x.
template <class D, class F>
HWY_INLINE void map(D d, const float* x, std::size_t size, float* y, F f) {
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) hn::StoreU(f(hn::LoadU(d, x + i)), d, y + i);
  if (i == size) return;
  HWY_ALIGN float edge[hn::MaxLanes(d)] = {};
  std::copy_n(x + i, size - i, edge);
  hn::Store(f(hn::Load(d, edge)), d, edge);
  std::copy_n(edge, size - i, y + i);
}

// The same by way of doubles: as many floats as a vector has of those.
template <class F>
HWY_INLINE void map_double(const float* x, std::size_t size, float* y, F f) {
  using Doubles = hn::CappedTag<double, 8>;
  using Floats = hn::Rebind<float, Doubles>;
  map(Floats(), x, size, y, [f](hn::Vec<Floats> v) HWY_ATTR {
    return to_floats(Floats(), f(Doubles(), hn::PromoteTo(Doubles(), v)));
  });
}

// Chosen by the sign bit, so that -0 is scaled too.
HWY_INLINE hn::Vec<Wide> leaky_relu(hn::Vec<Wide> x, float slope) {
  return hn::IfNegativeThenElse(x, hn::Mul(x, hn::Set(wide, slope)), x);
}

// max(lower, x) and then min(upper, x), as torch.clamp.
HWY_INLINE hn::Vec<Wide> hardtanh(hn::Vec<Wide> x, float lower, float upper) {
  return clamped(wide, x, {lower, upper});
}

// min(max(x + 3, 0), 6), six times hardsigmoid.
HWY_INLINE hn::Vec<Wide> six_hardsigmoid(hn::Vec<Wide> x) {
  return hardtanh(hn::Add(x, hn::Set(wide, 3.0F)), 0, 6);
}

// Those with arguments.
void run_curve(Activation activation, const float* x, std::size_t size, float* y) {
  using V = hn::Vec<Wide>;
  const auto [a, b, c] = activation.arguments;
  const auto lower = static_cast<float>(a);
  const auto upper = static_cast<float>(b);
  if (activation.kind == ActivationKind::elu) {
    return map_double(x, size, y, [alpha = a, scale = b, input_scale = c](auto d, auto v) HWY_ATTR {
      return elu(d, v, alpha, scale, input_scale);
    });
  }
  if (activation.kind == ActivationKind::softplus) {
    return map_double(x, size, y, [beta = a, threshold = b](auto d, auto v) HWY_ATTR {
      return softplus(d, v, beta, threshold);
    });
  }
  if (std::isnan(lower) || std::isnan(upper)) {
    std::fill_n(y, size, std::isnan(lower) ? lower : upper);
    return;
  }
  return map(wide, x, size, y, [lower, upper](V v) HWY_ATTR { return hardtanh(v, lower, upper); });
}

void run(Activation activation, const float* x, std::size_t size, float* y) {
  using V = hn::Vec<Wide>;
  switch (activation.kind) {
    case ActivationKind::none:
      if (x != y) std::copy_n(x, size, y);
      return;
    case ActivationKind::relu:
      return map(wide, x, size, y, [](V v) HWY_ATTR { return relu(wide, v); });
    case ActivationKind::leaky_relu:
      return map(wide, x, size, y, [slope = activation.negative_slope](V v) HWY_ATTR {
        return leaky_relu(v, slope);
      });
    case ActivationKind::sigmoid:
      return map(wide, x, size, y, [](V v) HWY_ATTR { return sigmoid(wide, v); });
    case ActivationKind::tanh:
      return map(wide, x, size, y, [](V v) HWY_ATTR { return tanh(wide, v); });
    case ActivationKind::silu:
      return map(wide, x, size, y, [](V v) HWY_ATTR { return silu(wide, v); });
    case ActivationKind::gelu:
      return map_double(x, size, y, [](auto d, auto v) HWY_ATTR { return gelu(d, v); });
    case ActivationKind::gelu_tanh:
      return map_double(x, size, y, [](auto d, auto v) HWY_ATTR { return gelu_tanh(d, v); });
    case ActivationKind::elu:
    case ActivationKind::hardtanh:
    case ActivationKind::softplus:
      return run_curve(activation, x, size, y);
    case ActivationKind::hardsigmoid:
      return map(wide, x, size, y,
                 [](V v) HWY_ATTR { return hn::Div(six_hardsigmoid(v), hn::Set(wide, 6.0F)); });
    case ActivationKind::hardswish:  // in PyTorch's order, whose product may overflow
      return map(wide, x, size, y, [](V v) HWY_ATTR {
        return hn::Div(hn::Mul(v, six_hardsigmoid(v)), hn::Set(wide, 6.0F));
      });
    case ActivationKind::softsign:
      return map(wide, x, size, y,
                 [](V v) HWY_ATTR { return hn::Div(v, hn::Add(hn::Set(wide, 1.0F), hn::Abs(v))); });
    case ActivationKind::mish:
      return map_double(x, size, y, [](auto d, auto v) HWY_ATTR { return mish(d, v); });
    case ActivationKind::log_sigmoid:
      return map_double(x, size, y, [](auto d, auto v) HWY_ATTR { return log_sigmoid(d, v); });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

std::optional<Clamp> clamp_of(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::none:
      return Clamp{};
    case ActivationKind::relu:
      return relu_clamp;
    case ActivationKind::hardtanh: {
      const auto lower = static_cast<float>(activation.arguments[0]);
      const auto upper = static_cast<float>(activation.arguments[1]);
      if (std::isnan(lower) || std::isnan(upper)) return std::nullopt;
      return Clamp{lower, upper};
    }
    default:
      return std::nullopt;
  }
}

void activate(Activation activation, std::span<const float> x, std::span<float> y) {
  assert(x.size() == y.size());
  RUSHLIGHT_DISPATCH(run)(activation, x.data(), x.size(), y.data());
}

}  // namespace nn::kernels
#endif
