#include <optional>

#include <nn/layers/add.h>
#include <nn/layers/binary.h>
#include <nn/layers/identity.h>
#include <nn/layers/mul.h>
#include <nn/passes/drop_identity.h>
#include <nn/passes/fold_arithmetic.h>
#include <nn/passes/moved_dims.h>
#include <nn/passes/rewrite.h>
#include <nn/passes/scaled_outputs.h>

namespace nn {
namespace {

// y = scale · x + shift · c with a constant c, or c in place of scale where `multiplies`.
struct Arithmetic {
  Value x;
  std::shared_ptr<const Tensor> c;
  bool multiplies = false, divides = false;
  double scale = 1, shift = 1;
};

std::optional<Arithmetic> arithmetic_of(const Links& links, const Node& node) {
  if (node.inputs.size() != 2 || node.outputs.size() != 1) return std::nullopt;
  for (const std::size_t at : {0U, 1U}) {  // of x
    const Node* const other = links.producer(node.inputs[1 - at]);
    Arithmetic result{node.inputs[at], other == nullptr ? nullptr : other->layer.constant()};
    if (result.c == nullptr || result.c->dtype() != DType::float32) continue;
    const auto* binary = node.as<Binary>();
    if (const auto* add = node.as<Add>()) {
      (at == 0 ? result.shift : result.scale) = add->options().alpha;
    } else if (node.as<Mul>() || (binary && binary->op() == Binary::Op::mul)) {
      result.multiplies = true;
    } else if (binary && binary->op() == Binary::Op::sub) {
      (at == 0 ? result.shift : result.scale) = -1;
    } else if (binary && binary->op() == Binary::Op::div && at == 0) {
      result.divides = true;
    } else {
      continue;
    }
    return result;
  }
  return std::nullopt;
}

// The dimension of `out` that the constant has numbers for; nothing where it has them for several, and
// the last one where it is one number.
std::optional<std::size_t> dim_of(const Shape& constant, const Shape& out) {
  if (constant.rank() > out.rank() || out.rank() == 0) return std::nullopt;
  const std::size_t added = out.rank() - constant.rank();
  std::optional<std::size_t> dim;
  for (std::size_t i = 0; i < constant.rank(); ++i) {
    if (constant[i] == 1) continue;
    if (dim || constant[i] != out[i + added]) return std::nullopt;
    dim = i + added;
  }
  return dim ? dim : out.rank() - 1;
}

class Fold {
 public:
  Fold(Graph& graph, std::span<const TensorSpec> specs)
      : graph_(graph), links_(graph), specs_(specs) {}

  // Lets node `i` go, its arithmetic in a layer before.
  void at(std::size_t i) {
    const auto arithmetic = arithmetic_of(links_, graph_.nodes()[i]);
    if (!arithmetic) return;
    const Shape& out = shape(graph_.nodes()[i].outputs[0]);
    if (shape(arithmetic->x) != out) return;
    const auto dim = dim_of(arithmetic->c->shape(), out);
    if (!dim) return;
    const bool one = arithmetic->c->numel() == 1;
    const auto found = layer_before(arithmetic->x, one ? std::nullopt : dim);
    if (!found) return;
    const Node& node = graph_.nodes()[found->node];
    const Shape& given = shape(node.outputs[0]);
    if (found->dim >= given.rank()) return;
    auto layer =
        with_scaled_outputs(node, affine(*arithmetic, given[found->dim]), given, found->dim);
    if (!layer) return;
    graph_.replace(found->node, *std::move(layer));
    graph_.replace(i, Identity{}, {{arithmetic->x}});
  }

 private:
  struct Before {
    std::size_t node;
    std::size_t dim;
  };

  const Shape& shape(Value value) const { return specs_[static_cast<std::size_t>(value.id)].shape; }

  static BatchNorm::Affine affine(const Arithmetic& arithmetic, std::int64_t channels) {
    BatchNorm::Affine result;
    const auto numbers = arithmetic.c->f32();
    for (std::size_t i = 0; i < static_cast<std::size_t>(channels); ++i) {
      const auto c = static_cast<double>(numbers[numbers.size() == 1 ? 0 : i]);
      const double scale = arithmetic.multiplies ? c
                           : arithmetic.divides  ? 1 / c
                                                 : arithmetic.scale;
      result.scale.push_back(scale);
      result.shift.push_back(arithmetic.multiplies || arithmetic.divides ? 0
                                                                         : arithmetic.shift * c);
    }
    return result;
  }

  // The layer whose dimension `dim` is the value's, behind moves alone; of its own channels without
  // `dim`.
  std::optional<Before> layer_before(Value value, std::optional<std::size_t> dim) const {
    for (;;) {
      const Node* const node = links_.producer(value);
      if (node == nullptr || !links_.read_once(value)) return std::nullopt;
      if (node->inputs.empty()) return std::nullopt;
      const Shape &out = shape(value), &in = shape(node->inputs[0]);
      if (const auto dims = moved_dims(*node, out.rank())) {
        if (dim) dim = (*dims)[*dim];
      } else if (node->layer.keeps_bytes()) {
        const bool last =
            dim && *dim + 1 == out.rank() && in.rank() > 0 && in[in.rank() - 1] == out[*dim];
        if (dim && !last && !node->as<Identity>()) return std::nullopt;
        if (dim && last) dim = in.rank() - 1;
      } else {
        const std::size_t channels = node->layer.kind() == "Conv2d" ? 1 : out.rank() - 1;
        return Before{static_cast<std::size_t>(node - graph_.nodes().data()),
                      dim.value_or(channels)};
      }
      value = node->inputs[0];
    }
  }

  Graph& graph_;
  Links links_;
  std::span<const TensorSpec> specs_;
};

}  // namespace

Graph fold_arithmetic(const Graph& graph, std::span<const TensorSpec> specs) {
  Graph result = graph;
  Fold fold(result, specs);
  for (std::size_t i = 0; i < result.nodes().size(); ++i) fold.at(i);
  result = drop_identity(result, specs);
  result.drop_unread();
  return result;
}

}  // namespace nn
