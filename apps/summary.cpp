#include <apps/commands.h>
#include <apps/json.h>
#include <apps/model.h>
#include <apps/network.h>
#include <apps/output.h>
#include <apps/session_layers.h>
#include <apps/table.h>
#include <cstdio>

#include <nn/draw/graph_facts.h>

namespace apps {
namespace {

// 1234567 as "1,234,567".  REQUIRES: number ≥ 0.
std::string grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string megabytes(std::size_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", 1e-6 * static_cast<double>(bytes));
  return text;
}

std::string shapes_text(const nn::GraphFacts& facts, std::span<const nn::Value> values) {
  std::string text;
  for (const nn::Value value : values) {
    text += nn::concat(text.empty() ? "" : ", ", facts.spec(value).shape);
  }
  return text;
}

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

// Constants that are no weights say nothing of a network's size.
bool is_shown(const nn::NodeFacts& node) { return !node.constant || node.parameters > 0; }

std::int64_t signed_size(std::size_t bytes) { return static_cast<std::int64_t>(bytes); }

std::string as_text(const Model& model, const nn::GraphFacts& facts) {
  Table table({"layer", "kind", "output shape", "param #", "mult-adds", "output bytes"});
  for (const nn::Graph::Port& port : facts.inputs) {
    const nn::TensorSpec& spec = facts.spec(port.value);
    table.add(
        {port.name, "input", to_text(spec.shape), "", "", grouped(signed_size(nbytes(spec)))});
  }
  for (const nn::NodeFacts& node : facts.nodes) {
    if (!is_shown(node)) continue;
    const auto counted = [](std::int64_t n) { return n == 0 ? std::string() : grouped(n); };
    table.add({node.name, node.kind, shapes_text(facts, node.outputs), counted(node.parameters),
               counted(node.multiply_adds), counted(signed_size(node.output_bytes))});
  }
  const std::size_t input = facts.input_bytes(), output = facts.output_bytes(),
                    weights = facts.weight_bytes();
  return nn::concat(nn::printable(model.name), "\n", table.text(), "\n",  //
                    "total params: ", grouped(facts.parameters()),
                    "\ntotal mult-adds: ", grouped(facts.multiply_adds()),
                    "\ninput size (MB): ", megabytes(input),
                    "\nforward pass size (MB): ", megabytes(output),
                    "\nparams size (MB): ", megabytes(weights),
                    "\nestimated total size (MB): ", megabytes(input + output + weights), "\n");
}

std::string as_json(const Model& model, const nn::GraphFacts& facts) {
  std::vector<Json> layers;
  for (const nn::NodeFacts& node : facts.nodes) {
    if (!is_shown(node)) continue;
    layers.push_back(Json::object({{"name", node.name},
                                   {"kind", node.kind},
                                   {"arguments", node.arguments},
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
                       {"assumed", assumed_json(model.assumed)}})
             .text() +
         "\n";
}

}  // namespace

int run(const SummaryOptions& options) {
  const Model model = open_any_model(options.model, options.weights, options.net);
  tell_assumed(nn::printable(options.model), model.assumed);
  const nn::GraphFacts facts = nn::facts_of(model.resolved(), model.inputs);
  print(options.json ? as_json(model, facts) : as_text(model, facts));
  return 0;
}

}  // namespace apps
