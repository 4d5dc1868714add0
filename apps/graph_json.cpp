#include <apps/graph_json.h>
#include <apps/network.h>
#include <apps/session_layers.h>
#include <apps/value_names.h>

namespace apps {
namespace {

Json shapes_json(const nn::GraphFacts& facts, std::span<const nn::Value> values) {
  std::vector<Json> items;
  items.reserve(values.size());
  for (const nn::Value value : values) items.push_back(shape_json(facts.spec(value).shape));
  return items;
}

Json ports_json(const nn::GraphFacts& facts, std::span<const nn::Graph::Port> ports) {
  std::vector<Json> items;
  for (const nn::Graph::Port& port : ports) {
    const nn::TensorSpec& spec = facts.spec(port.value);
    items.push_back(Json::object({{"name", port.name},
                                  {"dtype", nn::to_text(spec.dtype)},
                                  {"shape", shape_json(spec.shape)}}));
  }
  return items;
}

std::int64_t signed_size(std::size_t bytes) { return static_cast<std::int64_t>(bytes); }

}  // namespace

Json graph_json(const Model& model, const nn::GraphFacts& facts) {
  const ValueNames names(facts);
  std::vector<Json> layers;
  for (const nn::NodeFacts& node : facts.nodes) {
    if (!is_counted(node)) continue;
    std::vector<Json> reads;
    for (const nn::Value value : node.inputs) reads.emplace_back(names[value]);
    layers.push_back(Json::object({{"name", node.name},
                                   {"kind", node.kind},
                                   {"arguments", node.arguments},
                                   {"reads", reads},
                                   {"outputs", shapes_json(facts, node.outputs)},
                                   {"parameters", node.parameters},
                                   {"multiply_adds", node.multiply_adds},
                                   {"weight_bytes", signed_size(node.weight_bytes)},
                                   {"output_bytes", signed_size(node.output_bytes)}}));
  }
  const std::size_t total = facts.input_bytes() + facts.output_bytes() + facts.weight_bytes();
  return Json::object({{"model", model.name},
                       {"inputs", ports_json(facts, facts.inputs)},
                       {"outputs", ports_json(facts, facts.outputs)},
                       {"layers", layers},
                       {"parameters", facts.parameters()},
                       {"multiply_adds", facts.multiply_adds()},
                       {"input_bytes", signed_size(facts.input_bytes())},
                       {"forward_bytes", signed_size(facts.output_bytes())},
                       {"weight_bytes", signed_size(facts.weight_bytes())},
                       {"total_bytes", signed_size(total)},
                       {"assumed", assumed_json(model.assumed)}});
}

bool is_counted(const nn::NodeFacts& node) { return !node.constant || node.parameters > 0; }

std::string shapes_text(const nn::GraphFacts& facts, std::span<const nn::Value> values) {
  std::string text;
  for (const nn::Value value : values) {
    text += nn::concat(text.empty() ? "" : ", ", facts.spec(value).shape);
  }
  return text;
}

}  // namespace apps
