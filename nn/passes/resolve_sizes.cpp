#include <algorithm>
#include <optional>

#include <nn/layers/constant.h>
#include <nn/layers/deferred.h>
#include <nn/layers/expand.h>
#include <nn/layers/sizes_of.h>
#include <nn/layers/tile.h>
#include <nn/passes/other_rows.h>
#include <nn/passes/resolve_sizes.h>

namespace nn {
namespace {

using Known = std::vector<std::shared_ptr<const Tensor>>;  // by value; null: not before a run

// In all; more is left to the run: folding it would hold twice the memory.
constexpr std::size_t most_folded_bytes = std::size_t{64} << 20;

std::size_t index(Value value) { return static_cast<std::size_t>(value.id); }

// Goes through a graph with sizes in hand. `known` is then what its values are where they depend on
// sizes and constants alone. What came out of the same values before, with other sizes, is taken from
// there and not computed again.
class Evaluation {
 public:
  Evaluation(const Graph& graph, std::span<const TensorSpec> inputs, const Known* before = nullptr)
      : specs_(graph.value_count()), known_(graph.value_count()), before_(before) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      specs_[index(graph.inputs()[i].value)] = inputs[i];
    }
    for (const Node& node : graph.nodes()) {
      try {
        step(node);
      } catch (const Error& error) {
        fail(to_text(node), ": ", error.what());
      }
    }
  }

  const Known& known() const { return known_; }

 private:
  void step(const Node& node) {
    const auto* deferred = node.as<Deferred>();
    const std::size_t count = deferred ? deferred->options().inputs : node.inputs.size();
    std::vector<TensorSpec> in;
    for (std::size_t i = 0; i < count; ++i) in.push_back(specs_[index(node.inputs[i])]);
    std::optional<Module> made;
    if (deferred) made = deferred->options().make(arguments_of(node, count));
    const Module& layer = made ? *made : node.layer;
    const std::vector<TensorSpec> out = layer.outputs(in);
    if (out.size() != node.outputs.size()) {
      fail("expected ", node.outputs.size(), " output shapes, got ", out.size());
    }
    for (std::size_t i = 0; i < out.size(); ++i) specs_[index(node.outputs[i])] = out[i];
    const auto* expand = layer.as<Expand>();
    const std::size_t read = expand ? expand->inputs_read() : count;
    fold(node, layer, std::span(node.inputs).first(read), out);
  }

  std::vector<Deferred::Argument> arguments_of(const Node& node, std::size_t first) const {
    std::vector<Deferred::Argument> arguments;
    for (std::size_t i = first; i < node.inputs.size(); ++i) {
      const auto& value = known_[index(node.inputs[i])];
      if (value == nullptr) {
        fail("its argument ", i - first,
             " depends on the values of an input, expected sizes and "
             "constants alone");
      }
      arguments.push_back({*value, std::vector<bool>(static_cast<std::size_t>(value->numel()))});
    }
    return arguments;
  }

  // Computes what the node gives, where all that it reads is known.
  void fold(const Node& node, const Module& layer, std::span<const Value> inputs,
            std::span<const TensorSpec> out) {
    if (auto value = layer.constant()) {
      known_[index(node.outputs[0])] = std::move(value);
      return;
    }
    if (taken_from_before(node, inputs)) return;
    std::size_t bytes = 0;
    for (const TensorSpec& spec : out) bytes += nbytes(spec);
    if (bytes > most_folded_bytes - folded_bytes_) return;
    std::vector<ConstTensorView> views;
    for (const Value value : inputs) {
      const auto& known = known_[index(value)];
      const TensorSpec& spec = specs_[index(value)];
      if (known != nullptr) {
        views.push_back(*known);
      } else if (node.as<SizesOf>()) {
        views.push_back({nullptr, spec.shape, spec.dtype});  // whose values it does not read
      } else {
        return;
      }
    }
    folded_bytes_ += bytes;
    std::vector<Tensor> values = nn::apply(layer, views);
    for (std::size_t i = 0; i < values.size(); ++i) {
      known_[index(node.outputs[i])] = std::make_shared<const Tensor>(std::move(values[i]));
    }
  }

  bool taken_from_before(const Node& node, std::span<const Value> inputs) {
    const auto same = [&](Value value) {
      return known_[index(value)] != nullptr && known_[index(value)] == (*before_)[index(value)];
    };
    // A deferred layer is made of all that the node reads.
    const std::span<const Value> read = node.as<Deferred>() ? node.inputs : inputs;
    if (before_ == nullptr || !std::ranges::all_of(read, same)) return false;
    for (const Value value : node.outputs) known_[index(value)] = (*before_)[index(value)];
    return true;
  }

  std::vector<TensorSpec> specs_;
  Known known_;
  const Known* before_;
  std::size_t folded_bytes_ = 0;
};

// What is known with one more row; nothing where the graph takes only so many.
std::optional<Known> known_with_another_row(const Graph& graph, const Known& now,
                                            std::span<const TensorSpec> inputs) {
  try {
    return Evaluation(graph, inputs, &now).known();
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Which integers are the number of rows now and with another.
std::vector<bool> following(const Tensor& value, const Tensor* with_another,
                            std::optional<std::int64_t> rows) {
  std::vector<bool> follows(static_cast<std::size_t>(value.numel()));
  if (with_another == nullptr || value.dtype() != DType::int64 ||
      value.spec() != with_another->spec()) {
    return follows;
  }
  const auto now = value.as<std::int64_t>();
  const auto then = with_another->as<std::int64_t>();
  for (std::size_t i = 0; i < now.size(); ++i) {
    follows[i] = now[i] == *rows && then[i] == *rows + 1;
  }
  return follows;
}

bool same(const Tensor* a, const Tensor* b) {
  if (a == nullptr || b == nullptr || a->spec() != b->spec()) return false;
  return a == b || std::ranges::equal(a->view().bytes(), b->view().bytes());
}

bool has_sizes(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) {
    return node.as<Deferred>() || node.as<SizesOf>() || node.as<Constant>();
  });
}

}  // namespace

Graph resolve_sizes(const Graph& graph, std::span<const TensorSpec> inputs) {
  if (!has_sizes(graph) || inputs.size() != graph.inputs().size()) return graph;
  const Known known = Evaluation(graph, inputs).known();
  std::vector<TensorSpec> more(inputs.begin(), inputs.end());
  const auto rows = add_row(more);
  const auto then = rows ? known_with_another_row(graph, known, more) : std::nullopt;
  // What the value is with one more row; null where that is not known.
  const auto with_another = [&](Value value) -> const Tensor* {
    return then ? (*then)[index(value)].get() : nullptr;
  };
  const auto for_any_rows = [&](Value value) {
    const Tensor* const now = known[index(value)].get();
    if (now == nullptr) return false;
    if (!then) return true;
    return same(now, with_another(value));
  };

  Graph result = graph;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    const auto* deferred = node.as<Deferred>();
    if (node.outputs.size() == 1 && for_any_rows(node.outputs[0])) {
      result.replace(i, Constant(known[index(node.outputs[0])]), {});
    } else if (deferred != nullptr) {
      const std::size_t count = deferred->options().inputs;
      std::vector<Deferred::Argument> arguments;
      for (std::size_t k = count; k < node.inputs.size(); ++k) {
        const Tensor& value = *known[index(node.inputs[k])];
        arguments.push_back({value, following(value, with_another(node.inputs[k]), rows)});
      }
      result.replace(i, deferred->options().make(arguments), std::span(node.inputs).first(count));
    }
  }
  result.drop_unread();
  return result;
}

bool rows_change_shapes_alone(const Graph& graph, std::span<const TensorSpec> inputs) {
  if (!has_sizes(graph) || inputs.size() != graph.inputs().size()) return true;
  std::vector<TensorSpec> more(inputs.begin(), inputs.end());
  const Known known = Evaluation(graph, inputs).known();
  const auto then = add_row(more) ? known_with_another_row(graph, known, more) : std::nullopt;
  if (!then) return true;
  // What a node's layer is made of, with what is known.
  const auto made = [](const Node& node, const Known& with) {
    const Deferred::Options& options = node.as<Deferred>()->options();
    std::vector<Deferred::Argument> arguments;
    for (const Value value : std::span(node.inputs).subspan(options.inputs)) {
      const Tensor& argument = *with[index(value)];
      arguments.push_back(
          {argument, std::vector<bool>(static_cast<std::size_t>(argument.numel()))});
    }
    return options.make(arguments);
  };
  return std::ranges::all_of(graph.nodes(), [&](const Node& node) {
    if (node.as<Deferred>() == nullptr) return true;  // it reads what changes in a run, if it does
    const Module now = made(node, known), other = made(node, *then);
    if (now.keeps_bytes() || now.as<Expand>() || now.as<Tile>()) return true;
    const auto constant = now.constant();
    return now.kind() == other.kind() && now.extra_repr() == other.extra_repr() &&
           (constant == nullptr || same(constant.get(), other.constant().get()));
  });
}

}  // namespace nn
