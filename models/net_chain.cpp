#include <algorithm>
#include <set>

#include <models/functions.h>
#include <models/net_chain.h>
#include <nn/nn.h>

namespace models {
namespace {

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    text += nn::concat(i == 0 ? "" : ", ", nn::printable(names[i]));
  }
  if (names.size() > most) text += nn::concat(" and ", names.size() - most, " more");
  return text;
}

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

void place_norms(const PrintedNet& net, std::vector<Link>& chain,
                 std::vector<Assumption>& assumed) {
  std::vector<std::string> places;
  bool several = false;
  for (Link& norm : take_stray_norms(chain)) {
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
    several = several || fits.size() > 1;
    places.push_back(nn::concat(norm.name, " after ", chain[at].name));
    norm.open_before = true;
    if (at + 1 < chain.size()) chain[at + 1].open_before = true;
    chain.insert(chain.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(norm));
  }
  if (!places.empty()) {
    assumed.push_back({"batch norm", joined(places),
                       several ? std::vector<std::string>{"other layers of as many channels"}
                               : std::vector<std::string>{}});
  }
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

// Where a function may stand between the layers with weights at `a` and `b`: behind the BatchNorm
// of `a`, as early as it can. Nothing where all is printed, or an activation is.
std::optional<std::size_t> gap_between(const std::vector<Link>& chain, std::size_t a,
                                       std::size_t b) {
  std::optional<std::size_t> gap;
  for (std::size_t i = a + 1; i <= b; ++i) {
    if (chain[i].duty == Duty::activation) return std::nullopt;
    const bool own_norm = i == a + 1 && chain[i].duty == Duty::norm;
    if (!gap && chain[i].open_before && !own_norm) gap = i;
  }
  return gap;
}

void fill_activations(std::vector<Link>& chain, std::string_view activation,
                      std::vector<Assumption>& assumed) {
  std::set<std::string> printed_kinds;
  std::optional<nn::Module> printed;
  const auto note = [&](const Link& link) {
    if (link.duty != Duty::activation) return;
    printed_kinds.insert(link.layer.kind() + link.layer.extra_repr());
    if (!printed) printed = link.layer;
  };
  std::ranges::for_each(chain, note);
  for (const Link& spare : take_spare_activations(chain)) note(spare);

  std::optional<nn::Module> filler = activation_named(activation);
  const bool asked = filler.has_value();
  const bool as_printed = !asked && printed_kinds.size() == 1;
  if (as_printed) filler = printed;
  if (!filler) filler = activation_named("relu");

  std::vector<std::string> filled, separable;
  std::vector<Link> result;
  const std::size_t last = last_weights(chain);
  std::size_t gap = 0;  // where the next activation goes; 0 for none
  std::string after;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (gap == i && gap > 0) {
      result.push_back({after + "_activation", *filler, Duty::activation, true, false, 0});
      filled.push_back(after);
      gap = 0;
    }
    result.push_back(chain[i]);
    if (chain[i].duty != Duty::weights || i == last) continue;
    std::size_t next = i + 1;
    while (chain[next].duty != Duty::weights) ++next;
    gap = gap_between(chain, i, next).value_or(0);
    after = chain[i].name;
    if (gap > 0 && next == i + 1 && is_separable(chain[i], chain[next])) {
      separable.push_back(after);
      gap = 0;
    }
  }
  chain = std::move(result);
  const std::string chosen = spoken(*filler);
  if (!separable.empty()) {
    assumed.push_back({nn::concat("activation after ", joined(separable)), "none", {chosen}});
  }
  if (filled.empty() || asked) return;
  if (as_printed) {
    assumed.push_back({nn::concat("activation after ", joined(filled)), chosen, {"none"}});
    return;
  }
  Assumption open{"activation", chosen, {}};
  for (const std::string_view name : activation_names()) {
    if (name != chosen) open.alternatives.emplace_back(name);
  }
  assumed.push_back(std::move(open));
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

std::vector<Link> chain_of(const PrintedNet& net, std::string_view activation,
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
  if (open)
    assumed.push_back({"forward", "each layer with weights once, in the order printed", {}});
  place_norms(net, chain, assumed);
  fill_activations(chain, activation, assumed);
  return chain;
}

}  // namespace models
