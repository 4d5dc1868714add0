#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <models/wiring_chain.h>
#include <models/wiring_copies.h>
#include <models/wiring_names.h>
#include <models/wiring_norms.h>
#include <models/wiring_order.h>

namespace models::wiring {
namespace {

constexpr double close_call = 2;  // norms whose second place costs less more are an open choice

// What leaves no trace but in names: the blocks of residual networks.
void require_no_residual_blocks(const std::vector<Part>& parts) {
  std::map<std::string_view, int> convs;
  for (const Part& part : parts) {
    if (part.kind != Kind::conv) continue;
    const std::string_view block = parent_of(part.name);
    const bool stage = leaf_of(parent_of(block)).starts_with("layer");
    if (number_of(leaf_of(block)) >= 0 && stage && ++convs[block] > 1) {
      nn::fail("several convolutions in '", nn::printable(block),
               "' tell of a residual block, whose addition leaves no trace in the file");
    }
  }
}

// Linear layers on a convolution's channels with convolutions behind them: squeeze-and-excitation.
void require_no_gates(const std::vector<Part>& parts) {
  if (sorted_names(parts)) return;
  const auto is_conv = [](const Part& part) { return part.kind == Kind::conv; };
  const auto last = std::ranges::find_if(parts.rbegin(), parts.rend(), is_conv);
  const Part* before = nullptr;
  for (auto part = parts.begin(); part < last.base(); ++part) {
    if (part->kind == Kind::linear && before != nullptr && part->in == before->out) {
      nn::fail(to_text(*part), " stands between convolutions and takes the channels of ",
               to_text(*before), ", as squeeze-and-excitation does, which is no chain");
    }
    if (is_conv(*part)) before = &*part;
  }
}

// Containers whose members are numbered without a gap and all of one kind: an nn.ModuleList, whose
// activations and pools are in forward().
std::set<std::string_view> module_lists(const std::vector<Part>& parts) {
  std::map<std::string_view, std::vector<const Part*>> members;
  for (const Part& part : parts) {
    if (number_of(leaf_of(part.name)) >= 0) members[parent_of(part.name)].push_back(&part);
  }
  std::set<std::string_view> lists;
  for (auto& [parent, list] : members) {
    std::ranges::sort(list, {}, [](const Part* part) { return number_of(leaf_of(part->name)); });
    bool plain = list.size() > 1;
    for (std::size_t i = 0; i < list.size(); ++i) {
      plain = plain && list[i]->kind == list[0]->kind &&
              number_of(leaf_of(list[i]->name)) ==
                  number_of(leaf_of(list[0]->name)) + static_cast<int>(i);
    }
    if (plain) lists.insert(parent);
  }
  return lists;
}

Gap gap_between(const Part& a, const Part& b, const std::set<std::string_view>& lists) {
  const std::string_view parent = parent_of(a.name);
  const int from = number_of(leaf_of(a.name));
  const int to = number_of(leaf_of(b.name));
  if (parent != parent_of(b.name) || from < 0 || to <= from || lists.contains(parent)) return {};
  return to - from - 1;
}

// The ranks of parts in the order that tells which stand side by side.
std::vector<std::size_t> ranks_of(const std::vector<Part>& parts) {
  std::vector<std::size_t> by_rank(parts.size());
  std::iota(by_rank.begin(), by_rank.end(), std::size_t{0});
  if (sorted_names(parts)) {
    std::ranges::stable_sort(by_rank, [&](std::size_t a, std::size_t b) {
      return natural_less(parts[a].name, parts[b].name);
    });
  }
  std::vector<std::size_t> ranks(parts.size());
  for (std::size_t i = 0; i < by_rank.size(); ++i) ranks[by_rank[i]] = i;
  return ranks;
}

class Builder {
 public:
  Builder(const nn::StateDict& state_dict, const WiringOptions& options)
      : options_(options), parts_(parts_of(state_dict)) {
    require_no_residual_blocks(parts_);
    require_no_gates(parts_);
    for (auto& [name, stays] : drop_copies_of(state_dict)) chain_.aliases.emplace_back(name, stays);
    ranks_ = ranks_of(parts_);
  }

  Chain build() {
    const Order order = options_.layers.empty() ? inferred_order() : given_order();
    for (const std::size_t i : order) {
      chain_.units.push_back({parts_[i], 1, {}, {}, {}});
      core_ranks_.push_back(ranks_[i]);
      chain_.convs += parts_[i].kind == Kind::conv ? 1 : 0;
    }
    for (std::size_t u = 1; u < chain_.convs; ++u) {
      const Part& core = chain_.units[u].core;
      const std::int64_t before = chain_.units[u - 1].core.out;
      chain_.units[u].groups = core.in == before ? 1 : before;
    }
    require_separable();
    place_extras(Kind::norm);
    place_extras(Kind::prelu);
    find_gaps();
    return std::move(chain_);
  }

 private:
  std::vector<std::pair<std::string, std::string>> drop_copies_of(const nn::StateDict& state_dict) {
    const std::vector<Part> all = parts_;
    auto dropped = drop_copies(parts_, state_dict);
    for (const Part& part : all) {
      const bool kept =
          std::ranges::any_of(parts_, [&](const Part& other) { return other.name == part.name; });
      if (!kept) leave_out(part);
    }
    return dropped;
  }

  void leave_out(const Part& part) {
    for (const auto& [key, parameter] : part.keys) chain_.unused.push_back(key);
  }

  std::string names(const Order& order) const {
    std::vector<std::string> list;
    for (const std::size_t i : order) list.push_back(parts_[i].name);
    return join(list);
  }

  Order inferred_order() {
    Orders orders = orders_of(parts_);
    if (!orders.others.empty()) {
      Assumption open{"layers", names(orders.best), {}};
      for (const Order& other : orders.others) open.alternatives.push_back(names(other));
      chain_.assumed.push_back(std::move(open));
    }
    return orders.best;
  }

  Order given_order() {
    Order order;
    for (const std::string& name : split_list(options_.layers)) {
      std::string_view real = name;
      for (const auto& [second, stays] : chain_.aliases) {
        if (second == name) real = stays;
      }
      const auto part =
          std::ranges::find_if(parts_, [&](const Part& p) { return p.name == real && p.core(); });
      const auto place = static_cast<std::size_t>(part - parts_.begin());
      if (part == parts_.end()) {
        nn::fail("layers: '", nn::printable(name), "' is no Conv2d or Linear of this file");
      }
      if (std::ranges::find(order, place) != order.end()) {
        nn::fail("layers: '", nn::printable(name), "' is named twice");
      }
      order.push_back(place);
    }
    if (const std::string text = misfit(parts_, order); !text.empty()) nn::fail("layers: ", text);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].core() && std::ranges::find(order, i) == order.end()) leave_out(parts_[i]);
    }
    chain_.assumed.push_back({"layers", names(order), {}, 0, true});
    return order;
  }

  // Depthwise convolutions come with pointwise ones. Another kernel of one channel takes a grey
  // picture, beside the first.
  void require_separable() const {
    for (std::size_t u = 1; u < chain_.convs; ++u) {
      const Part& core = chain_.units[u].core;
      if (chain_.units[u].groups == 1) continue;
      const Part* next = u + 1 < chain_.convs ? &chain_.units[u + 1].core : nullptr;
      if (next == nullptr || next->weight[2] != 1 || next->weight[3] != 1) {
        nn::fail(to_text(core), " takes 1 channel, ", to_text(chain_.units[u - 1].core),
                 " before it gives ", chain_.units[u].groups,
                 ", and no 1 × 1 convolution follows as behind a depthwise one: branches side by "
                 "side?");
      }
    }
  }

  std::vector<Place> places() const {
    std::vector<Place> places;
    for (std::size_t u = 0; u < chain_.units.size(); ++u) {
      const Unit& unit = chain_.units[u];
      if (u == 0 || u == chain_.convs) places.push_back({u, true, unit.core.in * unit.groups});
      places.push_back({u, false, unit.core.out});
    }
    return places;
  }

  // Norms first, so that a PReLU finds where it stands beside them.
  void place_extras(Kind kind) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].kind == kind) indices.push_back(i);
    }
    if (indices.empty()) return;
    std::ranges::sort(indices, {}, [&](std::size_t i) { return ranks_[i]; });
    std::vector<Part> extras;
    std::vector<std::size_t> ranks;
    for (const std::size_t i : indices) {
      extras.push_back(parts_[i]);
      ranks.push_back(ranks_[i]);
    }
    if (kind == Kind::prelu && extras.size() == 1 && chain_.units.size() > 2 &&
        number_of(leaf_of(extras[0].name)) < 0) {
      nn::fail(to_text(extras[0]), " is one PReLU for ", chain_.units.size() - 1,
               " layers: which of them it follows leaves no trace in the file");
    }
    std::vector<Part> cores;
    std::vector<std::size_t> core_ranks = core_ranks_;
    for (std::size_t u = 0; u < chain_.units.size(); ++u) {
      cores.push_back(chain_.units[u].core);
      // A PReLU stands beside a norm as it does beside the core.
      if (kind == Kind::prelu && chain_.units[u].norm() != nullptr &&
          norm_ranks_[u] == core_ranks[u] + 1) {
        core_ranks[u] = norm_ranks_[u];
      }
    }
    const std::vector<Place> all = places();
    std::vector<Placing> ways = placings(extras, ranks, cores, core_ranks, all);
    if (kind == Kind::norm && !options_.norm_after.empty()) keep_given(ways, all);
    if (ways.empty()) {
      nn::fail(kind == Kind::norm ? "its norms" : "its PReLUs", " (", to_text(extras[0]),
               extras.size() > 1 ? ", …" : "", ") fit behind no layers of as many features");
    }
    for (std::size_t k = 0; k < extras.size(); ++k) {
      const Place& place = all[ways[0].places[k]];
      Unit& unit = chain_.units[place.unit];
      if (place.before) {
        if (kind == Kind::prelu) nn::fail(to_text(extras[k]), " would come before any layer");
        unit.pre = extras[k];
      } else {
        const bool first =
            kind == Kind::prelu && unit.norm() != nullptr && ranks[k] < norm_ranks_[place.unit];
        unit.extras.insert(first ? unit.extras.begin() : unit.extras.end(), extras[k]);
      }
      if (kind == Kind::norm) norm_ranks_[place.unit] = ranks[k];
    }
    if (kind == Kind::norm) note_placing(ways, all);
  }

  std::string text_of(const Placing& way, const std::vector<Place>& all) const {
    std::vector<std::string> list;
    for (const std::size_t p : way.places) {
      const std::string& core = chain_.units[all[p].unit].core.name;
      list.push_back(all[p].before ? "before " + core : core);
    }
    return join(list);
  }

  void keep_given(std::vector<Placing>& ways, const std::vector<Place>& all) {
    const std::string wanted = join(split_list(options_.norm_after));
    const std::string first = ways.empty() ? "" : text_of(ways[0], all);
    std::erase_if(ways, [&](const Placing& way) { return text_of(way, all) != wanted; });
    if (ways.empty()) {
      nn::fail("norm_after: the norms cannot follow ", nn::printable(wanted), "; what fits is ",
               nn::printable(first));
    }
  }

  void note_placing(const std::vector<Placing>& ways, const std::vector<Place>& all) {
    Assumption open{"norm_after", text_of(ways[0], all), {}, 0, !options_.norm_after.empty()};
    for (std::size_t i = 1; i < ways.size(); ++i) {
      if (ways[i].cost < ways[0].cost + close_call) {
        open.alternatives.push_back(text_of(ways[i], all));
      }
    }
    if (open.given || !open.alternatives.empty()) chain_.assumed.push_back(std::move(open));
  }

  void find_gaps() {
    std::vector<Part> used;
    for (const Unit& unit : chain_.units) {
      used.push_back(unit.core);
      used.insert(used.end(), unit.extras.begin(), unit.extras.end());
    }
    const std::set<std::string_view> lists = module_lists(used);
    for (std::size_t u = 0; u < chain_.units.size(); ++u) {
      Unit& unit = chain_.units[u];
      const Part* here = &unit.core;
      for (const Part& extra : unit.extras) {
        unit.gaps.push_back(gap_between(*here, extra, lists));
        here = &extra;
      }
      const bool last = u + 1 == chain_.units.size();
      const Unit* next = last ? nullptr : &chain_.units[u + 1];
      unit.gaps.push_back(last ? Gap{}
                               : gap_between(*here, next->pre ? *next->pre : next->core, lists));
    }
  }

  const WiringOptions& options_;
  std::vector<Part> parts_;
  Chain chain_;
  std::vector<std::size_t> ranks_;
  std::vector<std::size_t> core_ranks_;
  std::map<std::size_t, std::size_t> norm_ranks_;  // by unit
};

}  // namespace

const Part* Unit::norm() const {
  for (const Part& extra : extras) {
    if (extra.kind == Kind::norm) return &extra;
  }
  return nullptr;
}

const Part* Unit::prelu() const {
  for (const Part& extra : extras) {
    if (extra.kind == Kind::prelu) return &extra;
  }
  return nullptr;
}

std::size_t Chain::unit_named(std::string_view name, std::string_view option) const {
  for (const auto& [second, stays] : aliases) {
    if (second == name) name = stays;
  }
  for (std::size_t u = 0; u < units.size(); ++u) {
    if (units[u].core.name == name) return u;
  }
  nn::fail(option, ": '", nn::printable(name), "' is no Conv2d or Linear of this net");
}

Chain chain_of(const nn::StateDict& state_dict, const WiringOptions& options) {
  return Builder(state_dict, options).build();
}

}  // namespace models::wiring
