#include <algorithm>
#include <apps/commands.h>
#include <apps/json.h>
#include <apps/output.h>
#include <apps/table.h>
#include <apps/weights.h>

#include <models/registry.h>
#include <nn/nn.h>

namespace apps {
namespace {

// The known network whose weights these are; empty when there is none or they cannot be read.
std::string_view fitting_model(const nn::StateDict& file) {
  const auto is_readable = [](const nn::StateDict::Entry& entry) {
    return nn::dtype_named(entry.dtype).has_value();
  };
  if (!std::ranges::all_of(file.entries(), is_readable)) return {};
  for (const models::Model& model : models::registry()) {
    if (nn::compare(model.build(), file).fits()) return model.name;
  }
  return {};
}

// A layer as a session runs it.
struct Layer {
  std::string name, kind, kernel;
  nn::Shape output;  // of one picture
};

// Those of the known network: it has to be one.
std::vector<Layer> layers_of(const nn::StateDict& file, std::string_view name) {
  const models::Model* const model = models::find(std::string(name));
  if (model == nullptr) {
    nn::fail(nn::printable(file.source()),
             ": these are not the weights of a known network, so there are no kernels to choose: "
             "leave out --kernels");
  }
  nn::Graph net = model->build();
  nn::load(net, file, {.allow_rounding = true});
  const nn::Session session(std::move(net), model->input_shape(), {.threads = 1});
  const std::vector<nn::TensorSpec> input{{model->input_shape(), nn::DType::float32}};
  const std::vector<nn::TensorSpec> specs = nn::infer(session.graph(), input);
  std::vector<Layer> layers;
  for (const nn::Node& node : session.graph().nodes()) {
    layers.push_back({node.name, node.layer.kind(), node.layer.kernel(),
                      specs[static_cast<std::size_t>(node.outputs[0].id)].shape});
  }
  return layers;
}

std::string kernels_text(const std::vector<Layer>& layers) {
  Table table({"layer", "kind", "output", "kernel"});
  for (const Layer& layer : layers) {
    table.add({layer.name, layer.kind, to_text(layer.output), layer.kernel});
  }
  return "\nas a session runs it:\n" + table.text();
}

Json shape_json(const nn::Shape& shape) { return std::vector<Json>(shape.begin(), shape.end()); }

Json kernels_json(const std::vector<Layer>& layers) {
  std::vector<Json> items;
  items.reserve(layers.size());
  for (const Layer& layer : layers) {
    items.push_back(Json::object({{"name", layer.name},
                                  {"kind", layer.kind},
                                  {"output", shape_json(layer.output)},
                                  {"kernel", layer.kernel.empty() ? Json() : Json(layer.kernel)}}));
  }
  return items;
}

std::string as_json(const InspectOptions& options, const nn::StateDict& file,
                    std::string_view model) {
  std::vector<Json> tensors;
  for (const nn::StateDict::Entry& entry : file.entries()) {
    tensors.push_back(Json::object({{"name", entry.name},
                                    {"dtype", entry.dtype},
                                    {"shape", shape_json(entry.shape)},
                                    {"bytes", static_cast<std::int64_t>(entry.bytes)}}));
  }
  Json answer = Json::object({{"file", options.file},
                              {"format", file.format()},
                              {"model", model.empty() ? Json() : Json(model)},
                              {"tensors", tensors}});
  if (options.kernels) answer.set("layers", kernels_json(layers_of(file, model)));
  return answer.text() + "\n";
}

std::string as_text(const InspectOptions& options, const nn::StateDict& file,
                    std::string_view model) {
  Table table({"name", "dtype", "shape", "bytes"});
  std::int64_t values = 0;
  for (const nn::StateDict::Entry& entry : file.entries()) {
    values += entry.shape.numel();
    table.add({nn::printable(entry.name), entry.dtype, to_text(entry.shape),
               std::to_string(entry.bytes)});
  }
  return nn::concat(nn::printable(options.file), ": ", file.format(), ", ", file.entries().size(),
                    " tensors, ", values, " values",
                    model.empty() ? "" : ", weights of " + std::string(model), "\n", table.text(),
                    options.kernels ? kernels_text(layers_of(file, model)) : "");
}

}  // namespace

int run(const InspectOptions& options) {
  const nn::StateDict file = open_weights(options.file, options.weights);
  file.verify();
  const std::string_view model = fitting_model(file);
  print(options.json ? as_json(options, file, model) : as_text(options, file, model));
  return 0;
}

}  // namespace apps
