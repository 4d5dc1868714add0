#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <nn/import/adopt.h>
#include <nn/import/edits.h>
#include <nn/import/explain.h>
#include <nn/import/propose.h>
#include <nn/layers/batch_norm.h>
#include <nn/layers/conv2d.h>
#include <nn/layers/linear.h>

namespace nn {
namespace {

std::string quoted(const std::string& name) { return concat("'", printable(name), "'"); }

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string all;
  for (const std::string& text : texts) all += concat(all.empty() ? "" : between, text);
  return all;
}

// The side of a square plane of so many values, or 0.
std::int64_t side_of(std::int64_t values) {
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(values))));
  return side > 0 && side < (1 << 30) && side * side == values ? side : 0;
}

// The shape in which what reaches a Linear was last a picture: behind the flatten, the sizes before
// it. Nothing when it never was one.
std::optional<Shape> picture_before(const Graph& graph, const Walk& walked, std::size_t node) {
  Value value = graph.nodes()[node].inputs[0];
  while (true) {
    const auto& spec = walked.specs[static_cast<std::size_t>(value.id)];
    if (spec && spec->shape.rank() == 4) return spec->shape;
    const auto source = std::ranges::find_if(graph.nodes(), [&](const Node& other) {
      return std::ranges::find(other.outputs, value) != other.outputs.end();
    });
    // Behind a Linear it is no picture any more.
    if (source == graph.nodes().end() || source->inputs.empty() ||
        source->as<Linear>() != nullptr) {
      return std::nullopt;
    }
    value = source->inputs[0];
  }
}

// "64·7·7"
std::string product_of(const Shape& picture) {
  std::string text;
  for (std::size_t i = 1; i < picture.rank(); ++i) {
    if (i == 1 && picture[i] == 1) continue;  // grey: 28·28
    text += concat(text.empty() ? "" : "·", picture[i]);
  }
  return text;
}

std::string with_product(std::int64_t count, const std::string& product) {
  const std::string number = std::to_string(count);
  return product.empty() || product == number ? number : concat(number, " = ", product);
}

std::string channels_text(std::int64_t channels) {
  return concat(channels, channels == 1   ? " channel (grey)"
                          : channels == 3 ? " channels (colour)"
                                          : " channels");
}

// What the failing layer asks for and gets.
std::string failure(const Graph& graph, const Shape& input, const Walk& walked) {
  const std::size_t at = *walked.failed;
  const Node& node = graph.nodes()[at];
  const auto& spec = walked.specs[static_cast<std::size_t>(node.inputs[0].id)];
  const std::string for_input = concat(" for input ", input);
  const auto* linear = node.as<Linear>();
  if (linear != nullptr && spec && spec->shape.rank() > 0) {
    const std::int64_t expected = linear->options().in_features;
    const Shape& shape = spec->shape;
    const std::int64_t found = shape[shape.rank() - 1];
    const std::optional<Shape> picture = picture_before(graph, walked, at);
    if (shape.rank() == 4) {
      return concat(quoted(node.name), " expects rows of ",
                    with_product(expected, as_product(expected, shape[1])),
                    " values, the graph yields ", shape, for_input);
    }
    const std::int64_t channels = picture ? (*picture)[1] : 1;
    return concat(quoted(node.name), " expects ",
                  with_product(expected, as_product(expected, channels)),
                  " values, the graph yields ",
                  with_product(found, picture ? product_of(*picture) : std::string()), for_input);
  }
  if (const auto* conv = node.as<Conv2d>(); conv != nullptr && spec && spec->shape.rank() == 4 &&
                                            spec->shape[1] != conv->options().in_channels) {
    return concat(quoted(node.name), " expects ", channels_text(conv->options().in_channels),
                  ", the graph yields ", spec->shape[1], for_input);
  }
  return concat(quoted(node.name), " cannot take ", spec ? to_text(spec->shape) : "its input",
                for_input);
}

constexpr std::size_t ways_shown = 3;

std::string shapes_sentence(const Graph& graph, const Shape& input) {
  const Walk walked = walk(graph, input);
  if (!walked.failed) return {};
  std::vector<std::string> ways;
  for (const std::vector<Edit>& edits : fitting_edits(graph, input)) {
    ways.push_back(to_text(edits));
  }
  std::string text = failure(graph, input, walked);
  if (!ways.empty()) {
    const bool more = ways.size() > ways_shown + 1;
    if (more) ways.resize(ways_shown);
    return concat(text, "; all shapes fit ", joined(ways, "; or "),
                  more ? "; and in other ways" : "");
  }
  const bool behind_pictures = picture_before(graph, walked, *walked.failed).has_value();
  if (behind_pictures && graph.nodes()[*walked.failed].as<Linear>() != nullptr) {
    text +=
        "; no pool more or less, padding, stride or usual size of the input makes all shapes fit";
  }
  return text;
}

// The channels that the graph's weights ask of its input, or nothing.
std::optional<std::int64_t> input_channels(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    if (const auto* conv = node.as<Conv2d>()) return conv->options().in_channels;
    if (node.as<Linear>() != nullptr) return std::nullopt;
  }
  return std::nullopt;
}

const Linear* first_linear(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    if (const auto* linear = node.as<Linear>()) return linear;
  }
  return nullptr;
}

// "the file has no bias for 'conv1', 'conv2': …" and its like, by what is missing beside a weight
// that is there and what is left over beside one.
std::vector<std::string> of_options(const LoadReport& report, const Graph& graph,
                                    const StateDict& state_dict) {
  std::vector<std::string> without_bias;
  std::vector<std::string> with_bias;
  std::vector<std::string> without_statistics;
  std::vector<std::string> without_affine;
  const auto module_of = [](const std::string& name, std::string_view part) -> std::string {
    return name.ends_with(part) ? name.substr(0, name.size() - part.size()) : "";
  };
  for (const std::string& name : report.missing) {
    if (const std::string module = module_of(name, ".bias");
        !module.empty() && state_dict.contains(module + ".weight")) {
      without_bias.push_back(quoted(module));
    }
    if (const std::string module = module_of(name, ".running_mean");
        !module.empty() && state_dict.contains(module + ".weight")) {
      without_statistics.push_back(quoted(module));
    }
    if (const std::string module = module_of(name, ".weight");
        !module.empty() && state_dict.contains(module + ".running_mean")) {
      without_affine.push_back(quoted(module));
    }
  }
  for (const std::string& own : report.unexpected) {
    const std::string module = module_of(report.wrapper.unwrapped(own), ".bias");
    if (!module.empty() && graph.find(module) != nullptr) with_bias.push_back(quoted(module));
  }
  std::vector<std::string> sentences;
  if (!without_bias.empty()) {
    sentences.push_back(
        concat("the file has no bias for ", joined(without_bias, ", "), ": bias=False there"));
  }
  if (!with_bias.empty()) {
    sentences.push_back(
        concat("the file has a bias for ", joined(with_bias, ", "), ": bias=True there"));
  }
  if (!without_affine.empty()) {
    sentences.push_back(concat("the file has no weight and bias for ", joined(without_affine, ", "),
                               ": affine=False there"));
  }
  if (!without_statistics.empty()) {
    sentences.push_back(
        concat("the file has no running statistics for ", joined(without_statistics, ", "),
               ", which inference needs: save all of state_dict(), not parameters() alone, of a "
               "network with track_running_stats=True"));
  }
  return sentences;
}

// Weights that PyTorch keeps in parts until they are joined.
std::vector<std::string> of_parametrizations(const LoadReport& report) {
  struct Kind {
    std::string_view part;
    std::string_view said;
    std::string_view cure;
  };
  constexpr std::array kinds{
      Kind{".weight_g", "weight_norm took apart into weight_g and weight_v",
           "torch.nn.utils.remove_weight_norm"},
      Kind{".weight_u", "spectral_norm keeps as weight_orig with weight_u and weight_v",
           "torch.nn.utils.remove_spectral_norm"},
      Kind{".weight_mask", "pruning keeps as weight_orig and weight_mask",
           "torch.nn.utils.prune.remove(layer, 'weight')"},
      Kind{".parametrizations.weight.original0",
           "a parametrization (weight_norm) took apart into original0 and original1",
           "torch.nn.utils.parametrize.remove_parametrizations"},
      Kind{".parametrizations.weight.original", "a parametrization keeps as its original",
           "torch.nn.utils.parametrize.remove_parametrizations"},
  };
  std::vector<std::string> sentences;
  for (const Kind& kind : kinds) {
    std::vector<std::string> layers;
    for (const std::string& own : report.unexpected) {
      if (own.ends_with(kind.part)) {
        layers.push_back(quoted(own.substr(0, own.size() - kind.part.size())));
      }
    }
    if (layers.empty()) continue;
    sentences.push_back(concat("the weight of ", joined(layers, ", "), " is one that ", kind.said,
                               ": save it after ", kind.cure));
  }
  return sentences;
}

}  // namespace

std::string as_product(std::int64_t count, std::int64_t channels) {
  if (channels > 1 && count % channels == 0 && count / channels > 1) {
    const std::int64_t plane = count / channels;
    const std::int64_t side = side_of(plane);
    return side > 0 ? concat(channels, "·", side, "·", side) : concat(channels, "·", plane);
  }
  if (channels == 1) {
    if (const std::int64_t side = side_of(count); side > 1) return concat(side, "·", side);
    if (const std::int64_t side = count % 3 == 0 ? side_of(count / 3) : 0; side > 1) {
      return concat("3·", side, "·", side);
    }
  }
  return std::to_string(count);
}

std::optional<Shape> usual_input(const Graph& graph) {
  if (graph.inputs().size() != 1) return std::nullopt;
  std::vector<Shape> inputs;
  if (const auto channels = input_channels(graph)) {
    for (const std::int64_t side : {28, 32, 64,  224, 96,  128, 256, 227, 299, 48,  40,
                                    56, 84, 100, 112, 150, 160, 192, 200, 300, 384, 512}) {
      inputs.push_back({1, *channels, side, side});
    }
  } else if (const Linear* linear = first_linear(graph)) {
    const std::int64_t features = linear->options().in_features;
    for (const std::int64_t planes : {1, 3, 4}) {
      const std::int64_t side = features % planes == 0 ? side_of(features / planes) : 0;
      if (side > 1) inputs.push_back({1, planes, side, side});
    }
    inputs.push_back({1, features});
  }
  const auto fits = [&](const Shape& input) { return !walk(graph, input).failed; };
  const auto found = std::ranges::find_if(inputs, fits);
  return found == inputs.end() ? std::nullopt : std::optional(*found);
}

std::string explain_shapes(const Graph& graph, const Shape& input) {
  return graph.inputs().size() == 1 ? shapes_sentence(graph, input) : std::string();
}

void explain(LoadReport& report, const Graph& graph, const StateDict& state_dict,
             const std::optional<Shape>& input) {
  if (report.fits()) return;
  report.proposed = propose_renames(graph, state_dict);
  StateDict named = state_dict;
  rename(named, report.proposed);
  LoadReport rest = compare(graph, named);
  named = unwrap(std::move(named), rest.wrapper);

  const Adopted adopted = adopt(graph, named);
  report.explained = adopted.impossible;
  const auto add = [&](const std::vector<std::string>& sentences) {
    report.explained.insert(report.explained.end(), sentences.begin(), sentences.end());
  };
  add(adopted.differences);
  add(of_options(rest, graph, named));
  add(of_parametrizations(rest));
  std::optional<Shape> from = input ? input : usual_input(graph);
  if (!from || graph.inputs().size() != 1 || rest.mismatched.empty()) return;
  if (!input && from->rank() == 2) return;  // nothing but the number that the graph has itself
  if (const auto channels = input_channels(adopted.graph);
      channels && from->rank() == 4 && (*from)[1] != *channels) {
    report.explained.push_back(concat("the file's network takes ", channels_text(*channels),
                                      ", the graph's ", (*from)[1]));
    from = from->with(1, *channels);
  }
  const std::string shapes = shapes_sentence(adopted.graph, *from);
  if (!shapes.empty()) {
    report.explained.push_back(shapes);
  } else if (!adopted.differences.empty() && adopted.impossible.empty() && rest.missing.empty()) {
    report.explained.push_back(
        concat("with the file's layers in the graph all shapes fit for input ", *from));
  }
}

}  // namespace nn
