#include <algorithm>
#include <array>
#include <cmath>

#include <models/functions.h>
#include <models/net_chain.h>
#include <models/net_wiring.h>
#include <models/pool_places.h>
#include <models/wiring_names.h>
#include <models/wiring_settled.h>
#include <nn/nn.h>

namespace models {
namespace {

// MNIST's and its kin's, CIFAR's; nets for colour are more often for the latter.
constexpr std::array<std::int64_t, 2> grey_sides{28, 32};
constexpr std::array<std::int64_t, 2> colour_sides{32, 28};

// The layer with weights that pictures meet first.
const Link& first_weights(const std::vector<Link>& chain) {
  return *std::ranges::find(chain, Duty::weights, &Link::duty);
}

// Pictures of equal sides with that many values, of one channel or three.
std::optional<nn::Shape> picture_of(std::int64_t values) {
  for (const std::int64_t channels : {1, 3}) {
    if (values % channels != 0) continue;
    const auto side = std::llround(std::sqrt(static_cast<double>(values / channels)));
    if (side > 1 && side <= 65536 && side * side * channels == values) {
      return nn::Shape{1, channels, side, side};
    }
  }
  return std::nullopt;
}

// The inputs to try.
std::vector<nn::Shape> inputs_for(const PrintedNet& net, const std::vector<Link>& chain,
                                  const WiringOptions& options) {
  if (options.input) {
    const nn::Shape& in = *options.input;
    if (in.rank() != 3) nn::fail(net.source(), ": expected an input [C, H, W], got ", in);
    return {{1, in[0], in[1], in[2]}};
  }
  const Link& first = first_weights(chain);
  if (const auto* conv = first.layer.as<nn::Conv2d>()) {
    std::vector<nn::Shape> inputs;
    const std::int64_t channels = conv->options().in_channels;
    for (const std::int64_t side : channels == 3 ? colour_sides : grey_sides) {
      inputs.push_back({1, channels, side, side});
    }
    return inputs;
  }
  const std::int64_t values = *channels_in(first.layer);
  const auto picture = picture_of(values);
  if (!picture) {
    nn::fail(net.place(first.module), ": layer '", nn::printable(first.name), "' (Linear): its ",
             values, " inputs are no square picture: say what goes in with --input CxHxW");
  }
  return {*picture};
}

// The pools of classes whose `forward` is unknown, taken out of the chain: where they were printed.
struct PrintedPools {
  std::vector<nn::Module> kinds;  // no two alike
  struct Place {
    std::size_t before;  // link of the chain without them
    std::size_t kind;
  };
  std::vector<Place> places;
};

PrintedPools take_pools(std::vector<Link>& chain) {
  PrintedPools pools;
  std::vector<Link> kept;
  bool open = false;
  for (Link& link : chain) {
    if (!link.tool || link.duty != Duty::pool) {
      link.open_before = link.open_before || open;
      open = false;
      kept.push_back(std::move(link));
      continue;
    }
    open = true;
    const auto same = std::ranges::find_if(pools.kinds, [&](const nn::Module& kind) {
      return kind.kind() == link.layer.kind() && kind.extra_repr() == link.layer.extra_repr();
    });
    const auto kind = static_cast<std::size_t>(same - pools.kinds.begin());
    if (same == pools.kinds.end()) pools.kinds.push_back(link.layer);
    pools.places.push_back({kept.size(), kind});
  }
  chain = std::move(kept);
  return pools;
}

// Where a pool may stand: one place behind each convolution, before the next layer with weights,
// behind its BatchNorm and activation.
std::vector<std::size_t> free_places(const std::vector<Link>& chain) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (chain[i].layer.kind() != "Conv2d") continue;
    std::size_t end = i + 1;
    while (end < chain.size() && chain[end].duty != Duty::weights) ++end;
    std::optional<std::size_t> place;
    for (std::size_t k = i + 1; k <= end; ++k) {
      const bool at_end = k == chain.size();
      if (!at_end && (chain[k].duty == Duty::norm || chain[k].duty == Duty::activation)) {
        if (place) place.reset();
        continue;
      }
      if (!place && !at_end && chain[k].open_before) place = k;
    }
    if (place) places.push_back(*place);
  }
  return places;
}

// Puts pools, flattening and a global mean into the chain for an input.
std::vector<Link> completed(const std::vector<Link>& chain,
                            const std::vector<std::pair<std::size_t, nn::Module>>& pools,
                            bool global, nn::Shape shape) {
  std::vector<Link> result;
  const auto add = [&](const std::string& name, nn::Module layer, Duty duty) {
    result.push_back({name, std::move(layer), duty, true, false, 0});
    if (const auto out = shape_behind(result.back(), shape, false)) shape = *out;
  };
  auto pool = pools.begin();
  for (std::size_t i = 0; i <= chain.size(); ++i) {
    for (; pool != pools.end() && pool->first == i; ++pool) {
      add(nn::concat("pool", pool - pools.begin() + 1), pool->second, Duty::pool);
    }
    if (i == chain.size()) break;
    const std::string kind = chain[i].layer.kind();
    if ((kind == "Linear" || kind == "BatchNorm1d") && shape.rank() == 4 && chain[i].open_before) {
      if (global && shape[1] == channels_in(chain[i].layer)) {
        add("global_pool", nn::AdaptiveAvgPool2d({.output_size = 1}), Duty::other);
      }
      add("flatten", nn::Flatten{}, Duty::flatten);
    }
    result.push_back(chain[i]);
    if (const auto out = shape_behind(chain[i], shape, false)) shape = *out;
  }
  if (shape.rank() == 4) {
    if (shape[2] * shape[3] > 1) {
      add("global_pool", nn::AdaptiveAvgPool2d({.output_size = 1}), Duty::other);
    }
    add("flatten", nn::Flatten{}, Duty::flatten);
  }
  return result;
}

nn::Graph graph_of(const PrintedNet& net, const std::vector<Link>& chain, const nn::Shape& input) {
  nn::Graph graph;
  nn::Value value = graph.input();
  nn::TensorSpec spec{input, nn::DType::float32};
  for (const Link& link : chain) {
    std::string name = link.name;
    while (graph.find(name) != nullptr) name += "_";
    const bool printed = link.module != 0;
    try {
      spec = link.layer.outputs({&spec, 1}).at(0);
    } catch (const nn::Error& error) {
      nn::fail(printed ? net.place(link.module) : net.source(), ": layer '",
               nn::printable(link.name), "' (", link.layer.kind(), ") gets ", spec.shape,
               " for pictures ", input, ": ", error.what());
    }
    value = graph.add(name, link.layer, {value});
  }
  graph.output(value);
  return graph;
}

// As the option `pool_after`: "conv1,conv2".
std::string place_names(const std::vector<Link>& chain, const std::vector<std::size_t>& before) {
  if (before.empty()) return "none";
  std::vector<std::string> names;
  for (const std::size_t place : before) {
    std::size_t at = place;
    while (at > 0 && chain[at - 1].duty != Duty::weights) --at;
    names.push_back(at > 0 ? chain[at - 1].name : "input");
  }
  return wiring::join(names);
}

// A way to run the chain.
struct Way {
  std::vector<std::pair<std::size_t, nn::Module>> pools;  // before which link
  bool global = false;

  std::vector<std::size_t> places() const {
    std::vector<std::size_t> result;
    for (const auto& [before, pool] : pools) result.push_back(before);
    return result;
  }
};

std::optional<Way> as_printed(const std::vector<Link>& chain, const PrintedPools& pools,
                              const nn::Shape& input, bool global) {
  Way way{{}, global};
  for (const auto& [before, kind] : pools.places) way.pools.emplace_back(before, pools.kinds[kind]);
  std::optional<nn::Shape> shape = input;
  auto pool = way.pools.begin();
  for (std::size_t i = 0; shape && i <= chain.size(); ++i) {
    for (; shape && pool != way.pools.end() && pool->first == i; ++pool) {
      shape = shape_behind({"", pool->second, Duty::pool}, *shape, false);
    }
    if (shape && i < chain.size()) shape = shape_behind(chain[i], *shape, global);
  }
  return shape ? std::optional(std::move(way)) : std::nullopt;
}

// All ways for an input, the first the one to take: as printed, if that makes the sizes meet. Where
// pools are printed and none may be used elsewhere, there are no others.
std::vector<Way> ways_for(const std::vector<Link>& chain, const PrintedPools& printed,
                          const nn::Module& pool, const nn::Shape& input) {
  std::vector<Way> ways;
  const bool settled =
      printed.kinds.empty() && std::ranges::find(chain, Duty::pool, &Link::duty) != chain.end();
  const std::vector<PoolPlaces> found =
      find_pools(chain, settled ? std::vector<std::size_t>{} : free_places(chain), pool, input);
  for (const bool global : {false, true}) {
    if (auto way = as_printed(chain, printed, input, global)) ways.push_back(*std::move(way));
    for (const PoolPlaces& places : found) {
      if (places.global != global || (!ways.empty() && ways[0].places() == places.before)) continue;
      Way way{{}, global};
      for (const std::size_t before : places.before) way.pools.emplace_back(before, pool);
      ways.push_back(std::move(way));
    }
    if (!ways.empty()) break;
  }
  return ways;
}

void require_pool(const PrintedNet& net, const WiringOptions& options) {
  if (!options.pool.empty() && !pool_named(options.pool)) {
    nn::fail(net.source(), ": pool: expected max or avg, got '", nn::printable(options.pool), "'");
  }
}

Output output_of(const std::vector<Link>& chain) {
  const std::string kind = chain.back().layer.kind();
  if (kind == "LogSoftmax") return Output::log_probabilities;
  return kind == "Softmax" || kind == "Sigmoid" ? Output::probabilities : Output::logits;
}

// What print does not show of average pools, where it matters.
void note_average_pools(const nn::Graph& graph, const nn::Shape& input,
                        std::vector<Assumption>& assumed) {
  const nn::TensorSpec spec{input, nn::DType::float32};
  const std::vector<nn::TensorSpec> specs = nn::infer(graph, {&spec, 1});
  for (const nn::Node& node : graph.nodes()) {
    const auto* pool = node.as<nn::AvgPool2d>();
    if (pool == nullptr) continue;
    const nn::AvgPool2d::Options& o = pool->options();
    if (o.padding != nn::IntPair(0)) {
      assumed.push_back({node.name + ".count_include_pad", "True", {"False"}});
    }
    const nn::Shape& in = specs[static_cast<std::size_t>(node.inputs[0].id)].shape;
    const auto rest = [](std::int64_t size, std::int64_t kernel, std::int64_t stride,
                         std::int64_t padding) { return (size + 2 * padding - kernel) % stride; };
    if (rest(in[2], o.kernel_size.h, o.stride.h, o.padding.h) != 0 ||
        rest(in[3], o.kernel_size.w, o.stride.w, o.padding.w) != 0) {
      assumed.push_back({node.name + ".ceil_mode", "False", {"True"}});
    }
  }
}

void note_places(const std::vector<Link>& chain, const std::vector<Way>& ways, bool given,
                 std::vector<Assumption>& assumed) {
  constexpr std::size_t most = 8;
  if (ways.size() == 1 && !given) return;
  Assumption places{"pool_after", place_names(chain, ways[0].places()), {}};
  places.given = given;
  for (std::size_t i = 1; i < std::min(ways.size(), most + 1); ++i) {
    places.alternatives.push_back(place_names(chain, ways[i].places()));
  }
  if (ways.size() > most + 1) places.more = ways.size() - most - 1;
  assumed.push_back(std::move(places));
}

// Leaves the way whose pools stand where the user said.
void keep_given(const PrintedNet& net, const std::vector<Link>& chain, const std::string& given,
                std::vector<Way>& ways) {
  if (given.empty()) return;
  const std::string wanted = wiring::join(wiring::split_list(given));
  std::erase_if(ways, [&](const Way& way) { return place_names(chain, way.places()) != wanted; });
  if (ways.empty()) {
    nn::fail(net.source(), ": pool_after: with pools after ", nn::printable(given),
             " the layers' sizes do not meet");
  }
}

}  // namespace

Wiring wire(const PrintedNet& net, const WiringOptions& options) {
  require_pool(net, options);
  Wiring wiring;
  std::vector<Link> chain = chain_of(net, options, wiring.assumed);
  const PrintedPools printed = take_pools(chain);
  const bool known_pool = printed.kinds.size() == 1;
  const nn::Module pool =
      known_pool ? printed.kinds[0] : *pool_named(options.pool.empty() ? "max" : options.pool);

  std::vector<nn::Shape> fitting;
  std::vector<Way> ways;
  const std::vector<nn::Shape> inputs = inputs_for(net, chain, options);
  for (const nn::Shape& input : inputs) {
    std::vector<Way> found = ways_for(chain, printed, pool, input);
    if (found.empty()) continue;
    keep_given(net, chain, options.pool_after, found);
    // Sizes that meet exactly are better evidence than a mean over whatever is left.
    if (ways.empty() || (ways[0].global && !found[0].global)) {
      fitting.insert(fitting.begin(), input);
      ways = std::move(found);
    } else if (ways[0].global == found[0].global) {
      fitting.push_back(input);
    }
  }
  if (ways.empty()) {
    fitting.push_back(inputs[0]);
    ways.emplace_back();
    for (const auto& [before, kind] : printed.places) {
      ways[0].pools.emplace_back(before, printed.kinds[kind]);
    }
  }
  wiring.input = fitting[0];
  if (fitting.size() > 1) {
    Assumption input{"input", wiring::input_text(fitting[0].without(0)), {}};
    for (std::size_t i = 1; i < fitting.size(); ++i) {
      input.alternatives.push_back(wiring::input_text(fitting[i].without(0)));
    }
    wiring.assumed.push_back(std::move(input));
  }
  note_places(chain, ways, !options.pool_after.empty(), wiring.assumed);
  const bool made_up = !ways[0].pools.empty() && printed.kinds.empty();
  if (made_up) {
    const bool given = !options.pool.empty();
    wiring.assumed.push_back({"pool", given ? options.pool : "max",
                              given ? std::vector<std::string>{} : std::vector<std::string>{"avg"},
                              0, given});
  }
  chain = completed(chain, ways[0].pools, ways[0].global, wiring.input);
  wiring.graph = graph_of(net, chain, wiring.input);
  wiring.output = output_of(chain);
  note_average_pools(wiring.graph, wiring.input, wiring.assumed);
  return wiring;
}

}  // namespace models
