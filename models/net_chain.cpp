#include <algorithm>

#include <models/functions.h>
#include <models/net_chain.h>
#include <models/wiring_fills.h>
#include <models/wiring_graph.h>
#include <models/wiring_names.h>
#include <nn/nn.h>

namespace models {
namespace {

constexpr std::size_t most_listed = 8;

bool is_loose(const Link& link) { return link.tool || link.open_before; }

// The layers printed, without those that say nothing about a chain.
std::vector<Link> links_of(const PrintedNet& net) {
  std::vector<Link> chain;
  bool open = false;
  for (PrintedStep& step : printed_steps(net)) {
    open = open || step.open_before;
    if (step.tool && (step.duty == Duty::nothing || step.duty == Duty::flatten)) continue;
    // Before the first layer the caller may reshape the picture.
    chain.push_back({std::move(step.name), std::move(step.layer), step.duty, open || chain.empty(),
                     step.tool, step.module});
    open = false;
  }
  return chain;
}

// "bn12" -> "12"
std::string_view trailing_number(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789");
  return last == std::string_view::npos ? name : name.substr(last + 1);
}

bool is_norm_of(const Link& norm, const Link& weights) {
  const std::string kind = norm.layer.kind();
  return weights.duty == Duty::weights &&
         (kind == "BatchNorm2d") == (weights.layer.kind() == "Conv2d") &&
         channels_out(weights.layer) == channels_in(norm.layer);
}

// Takes out the BatchNorms that cannot stand where they are printed: several in a row, or one whose
// channels neither the layer before nor the one behind has.
std::vector<Link> take_stray_norms(std::vector<Link>& chain) {
  std::vector<bool> stray(chain.size());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (chain[i].duty != Duty::norm || !is_loose(chain[i])) continue;
    const bool follows_norm = i > 0 && chain[i - 1].duty == Duty::norm;
    if (follows_norm) stray[i] = stray[i - 1] = true;
    const bool fits_before =
        i > 0 && (chain[i - 1].duty != Duty::weights || is_norm_of(chain[i], chain[i - 1]));
    const bool fits_behind =
        i + 1 < chain.size() && channels_in(chain[i + 1].layer) == channels_in(chain[i].layer);
    if (!fits_before && !fits_behind) stray[i] = true;
  }
  std::vector<Link> taken, kept;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    (stray[i] ? taken : kept).push_back(std::move(chain[i]));
  }
  chain = std::move(kept);
  return taken;
}

// Puts the strays behind the layers that `norm_after` names in their order, or those that fit.
void place_norms(const PrintedNet& net, std::vector<Link>& chain, const WiringOptions& options,
                 std::vector<Assumption>& assumed) {
  const std::vector<std::string> given = wiring::split_list(options.norm_after);
  std::vector<std::string> places;
  std::vector<std::string> others;
  std::vector<Link> strays = take_stray_norms(chain);
  if (!given.empty() && given.size() != strays.size()) {
    nn::fail(net.source(), ": norm_after: expected a layer for each of ", strays.size(),
             " BatchNorms that stand in a row, got ", nn::printable(options.norm_after));
  }
  for (Link& norm : strays) {
    std::vector<std::size_t> fits;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const bool is_last = i + 1 == chain.size();
      const bool free = is_last || (chain[i + 1].duty != Duty::norm && is_loose(chain[i + 1]));
      if (free && is_norm_of(norm, chain[i])) fits.push_back(i);
    }
    if (fits.empty()) {
      nn::fail(net.place(norm.module), ": layer '", nn::printable(norm.name), "' (",
               norm.layer.kind(), "): no layer before it has its ", *channels_in(norm.layer),
               " channels and no BatchNorm of its own");
    }
    std::size_t at = fits.front();
    for (const std::size_t fit : fits) {
      if (trailing_number(chain[fit].name) == trailing_number(norm.name)) at = fit;
    }
    if (!given.empty()) {
      const auto named = std::ranges::find_if(
          fits, [&](std::size_t fit) { return chain[fit].name == given[places.size()]; });
      if (named == fits.end()) {
        nn::fail(net.place(norm.module), ": norm_after: layer '", nn::printable(norm.name),
                 "' cannot follow '", nn::printable(given[places.size()]), "'");
      }
      at = *named;
    }
    for (const std::size_t fit : fits) {
      if (fit != at) others.push_back(nn::concat(norm.name, " after ", chain[fit].name));
    }
    places.push_back(chain[at].name);
    norm.open_before = true;
    if (at + 1 < chain.size()) chain[at + 1].open_before = true;
    chain.insert(chain.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(norm));
  }
  if (places.empty()) return;
  Assumption assumption{"norm_after", wiring::join(places), {}};
  assumption.given = !given.empty();
  if (!assumption.given && others.size() <= most_listed) {
    assumption.alternatives = std::move(others);
  } else if (!assumption.given) {
    assumption.more = others.size();
  }
  assumed.push_back(std::move(assumption));
}

std::size_t last_weights(const std::vector<Link>& chain) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (chain[i].duty == Duty::weights) last = i;
  }
  return last;
}

// Takes out the activations that are printed where none can run: before all weights, behind them
// or twice between two. Behind them a softmax stays, and a sigmoid or tanh of a net that has
// another activation for its inside.
std::vector<Link> take_spare_activations(std::vector<Link>& chain) {
  const std::size_t last = last_weights(chain);
  const auto is_another = [&](const Link& link) {
    return std::ranges::any_of(chain, [&](const Link& other) {
      return other.duty == Duty::activation && other.layer.kind() != link.layer.kind();
    });
  };
  std::vector<bool> spare(chain.size());
  bool behind_weights = false;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Link& link = chain[i];
    if (link.duty == Duty::weights) behind_weights = true;
    if (link.duty == Duty::output && link.tool && i < last) spare[i] = true;
    if (link.duty != Duty::activation) continue;
    const bool ends_net = i > last &&
                          (link.layer.kind() == "Sigmoid" || link.layer.kind() == "Tanh") &&
                          is_another(link);
    spare[i] = link.tool && !ends_net && (!behind_weights || i > last);
    if (!spare[i]) behind_weights = false;
  }
  std::vector<Link> taken, kept;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    (spare[i] ? taken : kept).push_back(std::move(chain[i]));
  }
  chain = std::move(kept);
  return taken;
}

// A depthwise convolution and the 1 x 1 one behind it are one separable convolution.
bool is_separable(const Link& a, const Link& b) {
  const auto* depthwise = a.layer.as<nn::Conv2d>();
  const auto* pointwise = b.layer.as<nn::Conv2d>();
  return depthwise != nullptr && pointwise != nullptr && depthwise->options().groups > 1 &&
         depthwise->options().groups == depthwise->options().in_channels &&
         pointwise->options().kernel_size == nn::IntPair(1);
}

// Does a BatchNorm follow the layer at `a` with a place between the two where a function may stand?
bool norm_is_open(const std::vector<Link>& chain, std::size_t a) {
  return a + 1 < chain.size() && chain[a + 1].duty == Duty::norm && chain[a + 1].open_before;
}

// Where a function may stand between the layers with weights at `a` and `b`: behind the BatchNorm
// of `a` unless it comes `before_norm`, as early as it can. Nothing where all is printed, or an
// activation is.
std::optional<std::size_t> gap_between(const std::vector<Link>& chain, std::size_t a, std::size_t b,
                                       bool before_norm) {
  std::optional<std::size_t> gap;
  for (std::size_t i = a + 1; i <= b; ++i) {
    if (chain[i].duty == Duty::activation) return std::nullopt;
    const bool own_norm = i == a + 1 && chain[i].duty == Duty::norm && !before_norm;
    if (!gap && chain[i].open_before && !own_norm) gap = i;
  }
  return gap;
}

// The activation that functions are, and where it comes from.
struct Filler {
  nn::Module layer;
  bool given = false;
  bool printed = false;  // the one kind that is printed elsewhere
};

Filler filler_of(const PrintedNet& net, std::vector<Link>& chain, const WiringOptions& options) {
  std::vector<nn::Module> kinds;
  const auto note = [&](const Link& link) {
    if (link.duty != Duty::activation || link.layer.kind() == "PReLU") return;
    const auto same = [&](const nn::Module& kind) {
      return kind.kind() == link.layer.kind() && kind.extra_repr() == link.layer.extra_repr();
    };
    if (std::ranges::none_of(kinds, same)) kinds.push_back(link.layer);
  };
  std::ranges::for_each(chain, note);
  for (const Link& spare : take_spare_activations(chain)) {
    if (spare.layer.kind() == "PReLU") {
      nn::fail(
          net.place(spare.module), ": layer '", nn::printable(spare.name),
          "' (PReLU): stands where no layer comes before it, and its weights are of one place");
    }
    note(spare);
  }
  if (!options.activation.empty()) {
    return {wiring::activation_from(options.activation), true, false};
  }
  if (kinds.size() == 1) return {kinds[0], false, true};
  return {nn::ReLU{}, false, false};
}

// Whether activations come before BatchNorms that functions may stand in front of. Pools stand behind
// both.
bool activation_first(const PrintedNet& net, const WiringOptions& options) {
  if (options.order.empty()) return false;
  const wiring::StepOrder order = wiring::step_order_from(options.order);
  if (order.steps.back() != wiring::Step::pool) {
    nn::fail(net.source(), ": order: for a printed net expected norm,activation,pool or ",
             "activation,norm,pool, got '", nn::printable(options.order), "'");
  }
  return order.before(wiring::Step::activation, wiring::Step::norm);
}

void note_order(bool first, bool given, std::vector<Assumption>& assumed) {
  Assumption order{"order", "norm,activation,pool", {"activation,norm,pool"}};
  if (first) std::swap(order.chosen, order.alternatives[0]);
  order.given = given;
  if (given) order.alternatives.clear();
  assumed.push_back(std::move(order));
}

void fill_activations(const PrintedNet& net, std::vector<Link>& chain, const WiringOptions& options,
                      std::vector<Assumption>& assumed) {
  const Filler filler = filler_of(net, chain, options);
  const bool first = activation_first(net, options);
  bool open_norms = false;  // with an activation on one of their sides
  const bool said = !options.without_activation.empty();
  std::vector<std::string> without;
  if (said && options.without_activation != "none") {
    without = wiring::split_list(options.without_activation);
  }
  std::vector<std::string> filled, left_out;
  std::vector<Link> result;
  const std::size_t last = last_weights(chain);
  std::size_t gap = 0;  // where the next activation goes; 0 for none
  std::string after;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (gap == i && gap > 0) {
      result.push_back({after + "_activation", filler.layer, Duty::activation, true, false, 0});
      filled.push_back(after);
      gap = 0;
    }
    result.push_back(chain[i]);
    if (chain[i].duty != Duty::weights || i == last) continue;
    std::size_t next = i + 1;
    while (chain[next].duty != Duty::weights) ++next;
    gap = gap_between(chain, i, next, first).value_or(0);
    after = chain[i].name;
    const bool none = said ? std::ranges::find(without, after) != without.end()
                           : next == i + 1 && is_separable(chain[i], chain[next]);
    if (gap > 0 && none) {
      left_out.push_back(after);
      gap = 0;
    }
    open_norms = open_norms || (gap > 0 && norm_is_open(chain, i));
  }
  chain = std::move(result);
  if (filled.empty() && left_out.empty()) return;
  if (!filled.empty()) {
    const std::string chosen = spoken(filler.layer);
    Assumption open{"activation", chosen, {}};
    open.given = filler.given;
    if (!filler.given && !filler.printed) {
      open.alternatives = wiring::activation_names();
      std::erase(open.alternatives, chosen);
    }
    assumed.push_back(std::move(open));
  }
  Assumption open{"without_activation", left_out.empty() ? "none" : wiring::join(left_out), {}};
  open.given = said;
  if (!said && filled.size() <= most_listed) {
    open.alternatives = filled;
  } else if (!said) {
    open.more = filled.size();
  }
  assumed.push_back(std::move(open));
  if (open_norms) note_order(first, !options.order.empty(), assumed);
}

}  // namespace

std::optional<std::int64_t> channels_in(const nn::Module& layer) {
  if (const auto* conv = layer.as<nn::Conv2d>()) return conv->options().in_channels;
  if (const auto* linear = layer.as<nn::Linear>()) return linear->options().in_features;
  if (const auto* norm = layer.as<nn::BatchNorm1d>()) return norm->options().num_features;
  if (const auto* norm = layer.as<nn::BatchNorm2d>()) return norm->options().num_features;
  return std::nullopt;
}

std::optional<std::int64_t> channels_out(const nn::Module& layer) {
  if (const auto* conv = layer.as<nn::Conv2d>()) return conv->options().out_channels;
  if (const auto* linear = layer.as<nn::Linear>()) return linear->options().out_features;
  return channels_in(layer);
}

std::vector<Link> chain_of(const PrintedNet& net, const WiringOptions& options,
                           std::vector<Assumption>& assumed) {
  std::vector<Link> chain = links_of(net);
  if (std::ranges::find(chain, Duty::weights, &Link::duty) == chain.end()) {
    nn::fail(net.source(), ": holds no layer with weights (", nn::printable(net.modules()[0].kind),
             ")");
  }
  if (net.modules().size() == 1) {
    nn::fail(net.source(), ": this is a single layer, whose weights have no name before the dot; ",
             "expected a net");
  }
  const bool open = std::any_of(chain.begin() + 1, chain.end(), [](const Link& link) {
    return link.open_before && (link.duty == Duty::weights || link.duty == Duty::norm);
  });
  if (open) assumed.push_back({"chain", "each layer with weights once, in the order printed", {}});
  place_norms(net, chain, options, assumed);
  fill_activations(net, chain, options, assumed);
  return chain;
}

}  // namespace models
