#include <algorithm>
#include <apps/card.h>
#include <apps/graph_network.h>
#include <apps/made_up.h>
#include <apps/network.h>
#include <apps/output.h>
#include <apps/shipped.h>
#include <apps/weights.h>
#include <filesystem>
#include <optional>
#include <system_error>

#include <models/net_wiring.h>

namespace apps {
namespace {

std::string known_names() {
  std::string text;
  for (const models::Model& model : models::registry())
    text += nn::concat(text.empty() ? "" : ", ", model.name);
  return text;
}

// A network of the table, without weights.
Network known_network(const models::Model& model, const NetOptions& net) {
  Network network;
  network.name = model.name;
  network.graph = model.build();
  network.input = model.input_shape();
  network.normalization = net.normalization.value_or(normalization_of(model.mean, model.std));
  network.labels.assign(model.labels.begin(), model.labels.end());
  network.output = model.output;
  return network;
}

// The numbers of the classes that come out, [1, C].
std::vector<std::string> numbered_labels(const std::string& source, const nn::Graph& graph,
                                         const nn::Shape& input) {
  const nn::TensorSpec spec{input, nn::DType::float32};
  const nn::Value output = graph.outputs()[0].value;
  const nn::Shape shape = nn::infer(graph, {&spec, 1})[static_cast<std::size_t>(output.id)].shape;
  constexpr std::int64_t most = 1'000'000;
  if (shape.rank() != 2 || shape[0] != 1 || shape[1] < 1 || shape[1] > most) {
    nn::fail(source, ": expected a net that gives [1, classes] for a picture, this one gives ",
             shape);
  }
  std::vector<std::string> labels;
  for (std::int64_t i = 0; i < shape[1]; ++i) labels.push_back(std::to_string(i));
  return labels;
}

// What a file's user or its card says of its pictures, or else what most nets were trained with.
void choose_normalization(Network& network, const nn::StateDict& weights, const NetOptions& net) {
  if (net.normalization) {
    network.normalization = *net.normalization;
    return;
  }
  if (const auto said = normalization_beside(weights)) {
    network.normalization = *said;
    return;
  }
  network.normalization = usual_normalizations()[0];
  models::Assumption assumption{"normalize", network.normalization.name, {}};
  for (const Normalization& other : usual_normalizations().subspan(1)) {
    assumption.alternatives.push_back(other.name);
  }
  network.assumed.push_back(std::move(assumption));
}

// A net that was put together, without weights.
Network wired_network(models::Wiring wiring, std::string name, const nn::StateDict& weights,
                      const NetOptions& net) {
  Network network;
  network.name = std::move(name);
  network.file = weights.source();
  network.graph = std::move(wiring.graph);
  network.input = wiring.input;
  network.output = wiring.output;
  network.assumed = std::move(wiring.assumed);
  network.labels = numbered_labels(nn::printable(network.file), network.graph, network.input);
  choose_normalization(network, weights, net);
  return network;
}

Network printed_network(const nn::StateDict& weights, const NetOptions& net) {
  const models::PrintedNet printed = models::read_net(net.text);
  return wired_network(models::wire(printed, net.wiring), printed.modules()[0].kind, weights, net);
}

constexpr const char* inferred_name = "inferred";

bool says_wiring(const NetOptions& net) {
  const models::WiringOptions& options = net.wiring;
  // A shape with a batch is a wish for sizes, of whatever net.
  if (options.input && (net.inputs.empty() || !has_batch(net.inputs[0].shape))) return true;
  return std::ranges::any_of(models::wiring_option_names(), [&](std::string_view name) {
    return name != "input" && !models::option_text(options, name).empty();
  });
}

// The printed network where there is a text, or the known one unless the user says how layers are
// wired: what need not be inferred.
std::optional<Network> told_network(const nn::StateDict& weights, const NetOptions& net) {
  if (!net.text.empty()) return printed_network(weights, net);
  const models::Model* const model = says_wiring(net) ? nullptr : models::find_fitting(weights);
  if (model == nullptr) return std::nullopt;
  Network network = known_network(*model, net);
  network.file = weights.source();
  return network;
}

// A net for weights that are of no known network.
models::Wiring infer(const nn::StateDict& weights, const NetOptions& net) {
  try {
    return models::infer_wiring(weights, net.wiring);
  } catch (const nn::Error& error) {
    if (says_wiring(net)) throw;
    // With the nearest of the known networks, which may be what was meant.
    const std::string why = error.what();
    try {
      models::fitting(weights);
    } catch (const nn::Error& nearest) {
      nn::fail(nearest.what(), "\n", why);
    }
    throw;
  }
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) {
    text += nn::concat(i == 0 ? "" : ", ", nn::printable(names[i]));
  }
  return names.size() > most ? nn::concat(text, " and ", names.size() - most, " more") : text;
}

}  // namespace

const models::Assumption* Network::assumption(std::string_view what) const {
  const auto found = std::ranges::find(assumed, what, &models::Assumption::what);
  return found == assumed.end() ? nullptr : &*found;
}

Network unloaded_network(const nn::StateDict& weights, const NetOptions& net) {
  if (std::optional<Network> network = told_network(weights, net)) return std::move(*network);
  return wired_network(infer(weights, net), inferred_name, weights, net);
}

Network network_of(const nn::StateDict& weights, const WeightsOptions& options,
                   const NetOptions& net) {
  if (std::optional<Network> network = told_network(weights, net)) {
    load_weights(network->graph, weights, options);
    return std::move(*network);
  }
  models::Wiring wiring = infer(weights, net);
  models::load(wiring, weights, {.allow_rounding = options.allow_rounding});
  if (!wiring.unused.empty()) {
    complain(nn::concat(nn::printable(weights.source()), ": not used: ", listed(wiring.unused)));
  }
  return wired_network(std::move(wiring), inferred_name, weights, net);
}

Network open_model(const std::string& file, const WeightsOptions& options, const NetOptions& net) {
  if (!file.empty() && nn::holds_graph(file)) return graph_network(file, net);
  return network_of(open_weights(file.empty() ? shipped_weights() : file, options), options, net);
}

Network open_network(const std::string& name, const WeightsOptions& options,
                     const NetOptions& net) {
  std::error_code error;
  if (std::filesystem::exists(name, error) || error) {
    if (nn::holds_graph(name)) return graph_network(name, net);
    return network_of(open_weights(name, options), options, net);
  }
  const models::Model* model = models::find(name);
  if (model == nullptr) {
    nn::fail(nn::printable(name), ": neither a file nor one of the known networks (", known_names(),
             ")");
  }
  Network network = known_network(*model, net);
  make_up_weights(network.graph);
  return network;
}

void require_rows(const Network& network, std::int64_t rows) {
  if (network.declared.empty()) return;
  const nn::TensorSpec spec{network.input.with(0, rows), network.declared[0].dtype};
  try {
    nn::require_declared(network.declared, {&spec, 1});
  } catch (const nn::Error& error) {
    nn::fail(nn::printable(network.source()), ": ", error.what());
  }
}

std::int64_t rows_at_once(const Network& network, std::int64_t rows) {
  if (network.declared.empty() || network.declared[0].sizes.empty()) return rows;
  return std::min(rows,
                  std::max<std::int64_t>(1, network.declared[0].sizes[0].most.value_or(rows)));
}

void tell_assumed(const Network& network) {
  tell_assumed(nn::printable(network.source()), network.assumed);
}

void tell_assumed(const std::string& source, std::span<const models::Assumption> assumed) {
  for (const models::Assumption& assumption : assumed) {
    if (assumption.given) continue;
    std::string others;
    for (const std::string& alternative : assumption.alternatives) {
      others +=
          nn::concat(others.empty() ? " (as well possible: " : "; ", nn::printable(alternative));
    }
    if (assumption.more > 0) {
      others +=
          nn::concat(others.empty() ? " (as well possible: " : "; ", assumption.more, " more");
    }
    complain(nn::concat(source, ": assumed ", assumption.what, ": ",
                        nn::printable(assumption.chosen), others, others.empty() ? "" : ")"));
  }
}

Json assumed_json(std::span<const models::Assumption> assumed) {
  std::vector<Json> items;
  for (const models::Assumption& assumption : assumed) {
    if (assumption.given) continue;
    const std::vector<Json> others(assumption.alternatives.begin(), assumption.alternatives.end());
    Json item = Json::object(
        {{"what", assumption.what}, {"chosen", assumption.chosen}, {"alternatives", others}});
    if (assumption.more > 0) item.set("more", static_cast<std::int64_t>(assumption.more));
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace apps
