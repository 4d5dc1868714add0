#include <algorithm>
#include <apps/card.h>
#include <apps/graph_network.h>
#include <apps/model.h>
#include <filesystem>

namespace apps {
namespace {

// What comes out, told from the last layer that does more than give values another shape.
models::Output output_of(const nn::Graph& graph) {
  nn::Value value = graph.outputs()[0].value;
  const auto nodes = graph.nodes();
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const nn::Node& node = nodes[i];
    if (std::ranges::find(node.outputs, value) == node.outputs.end()) continue;
    if (node.as<nn::LogSoftmax>()) return models::Output::log_probabilities;
    if (node.as<nn::Softmax>()) return models::Output::probabilities;
    const bool moves =
        node.layer.keeps_bytes() || node.as<nn::Identity>() || node.as<nn::Dropout>();
    if (!moves || node.inputs.empty()) break;
    value = node.inputs[0];
  }
  return models::Output::logits;
}

// The numbers of the classes that come out of one row: [1, C], also [1, C, 1, 1].
std::vector<std::string> labels_of(const nn::Shape& output) {
  constexpr std::int64_t most = 1'000'000;
  std::vector<std::string> labels;
  const bool classes =
      output.rank() >= 2 && output[0] == 1 && output[1] <= most && output.numel() == output[1];
  if (!classes) return labels;
  for (std::int64_t i = 0; i < output[1]; ++i) labels.push_back(std::to_string(i));
  return labels;
}

void choose_normalization(Network& network, const NetOptions& net) {
  if (net.normalization) {
    network.normalization = *net.normalization;
    return;
  }
  if (const auto said = normalization_on_card(network.file)) {
    network.normalization = *said;
    return;
  }
  const auto usual = usual_normalizations();
  std::vector<Normalization> likely(usual.begin(), usual.end());
  if (network.photos) likely = {imagenet_normalization(), usual[1], usual[2], usual[3]};
  network.normalization = likely[0];
  models::Assumption assumption{"normalize", likely[0].name, {}};
  for (std::size_t i = 1; i < likely.size(); ++i) assumption.alternatives.push_back(likely[i].name);
  network.assumed.push_back(std::move(assumption));
}

// One row where the graph takes that, else as many as it is made for.
nn::TensorSpec one_row(const nn::Graph& graph, const nn::TensorSpec& spec) {
  if (spec.shape.rank() == 0 || spec.shape[0] == 1) return spec;
  const nn::TensorSpec one{spec.shape.with(0, 1), spec.dtype};
  try {
    nn::infer(nn::resolve_sizes(graph, {&one, 1}), {&one, 1});
    return one;
  } catch (const nn::Error&) {
    return spec;
  }
}

}  // namespace

Network graph_network(const std::string& file, const NetOptions& net, Pictures pictures) {
  nn::ImportedGraph imported = nn::import_model(file);
  const std::string source = nn::printable(file);
  if (imported.inputs.size() != 1 || imported.inputs[0].dtype != nn::DType::float32 ||
      imported.graph.outputs().size() != 1) {
    nn::fail(source, ": expected a net of one float32 input and one output, this one has ",
             imported.inputs.size(), " and ", imported.graph.outputs().size(),
             imported.inputs.empty()
                 ? ""
                 : nn::concat(", its first input of ", imported.inputs[0].dtype));
  }
  Network network;
  network.name = std::filesystem::path(file).filename().string();
  network.file = file;
  const auto specs = input_specs(source, imported, net.inputs, network.assumed);
  const nn::TensorSpec spec = one_row(imported.graph, specs[0]);
  network.input = spec.shape;
  const nn::Graph resolved = nn::resolve_sizes(imported.graph, {&spec, 1});
  const nn::Value output = resolved.outputs()[0].value;
  network.labels =
      labels_of(nn::infer(resolved, {&spec, 1})[static_cast<std::size_t>(output.id)].shape);
  network.output = output_of(resolved);
  network.photos = pictures == Pictures::any && network.input.rank() == 4 && network.input[1] == 3;
  if (imported.format == "pt2") network.declared = std::move(imported.inputs);
  network.graph = std::move(imported.graph);
  choose_normalization(network, net);
  return network;
}

}  // namespace apps
