#include <apps/commands.h>
#include <apps/graph_json.h>
#include <apps/network.h>
#include <apps/output.h>
#include <apps/table.h>
#include <cstdio>

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

std::int64_t signed_size(std::size_t bytes) { return static_cast<std::int64_t>(bytes); }

std::string as_text(const Model& model, const nn::GraphFacts& facts) {
  Table table({"layer", "kind", "output shape", "param #", "mult-adds", "output bytes"});
  for (const nn::Graph::Port& port : facts.inputs) {
    const nn::TensorSpec& spec = facts.spec(port.value);
    table.add(
        {port.name, "input", to_text(spec.shape), "", "", grouped(signed_size(nbytes(spec)))});
  }
  for (const nn::NodeFacts& node : facts.nodes) {
    if (!is_counted(node)) continue;
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

}  // namespace

int run(const SummaryOptions& options) {
  const Model model = open_any_model(options.model, options.weights, options.net);
  tell_assumed(nn::printable(options.model), model.assumed);
  const nn::GraphFacts facts = nn::facts_of(model.resolved(), model.inputs);
  print(options.json ? graph_json(model, facts).text() + "\n" : as_text(model, facts));
  return 0;
}

}  // namespace apps
