#include <algorithm>
#include <optional>

#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/add.h>
#include <nn/layers/binary.h>
#include <nn/layers/channels_last_conv2d.h>
#include <nn/layers/mul.h>
#include <nn/layers/permute.h>
#include <nn/layers/reduce.h>
#include <nn/layers/stem_conv2d.h>
#include <nn/passes/activation_of.h>
#include <nn/passes/channels_last.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

// Values of the region for one that is turned, from which it pays.
constexpr std::int64_t worth_turning = 4;

bool is_depthwise(const Node& node) {
  const auto* conv = node.as<Conv2d>();
  return conv != nullptr && conv->options().groups > 1;
}

// What computes the same on [N, H, W, C]; nothing where there is no such layer.
std::optional<Module> turned(const Node& node) {
  if (const auto* conv = node.as<Conv2d>()) {
    if (!ChannelsLastConv2d::serves(*conv)) return std::nullopt;
    return ChannelsLastConv2d(*conv);
  }
  if (const auto* pool = node.as<AdaptiveAvgPool2d>()) {
    const auto size = pool->options().output_size;
    if (size.h != 1 || size.w != 1) return std::nullopt;
    return Reduce({.op = Reduce::Op::mean, .dims = {1, 2}, .keepdim = true});
  }
  const bool between = node.as<Add>() != nullptr || node.as<Mul>() != nullptr ||
                       node.as<Binary>() != nullptr || activation_of(node) != kernels::Activation{};
  if (between) return node.layer;
  return std::nullopt;
}

class Regions {
 public:
  Regions(const Graph& graph, std::span<const TensorSpec> specs)
      : graph_(graph), specs_(specs), region_(graph.nodes().size(), none) {
    for (std::size_t i = 0; i < region_.size(); ++i) {
      if (may_turn(graph.nodes()[i])) region_[i] = i;
    }
    trim();
    join();
    drop_small();
  }

  bool holds(std::size_t node) const { return region_[node] != none; }
  // Is the node a convolution that only nodes of a region read, and can it turn its output?
  bool enters(std::size_t node) const {
    const Node& from = graph_.nodes()[node];
    const auto* conv = from.as<Conv2d>();
    if (conv == nullptr || holds(node) || graph_.is_output(from.outputs[0])) return false;
    const auto readers = graph_.readers(from.outputs[0]);
    return std::ranges::all_of(readers, [&](std::size_t reader) { return holds(reader); }) &&
           !readers.empty() && StemConv2d::serves(*conv, spec(from.inputs[0]).shape);
  }

 private:
  static constexpr std::size_t none = SIZE_MAX;

  const TensorSpec& spec(Value value) const { return specs_[static_cast<std::size_t>(value.id)]; }
  std::int64_t size(Value value) const { return spec(value).shape.numel(); }

  bool may_turn(const Node& node) const {
    const auto is_image = [&](Value value) {
      return spec(value).shape.rank() == 4 && spec(value).dtype == DType::float32;
    };
    return node.outputs.size() == 1 && is_image(node.outputs[0]) &&
           std::ranges::all_of(node.inputs, is_image) && turned(node).has_value();
  }

  // A node whose output is larger than what it reads does not end a region: less is turned before
  // it.
  void trim() {
    for (std::size_t i = region_.size(); i-- > 0;) {
      if (!holds(i)) continue;
      const Node& node = graph_.nodes()[i];
      const auto readers = graph_.readers(node.outputs[0]);
      const bool ends =
          std::ranges::none_of(readers, [&](std::size_t reader) { return holds(reader); });
      std::int64_t read = 0;
      for (const Value value : node.inputs) read += size(value);
      if (ends && size(node.outputs[0]) >= read) region_[i] = none;
    }
  }

  std::size_t root(std::size_t node) const {
    while (region_[node] != node) node = region_[node];
    return node;
  }

  // Nodes that read one another are of one region.
  void join() {
    for (std::size_t i = 0; i < region_.size(); ++i) {
      if (!holds(i)) continue;
      for (const std::size_t reader : graph_.readers(graph_.nodes()[i].outputs[0])) {
        if (holds(reader))
          region_[std::max(root(i), root(reader))] = std::min(root(i), root(reader));
      }
    }
    for (std::size_t i = 0; i < region_.size(); ++i) {
      if (holds(i)) region_[i] = root(i);
    }
  }

  // Regions without a depthwise convolution or of few values stay as they are.
  void drop_small() {
    std::vector<std::int64_t> within(region_.size()), turned(region_.size());
    std::vector<bool> depthwise(region_.size());
    const Links links(graph_);
    const auto region_of = [&](const Node* node) {
      return node == nullptr ? none
                             : region_[static_cast<std::size_t>(node - graph_.nodes().data())];
    };
    for (std::size_t i = 0; i < region_.size(); ++i) {
      const Node& node = graph_.nodes()[i];
      for (const Value value : node.inputs) {
        const std::size_t from = region_of(links.producer(value));
        if (from == region_[i]) continue;
        if (from != none) turned[from] += size(value);
        if (region_[i] != none) turned[region_[i]] += size(value);
      }
      if (!holds(i)) continue;
      within[region_[i]] += size(node.outputs[0]);
      if (graph_.is_output(node.outputs[0])) turned[region_[i]] += size(node.outputs[0]);
      if (is_depthwise(node)) depthwise[region_[i]] = true;
    }
    for (std::size_t& region : region_) {
      if (region == none) continue;
      if (!depthwise[region] || within[region] < worth_turning * turned[region]) region = none;
    }
  }

  const Graph& graph_;
  std::span<const TensorSpec> specs_;
  std::vector<std::size_t> region_;  // of each node, by one of its nodes
};

// A value of the old graph in the new one: as it was, turned, or both.
struct Turned {
  std::optional<Value> first, last;
};

// The graph with its regions turned.
class Rebuilt {
 public:
  explicit Rebuilt(const Graph& old) : old_(old), values_(old.value_count()) {}

  // A value of the old graph in the new one, turned when first wanted.
  Value first(Value old) {
    Turned& value = at(old);
    if (!value.first) value.first = permuted(*value.last, old, "channels_first", {0, 3, 1, 2});
    return *value.first;
  }
  Value last(Value old) {
    Turned& value = at(old);
    if (!value.last) value.last = permuted(*value.first, old, "channels_last", {0, 2, 3, 1});
    return *value.last;
  }
  Turned& at(Value old) { return values_[static_cast<std::size_t>(old.id)]; }

  Graph graph;

 private:
  Value permuted(Value value, Value old, std::string_view to, std::vector<std::int64_t> dims) {
    std::string name = concat(to, "_", old.id);
    while (old_.find(name) != nullptr) name += "_";
    return graph.add(std::move(name), Permute({std::move(dims)}), {value});
  }

  const Graph& old_;
  std::vector<Turned> values_;
};

}  // namespace

Graph channels_last(const Graph& graph, std::span<const TensorSpec> specs) {
  const Regions regions(graph, specs);
  Rebuilt result(graph);
  for (const Graph::Port& input : graph.inputs()) {
    result.at(input.value).first = result.graph.input(input.name);
  }
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    const bool last = regions.holds(i);
    std::vector<Value> inputs;
    for (const Value value : node.inputs) {
      inputs.push_back(last ? result.last(value) : result.first(value));
    }
    const bool enters = regions.enters(i);
    const std::vector<Value> outputs = result.graph.add_all(node.name,
                                                            enters ? StemConv2d(*node.as<Conv2d>())
                                                            : last ? *turned(node)
                                                                   : node.layer,
                                                            inputs);
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      Turned& value = result.at(node.outputs[o]);
      (last || enters ? value.last : value.first) = outputs[o];
    }
  }
  for (const Graph::Port& output : graph.outputs()) {
    result.graph.output(result.first(output.value), output.name);
  }
  return std::move(result.graph);
}

}  // namespace nn
