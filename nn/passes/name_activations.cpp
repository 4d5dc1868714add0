#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include <nn/layers/activations.h>
#include <nn/layers/binary.h>
#include <nn/layers/gelu.h>
#include <nn/layers/mul.h>
#include <nn/layers/relu.h>
#include <nn/layers/silu.h>
#include <nn/layers/unary.h>
#include <nn/passes/activation_of.h>
#include <nn/passes/name_activations.h>
#include <nn/passes/number_of.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

using kernels::ActivationKind;

// Constants come out of files as floats, some written with six digits.
bool near(double a, double b) { return std::abs(a - b) <= 2e-5 * std::abs(b); }

class Search {
 public:
  Search(const Links& links, std::span<const TensorSpec> specs) : links_(links), specs_(specs) {}

  std::optional<Replacement> at(const Node& node) const {
    if (node.outputs.size() != 1) return std::nullopt;
    if (auto found = bounded_at(node)) return found;
    const Product product = product_of(links_, node.outputs[0], specs_);
    if (product.factors.size() == 1) {
      const auto bounds = bounds_of(product.factors[0]);
      if (near(product.scale, 1.0 / 6) && bounds && is_shifted_relu6(*bounds)) {
        return Replacement{Hardsigmoid{}, with_number(bounds->x)->x};
      }
    } else if (product.factors.size() == 2) {
      for (const std::size_t i : {0U, 1U}) {
        const Value x = product.factors[i];
        auto layer = gated(x, product.factors[1 - i], product.scale);
        if (layer && spec(x) == spec(node.outputs[0])) return Replacement{*std::move(layer), x};
      }
    }
    return std::nullopt;
  }

 private:
  struct Bounds {
    Value x;
    double lower, upper;
    std::size_t layers = 1;
  };

  const TensorSpec& spec(Value value) const { return specs_[static_cast<std::size_t>(value.id)]; }

  std::optional<WithNumber> with_number(Value value) const {
    const Node* const node = links_.producer(value);
    return node ? nn::with_number(links_, *node, specs_) : std::nullopt;
  }

  // The only input of the layer of this function that gives the value.
  std::optional<Value> argument(ActivationKind kind, Value value) const {
    const Node* const node = links_.producer(value);
    if (node == nullptr || activation_of(*node).kind != kind) return std::nullopt;
    return node->inputs[0];
  }

  // x that the value is min(max(x, lower), upper) of, perhaps in several layers.
  std::optional<Bounds> bounds_of(Value value) const {
    const Node* const node = links_.producer(value);
    if (node == nullptr) return std::nullopt;
    const kernels::Activation activation = activation_of(*node);
    Bounds own{{}, 0, std::numeric_limits<double>::infinity()};
    if (activation.kind == ActivationKind::hardtanh) {
      own.lower = activation.arguments[0];
      own.upper = activation.arguments[1];
    } else if (activation.kind != ActivationKind::relu) {
      return std::nullopt;
    }
    if (!(own.lower <= own.upper)) return std::nullopt;  // nor NaN
    own.x = node->inputs[0];
    if (!links_.read_once(own.x)) return own;
    const auto inner = bounds_of(own.x);
    if (!inner) return own;
    return Bounds{inner->x, std::clamp(inner->lower, own.lower, own.upper),
                  std::clamp(inner->upper, own.lower, own.upper), inner->layers + 1};
  }

  std::optional<Replacement> bounded_at(const Node& node) const {
    const auto bounds = bounds_of(node.outputs[0]);
    if (!bounds) return std::nullopt;
    const bool relu =
        bounds->lower == 0 && bounds->upper == std::numeric_limits<double>::infinity();
    if (relu && !node.as<ReLU>()) return Replacement{ReLU{}, bounds->x};
    if (bounds->layers == 1) return std::nullopt;
    return Replacement{Clamp({.min = bounds->lower, .max = bounds->upper}), bounds->x};
  }

  bool is_shifted_relu6(const Bounds& bounds) const {
    const auto shifted = with_number(bounds.x);
    return bounds.lower == 0 && bounds.upper == 6 && shifted && shifted->scale == 1 &&
           shifted->shift == 3;
  }

  // The layer that scale · x · gate is.
  std::optional<Module> gated(Value x, Value gate, double scale) const {
    if (scale == 1 && argument(ActivationKind::sigmoid, gate) == x) return Module(SiLU{});
    if (scale == 1 && argument(ActivationKind::hardsigmoid, gate) == x) return Module(Hardswish{});
    if (const auto inner = argument(ActivationKind::tanh, gate); scale == 1 && inner) {
      const Node* const node = links_.producer(*inner);
      const Softplus usual;
      if (node && activation_of(*node) == usual.activation() && node->inputs[0] == x) {
        return Module(Mish{});
      }
    }
    if (const auto bounds = bounds_of(gate); near(scale, 1.0 / 6) && bounds) {
      if (is_shifted_relu6(*bounds) && with_number(bounds->x)->x == x) return Module(Hardswish{});
    }
    const auto plus_one = with_number(gate);
    if (!near(scale, 0.5) || !plus_one || plus_one->scale != 1 || plus_one->shift != 1) {
      return std::nullopt;
    }
    if (is_erf_of(plus_one->x, x)) return Module(GELU{});
    if (const auto inner = argument(ActivationKind::tanh, plus_one->x);
        inner && is_cubic(*inner, x)) {
      return Module(GELU({.approximate = "tanh"}));
    }
    return std::nullopt;
  }

  bool is_erf_of(Value value, Value x) const {
    const Node* const node = links_.producer(value);
    const auto* erf = node ? node->as<Unary>() : nullptr;
    if (erf == nullptr || erf->op() != Unary::Op::erf) return false;
    const auto scaled = with_number(node->inputs[0]);
    return scaled && scaled->x == x && scaled->shift == 0 &&
           near(scaled->scale, 1 / std::numbers::sqrt2);
  }

  // √(2/π) (x + 0.044715 x³)
  bool is_cubic(Value value, Value x) const {
    const Product outer = product_of(links_, value, specs_);
    if (outer.factors.size() != 1 || !near(outer.scale, std::sqrt(2 / std::numbers::pi))) {
      return false;
    }
    const Node* const sum = links_.producer(outer.factors[0]);
    if (sum == nullptr || sum->inputs.size() != 2 || sum->layer.kind() != "Add") return false;
    for (const std::size_t i : {0U, 1U}) {
      if (sum->inputs[i] != x) continue;
      const auto scaled = with_number(sum->inputs[1 - i]);
      if (scaled && scaled->shift == 0 && near(scaled->scale, 0.044715) && is_cube(scaled->x, x)) {
        return true;
      }
    }
    return false;
  }

  bool is_square(Value value, Value x) const {
    const Node* const node = links_.producer(value);
    return node && node->as<Mul>() && node->inputs[0] == x && node->inputs[1] == x;
  }
  bool is_cube(Value value, Value x) const {
    const Node* const node = links_.producer(value);
    if (node == nullptr || node->inputs.size() != 2) return false;
    const auto* power = node->as<Binary>();
    if (power && power->op() == Binary::Op::pow) {
      return node->inputs[0] == x && number_of(links_, node->inputs[1]) == 3;
    }
    return node->as<Mul>() && ((node->inputs[0] == x && is_square(node->inputs[1], x)) ||
                               (node->inputs[1] == x && is_square(node->inputs[0], x)));
  }

  const Links& links_;
  std::span<const TensorSpec> specs_;
};

}  // namespace

Graph name_activations(const Graph& graph, std::span<const TensorSpec> specs) {
  return with_replacements(
      graph, [&](const Links& links, const Node& node) { return Search(links, specs).at(node); });
}

}  // namespace nn
