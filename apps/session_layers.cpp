#include <apps/session_layers.h>
#include <apps/table.h>

#include <nn/nn.h>

namespace apps {

std::vector<SessionLayer> session_layers(const Network& network) {
  const nn::Session session(network.graph, network.input, {.threads = 1});
  const std::vector<nn::TensorSpec> input{{network.input, nn::DType::float32}};
  const std::vector<nn::TensorSpec> specs = nn::infer(session.graph(), input);
  std::vector<SessionLayer> layers;
  for (const nn::Node& node : session.graph().nodes()) {
    layers.push_back({node.name, node.layer.kind(), node.layer.kernel(),
                      specs[static_cast<std::size_t>(node.outputs[0].id)].shape});
  }
  return layers;
}

std::string session_layers_text(const std::vector<SessionLayer>& layers) {
  Table table({"layer", "kind", "output", "kernel"});
  for (const SessionLayer& layer : layers) {
    table.add({layer.name, layer.kind, to_text(layer.output), layer.kernel});
  }
  return "\nas a session runs it:\n" + table.text();
}

Json session_layers_json(const std::vector<SessionLayer>& layers) {
  std::vector<Json> items;
  items.reserve(layers.size());
  for (const SessionLayer& layer : layers) {
    items.push_back(Json::object({{"name", layer.name},
                                  {"kind", layer.kind},
                                  {"output", shape_json(layer.output)},
                                  {"kernel", layer.kernel.empty() ? Json() : Json(layer.kernel)}}));
  }
  return items;
}

Json shape_json(const nn::Shape& shape) { return std::vector<Json>(shape.begin(), shape.end()); }

}  // namespace apps
