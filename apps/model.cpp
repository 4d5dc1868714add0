#include <algorithm>
#include <apps/model.h>
#include <apps/network.h>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>

namespace apps {
namespace {

// Where a file leaves the sizes of pictures and sequences free: the most usual first.
constexpr std::array<std::int64_t, 8> usual_sides{224, 28, 32, 64, 256, 299, 512, 16};

std::string declared_text(const nn::DeclaredInput& input) {
  std::string text = "[";
  for (std::size_t i = 0; i < input.sizes.size(); ++i) {
    const auto& size = input.sizes[i];
    text += i == 0 ? "" : ", ";
    text += size.size ? std::to_string(*size.size) : size.symbol.empty() ? "?" : size.symbol;
  }
  return text + "]";
}

// The shape that was given for an input, with a batch of one where it has none.
nn::Shape given_shape(const std::string& source, const nn::DeclaredInput& input,
                      const nn::Shape& given) {
  nn::Shape shape = given;
  if (!input.has_shape) return shape;
  if (given.rank() + 1 == input.sizes.size()) {
    std::vector<std::int64_t> sizes{1};
    sizes.insert(sizes.end(), given.begin(), given.end());
    shape = nn::Shape(sizes);
  }
  if (shape.rank() != input.sizes.size()) {
    nn::fail(source, ": input '", input.name, "' is ", declared_text(input), ", --input gives ",
             given);
  }
  return shape;
}

// An input's shape with `side` where the file leaves sizes beside the first free.
nn::Shape sized(const nn::DeclaredInput& input, std::int64_t side, bool& free) {
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < input.sizes.size(); ++i) {
    const auto& declared = input.sizes[i];
    if (declared.size) {
      sizes.push_back(*declared.size);
      continue;
    }
    const std::int64_t least = declared.least.value_or(0);
    const std::int64_t most = std::max(least, declared.most.value_or(INT64_MAX));
    sizes.push_back(std::clamp<std::int64_t>(i == 0 ? 1 : side, least, most));
    free = free || i > 0;
  }
  return nn::Shape(sizes);
}

bool is_grey(const nn::DeclaredInput& input) {
  return input.sizes.size() == 4 && input.sizes[1].size == 1;
}

// Why a graph does not take inputs; nothing when it does.
std::optional<std::string> refusal(const nn::Graph& graph, std::span<const nn::TensorSpec> inputs) {
  try {
    nn::infer(nn::resolve_sizes(graph, inputs), inputs);
    return std::nullopt;
  } catch (const nn::Error& error) {
    return error.what();
  }
}

std::string specs_text(std::span<const nn::TensorSpec> specs) {
  std::string text;
  for (const nn::TensorSpec& spec : specs) {
    text += nn::concat(text.empty() ? "" : ", ", spec.shape);
  }
  return text;
}

}  // namespace

void require_declared(const std::string& source, const nn::ImportedGraph& graph,
                      std::span<const nn::TensorSpec> specs) {
  if (graph.format != "pt2") return;
  try {
    nn::require_declared(graph.inputs, specs);
  } catch (const nn::Error& error) {
    nn::fail(source, ": ", error.what());
  }
}

std::vector<nn::TensorSpec> input_specs(const std::string& source, const nn::ImportedGraph& graph,
                                        std::span<const GivenInput> given,
                                        std::vector<models::Assumption>& assumed) {
  std::vector<std::optional<nn::Shape>> shapes(graph.inputs.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto named = std::ranges::find(graph.inputs, given[i].name, &nn::DeclaredInput::name);
    const auto at =
        given[i].name.empty() ? i : static_cast<std::size_t>(named - graph.inputs.begin());
    if (at >= shapes.size()) {
      std::string names;
      for (const auto& input : graph.inputs)
        names += nn::concat(names.empty() ? "" : ", ", input.name);
      nn::fail(source, ": --input '", nn::printable(given[i].name), "' is not one of its ",
               shapes.size(), " inputs (", names, ")");
    }
    shapes[at] = given_shape(source, graph.inputs[at], given[i].shape);
  }
  bool free = false;
  const auto specs_with = [&](std::int64_t side) {
    std::vector<nn::TensorSpec> specs;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (!shapes[i] && !graph.inputs[i].has_shape) {
        nn::fail(source, ": does not say the shape of its input '", graph.inputs[i].name,
                 "': give it with --input, as --input 1,3,224,224");
      }
      specs.push_back(
          {shapes[i] ? *shapes[i] : sized(graph.inputs[i], side, free), graph.inputs[i].dtype});
    }
    return specs;
  };
  std::vector<std::int64_t> sides(usual_sides.begin(), usual_sides.end());
  if (!graph.inputs.empty() && is_grey(graph.inputs[0])) std::swap(sides[0], sides[1]);
  std::vector<nn::TensorSpec> first = specs_with(sides[0]);
  if (!given.empty()) require_declared(source, graph, first);
  std::optional<std::string> why = refusal(graph.graph, first);
  if (!free && why) nn::fail(source, ": ", *why);
  if (!free) return first;
  for (std::size_t i = 1; why && i < sides.size(); ++i) {
    std::vector<nn::TensorSpec> specs = specs_with(sides[i]);
    if (refusal(graph.graph, specs)) continue;
    why = std::nullopt;
    first = std::move(specs);
  }
  if (why) {
    nn::fail(source,
             ": leaves sizes of its input open and takes none of the usual ones, give them "
             "with --input, as --input 1,3,224,224: ",
             *why);
  }
  assumed.push_back({"input", specs_text(first), {}});
  return first;
}

Model open_model_unsized(const std::string& name, const WeightsOptions& weights,
                         const NetOptions& net) {
  Model model;
  std::error_code error;
  const bool is_file = std::filesystem::exists(name, error) || error;
  if (is_file && nn::holds_graph(name)) {
    model.name = name;
    model.imported = nn::import_model(name);
    return model;
  }
  Network network = open_network(name, weights, net);
  model.name = network.name;
  model.weights = is_file;
  model.imported.graph = std::move(network.graph);
  model.assumed = std::move(network.assumed);
  nn::DeclaredInput declared{model.graph().inputs()[0].name, nn::DType::float32, {}};
  for (const std::int64_t size : network.input) declared.sizes.push_back({size, {}});
  model.imported.inputs = {std::move(declared)};
  return model;
}

Model open_any_model(const std::string& name, const WeightsOptions& weights,
                     const NetOptions& net) {
  Model model = open_model_unsized(name, weights, net);
  if (!model.imported.format.empty()) {
    model.inputs = input_specs(nn::printable(name), model.imported, net.inputs, model.assumed);
    return model;
  }
  std::vector<std::int64_t> sizes;
  for (const auto& size : model.imported.inputs[0].sizes) sizes.push_back(*size.size);
  nn::Shape shape(sizes);
  for (const GivenInput& given : net.inputs) {
    if (given.shape.rank() == shape.rank()) shape = given.shape;  // with a batch of its own
  }
  model.inputs = {{shape, nn::DType::float32}};
  return model;
}

}  // namespace apps
