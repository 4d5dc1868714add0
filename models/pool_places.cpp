#include <algorithm>
#include <tuple>

#include <models/pool_places.h>
#include <nn/nn.h>

namespace models {
namespace {

constexpr std::size_t most_places = 16;
constexpr std::size_t most_found = 64;

// Which of the places have a pool: bit i for place i.
using Mask = std::uint64_t;

std::optional<nn::Shape> output_of(const nn::Module& layer, const nn::Shape& in) {
  try {
    const nn::TensorSpec spec{in, nn::DType::float32};
    return layer.outputs({&spec, 1}).at(0).shape;
  } catch (const nn::Error&) {
    return std::nullopt;
  }
}

// Choices that have led to the same shape.
struct Group {
  nn::Shape shape;
  std::vector<Mask> masks;
};

// Follows all choices through the chain at once, those of equal shapes together.
class Search {
 public:
  Search(const std::vector<Link>& chain, const nn::Module& pool, bool global)
      : chain_(chain), pool_(pool), global_(global) {}

  std::vector<Mask> run(const std::vector<std::size_t>& places, const nn::Shape& input) {
    std::vector<Group> groups{{input, {0}}};
    std::size_t at = 0;
    for (std::size_t place = 0; place < places.size(); ++place) {
      for (; at < places[place]; ++at) groups = behind(std::move(groups), at);
      if (places.size() > most_places) continue;
      // Taken apart, lest a pooled group be pooled again.
      std::vector<Group> pooled;
      for (const Group& group : groups) {
        const auto shape = group.shape.rank() == 4 ? output_of(pool_, group.shape) : std::nullopt;
        if (!shape) continue;
        pooled.push_back({*shape, group.masks});
        for (Mask& mask : pooled.back().masks) mask |= Mask{1} << place;
      }
      for (Group& group : pooled) join(groups, group.shape, std::move(group.masks));
    }
    for (; at < chain_.size(); ++at) groups = behind(std::move(groups), at);
    std::vector<Mask> masks;
    for (const Group& group : groups) {
      masks.insert(masks.end(), group.masks.begin(), group.masks.end());
    }
    return masks;
  }

 private:
  static void join(std::vector<Group>& groups, const nn::Shape& shape, std::vector<Mask> masks) {
    const auto same = std::ranges::find(groups, shape, &Group::shape);
    if (same == groups.end()) {
      groups.push_back({shape, std::move(masks)});
    } else {
      same->masks.insert(same->masks.end(), masks.begin(), masks.end());
    }
  }

  std::vector<Group> behind(std::vector<Group> groups, std::size_t link) const {
    std::vector<Group> result;
    for (Group& group : groups) {
      const auto shape = shape_behind(chain_[link], group.shape, global_);
      if (shape) join(result, *shape, std::move(group.masks));
    }
    return result;
  }

  const std::vector<Link>& chain_;
  const nn::Module& pool_;
  bool global_;
};

// Of each place: is the convolution behind it one of the same block as the one before, by its
// channels or as the second half of a separable convolution?
std::vector<bool> inside_blocks(const std::vector<Link>& chain,
                                const std::vector<std::size_t>& places) {
  std::vector<bool> inside;
  for (const std::size_t place : places) {
    std::size_t before = place;
    while (before > 0 && chain[before - 1].duty != Duty::weights) --before;
    std::size_t behind = place;
    while (behind < chain.size() && chain[behind].duty != Duty::weights) ++behind;
    const auto* conv = behind < chain.size() ? chain[behind].layer.as<nn::Conv2d>() : nullptr;
    inside.push_back(before > 0 && conv != nullptr &&
                     (channels_out(chain[before - 1].layer) == conv->options().out_channels ||
                      conv->options().kernel_size == nn::IntPair(1)));
  }
  return inside;
}

// Chains of more places than a mask has bits have no pools there at all.
constexpr std::size_t mask_bits = 64;
bool has(Mask mask, std::size_t place) { return place < mask_bits && (mask >> place & 1) != 0; }

// The smaller, the more conventional: a pool behind each convolution; none inside blocks; of three
// or more convolutions none behind the last alone; one behind the last; evenly spread; late.
using Oddity = std::tuple<bool, int, bool, int, int, int, Mask>;

Oddity oddity_of(const std::vector<bool>& inside, Mask mask) {
  int pools_inside = 0;
  int unevenness = 0;
  int gap = 0;
  int earliness = 0;
  const Mask all = inside.size() < mask_bits ? (Mask{1} << inside.size()) - 1 : ~Mask{0};
  const bool all_but_last = inside.size() >= 3 && mask == all >> 1;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    ++gap;
    if (!has(mask, i)) continue;
    unevenness += gap * gap;
    gap = 0;
    earliness -= static_cast<int>(i);
    if (inside[i]) ++pools_inside;
  }
  return {mask != all, pools_inside, !all_but_last, gap, unevenness, earliness, mask};
}

PoolPlaces places_of(const std::vector<std::size_t>& places, Mask mask, bool global) {
  PoolPlaces result{{}, global};
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (has(mask, i)) result.before.push_back(places[i]);
  }
  return result;
}

}  // namespace

std::optional<nn::Shape> shape_behind(const Link& link, const nn::Shape& in, bool global) {
  const auto wanted = channels_in(link.layer);
  const bool takes_rows = link.layer.kind() == "Linear" || link.layer.kind() == "BatchNorm1d";
  if (!takes_rows || in.rank() != 4) return output_of(link.layer, in);
  if (!link.open_before) return std::nullopt;
  const std::int64_t values = in.numel(1, 4);
  if (wanted != (global ? in[1] : values)) return std::nullopt;
  return output_of(link.layer, {in[0], *wanted});
}

std::vector<PoolPlaces> find_pools(const std::vector<Link>& chain,
                                   const std::vector<std::size_t>& places, const nn::Module& pool,
                                   const nn::Shape& input) {
  const std::vector<bool> inside = inside_blocks(chain, places);
  std::vector<PoolPlaces> found;
  for (const bool global : {false, true}) {
    std::vector<Oddity> choices;
    for (const Mask mask : Search(chain, pool, global).run(places, input)) {
      choices.push_back(oddity_of(inside, mask));
    }
    std::ranges::sort(choices);
    if (choices.size() > most_found) choices.resize(most_found);
    for (const Oddity& choice : choices) {
      found.push_back(places_of(places, std::get<Mask>(choice), global));
    }
    if (!found.empty()) break;
  }
  return found;
}

}  // namespace models
