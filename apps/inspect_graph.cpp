#include <apps/graph_json.h>
#include <apps/inspect_graph.h>
#include <apps/network.h>
#include <apps/output.h>
#include <apps/table.h>
#include <apps/value_names.h>
#include <filesystem>

#include <nn/draw/formats.h>
#include <nn/io/output_file.h>

namespace apps {
namespace {

nn::GraphFacts facts(const Model& model, bool prepared) {
  if (!prepared) return nn::facts_of(model.resolved(), model.inputs);
  const nn::Graph graph = nn::run_passes(model.resolved(), model.inputs, nn::default_passes());
  return nn::facts_of(graph, model.inputs);
}

// What a row reads, where that is not just the row above.
std::string reads_text(const nn::NodeFacts& node, const ValueNames& names, nn::Value above) {
  if (node.inputs.size() == 1 && node.inputs[0] == above) return {};
  std::string text;
  for (const nn::Value value : node.inputs) text += (text.empty() ? "" : ", ") + names[value];
  return text;
}

std::string as_text(const Model& model, const nn::GraphFacts& facts) {
  const ValueNames names(facts);
  const auto counted = [](std::int64_t n) { return n == 0 ? "" : nn::draw::short_number(n); };
  Table table({"layer", "kind", "reads", "output", "parameters", "multiply-adds"});
  nn::Value above;
  for (const nn::Graph::Port& port : facts.inputs) {
    table.add({port.name, "input", "", to_text(facts.spec(port.value)), "", ""});
    above = port.value;
  }
  for (const nn::NodeFacts& node : facts.nodes) {
    if (!is_counted(node)) continue;
    table.add({node.name, node.kind, reads_text(node, names, above),
               shapes_text(facts, node.outputs), counted(node.parameters),
               counted(node.multiply_adds)});
    above = node.outputs.empty() ? nn::Value{} : node.outputs[0];
  }
  for (const nn::Graph::Port& port : facts.outputs) {
    const bool is_above = port.value == above;
    table.add({port.name, "output", is_above ? "" : names[port.value],
               to_text(facts.spec(port.value)), "", ""});
  }
  std::string text = nn::draw::diagram_of(facts, model.name).title;
  if (model.imported.producer.find_first_not_of(' ') != std::string::npos) {
    text += ", by " + nn::printable(model.imported.producer);
  }
  text += "\n";
  for (const std::string& note : model.imported.notes) text += "note: " + note + "\n";
  return text + table.text();
}

std::string picture(const nn::draw::Diagram& diagram, const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".dot") return nn::draw::to_dot(diagram);
  if (extension == ".md") return nn::draw::to_mermaid(diagram);
  return nn::draw::to_svg(diagram);
}

}  // namespace

int inspect_graph(const InspectOptions& options) {
  const Model model = open_any_model(options.file, options.weights, options.net);
  tell_assumed(nn::printable(options.file), model.assumed);
  const nn::GraphFacts shown = facts(model, options.prepared);
  if (options.picture.empty()) {
    print(options.json ? graph_json(model, shown).text() + "\n" : as_text(model, shown));
    return 0;
  }
  const std::filesystem::path name = model.name;
  const std::string title = name.filename().string() + (options.prepared ? ", prepared" : "");
  const std::string text = picture(nn::draw::diagram_of(shown, title), options.picture);
  nn::io::OutputFile file(options.picture);
  file.write(text);
  file.commit();
  return 0;
}

}  // namespace apps
