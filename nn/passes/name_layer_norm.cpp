#include <algorithm>
#include <optional>

#include <nn/layers/add.h>
#include <nn/layers/binary.h>
#include <nn/layers/layer_norm.h>
#include <nn/layers/mul.h>
#include <nn/layers/reduce.h>
#include <nn/layers/strides.h>
#include <nn/layers/unary.h>
#include <nn/passes/name_layer_norm.h>
#include <nn/passes/number_of.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

class Search {
 public:
  Search(const Links& links, std::span<const TensorSpec> specs) : links_(links), specs_(specs) {}

  // The LayerNorm, without weight and bias, that a division ends.
  std::optional<Replacement> at(const Node& node) const {
    if (!is_op(node, Binary::Op::div)) return std::nullopt;
    const Node* const root = links_.producer(node.inputs[1]);
    const auto* sqrt = root ? root->as<Unary>() : nullptr;
    if (sqrt == nullptr || sqrt->op() != Unary::Op::sqrt) return std::nullopt;
    const Node* const sum = links_.producer(root->inputs[0]);
    const auto with_eps = sum ? with_number(links_, *sum, specs_) : std::nullopt;
    if (!with_eps || with_eps->scale != 1) return std::nullopt;
    const Value difference = node.inputs[0];
    const auto variance = mean_of(with_eps->x);
    if (!variance || !is_square(variance->of, difference)) return std::nullopt;
    const Node* const sub = links_.producer(difference);
    if (sub == nullptr || !is_op(*sub, Binary::Op::sub)) return std::nullopt;
    const auto mean = mean_of(sub->inputs[1]);
    const Value x = sub->inputs[0];
    if (!mean || mean->of != x || mean->dims != variance->dims) return std::nullopt;
    LayerNorm::Options options{
        .normalized_shape = {}, .eps = with_eps->shift, .elementwise_affine = false};
    const Shape& shape = specs_[static_cast<std::size_t>(x.id)].shape;
    for (std::size_t i = shape.rank() - mean->dims; i < shape.rank(); ++i) {
      options.normalized_shape = options.normalized_shape.appended(shape[i]);
    }
    return Replacement{LayerNorm(options), x};
  }

  // The LayerNorm with the weight, or the bias, that `node` brings; nothing where that is not one.
  std::optional<Replacement> with_parameter(const Node& node) const {
    if (node.inputs.size() != 2) return std::nullopt;
    const auto* add = node.as<Add>();
    if (!node.as<Mul>() && (add == nullptr || add->options().alpha != 1)) return std::nullopt;
    for (const std::size_t at : {0U, 1U}) {
      const Node* const before = links_.producer(node.inputs[at]);
      const Node* const other = links_.producer(node.inputs[1 - at]);
      const auto* norm = before ? before->as<LayerNorm>() : nullptr;
      const auto constant = other ? other->layer.constant() : nullptr;
      if (norm == nullptr || constant == nullptr || !links_.read_once(node.inputs[at]) ||
          constant->spec() != TensorSpec{norm->options().normalized_shape, DType::float32}) {
        continue;
      }
      LayerNorm::Options options = norm->options();
      if (add != nullptr ? !options.elementwise_affine || options.bias
                         : options.elementwise_affine) {
        return std::nullopt;
      }
      options.elementwise_affine = true;
      options.bias = add != nullptr;
      LayerNorm result(options);
      if (add != nullptr) result.weight = norm->weight;
      (add != nullptr ? result.bias : result.weight).assign(constant);
      return Replacement{std::move(result), before->inputs[0]};
    }
    return std::nullopt;
  }

 private:
  struct Mean {
    Value of;
    std::size_t dims;  // how many of the last
  };

  static bool is_op(const Node& node, Binary::Op op) {
    const auto* binary = node.as<Binary>();
    return binary != nullptr && binary->op() == op;
  }

  // A mean over the last dimensions, which stay as 1.
  std::optional<Mean> mean_of(Value value) const {
    const Node* const node = links_.producer(value);
    const auto* reduce = node ? node->as<Reduce>() : nullptr;
    if (reduce == nullptr || reduce->options().op != Reduce::Op::mean ||
        !reduce->options().keepdim) {
      return std::nullopt;
    }
    const std::size_t rank = specs_[static_cast<std::size_t>(value.id)].shape.rank();
    const auto goes = chosen_dims(reduce->options().dims, rank);
    const auto end = goes.begin() + static_cast<std::ptrdiff_t>(rank);
    if (!std::is_sorted(goes.begin(), end)) return std::nullopt;
    return Mean{node->inputs[0], static_cast<std::size_t>(std::count(goes.begin(), end, true))};
  }

  bool is_square(Value value, Value of) const {
    const Node* const node = links_.producer(value);
    if (node == nullptr || node->inputs.size() != 2 || node->inputs[0] != of) return false;
    if (node->as<Mul>()) return node->inputs[1] == of;
    return is_op(*node, Binary::Op::pow) && number_of(links_, node->inputs[1]) == 2;
  }

  const Links& links_;
  std::span<const TensorSpec> specs_;
};

}  // namespace

Graph name_layer_norm(const Graph& graph, std::span<const TensorSpec> specs) {
  return with_replacements(graph, [&](const Links& links, const Node& node) {
    const Search search(links, specs);
    auto found = search.at(node);
    return found ? found : search.with_parameter(node);
  });
}

}  // namespace nn
