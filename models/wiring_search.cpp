#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <models/wiring_costs.h>
#include <models/wiring_names.h>
#include <models/wiring_search.h>

namespace models::wiring {
namespace {

// How many ways are followed to each state, and how many states after each convolution: more than
// tutorials' nets have, less for deep ones, whose choices nobody reads one by one.
struct Kept {
  std::size_t paths, states;
};
constexpr Kept kept_of_few{10, 384};
constexpr Kept kept_of_many{4, 96};
constexpr std::size_t few_convs = 12;

// Paddings so far; of mixed ones, the last.
enum class PaddingMode : std::uint8_t { none_yet, zero, same, mixed_zero, mixed_same };
enum class StrideMode : std::uint8_t { none_yet, ones, twos, mixed };

struct State {
  Sides sides;
  PaddingMode padding = PaddingMode::none_yet;
  StrideMode stride = StrideMode::none_yet;

  friend auto operator<=>(const State&, const State&) = default;
};

// A way to a state: its last choice and the way before, a node.
struct Path {
  double cost = 0;
  double stride_cost = 0;  // what all_strides_two may replace
  std::int32_t before = -1;
  ConvChoice choice;

  double total() const { return cost + stride_cost; }
};
struct PathNode {
  std::int32_t before;
  ConvChoice choice;
};

std::int64_t kernel_h(const Part& core) { return core.weight[2]; }
std::int64_t kernel_w(const Part& core) { return core.weight[3]; }
bool pointwise(const Part& core) { return kernel_h(core) == 1 && kernel_w(core) == 1; }

std::int64_t convolved(std::int64_t side, std::int64_t kernel, std::int64_t padding,
                       std::int64_t stride) {
  const std::int64_t padded = padding == same ? side + kernel - 1 : side + 2 * padding;
  return padded < kernel ? 0 : (padded - kernel) / stride + 1;
}

std::int64_t pooled(std::int64_t side, const PoolSize& pool) {
  const std::int64_t padded = side + 2 * pool.padding;
  return padded < pool.kernel ? 0 : (padded - pool.kernel) / pool.stride + 1;
}

// What a convolution's name says of the block it belongs to: "block1" of "block1.conv2", "conv1" of
// "conv1_2"; empty when nothing.
std::string_view block_of(std::string_view name) {
  std::string_view leaf = leaf_of(name);
  if (number_of(leaf) >= 0) return parent_of(name);
  while (!leaf.empty() && leaf.back() >= '0' && leaf.back() <= '9') leaf.remove_suffix(1);
  if (leaf.ends_with('_')) leaf.remove_suffix(1);
  const bool numbered = !leaf.empty() && leaf.back() >= '0' && leaf.back() <= '9';
  return numbered ? name.substr(
                        0, parent_of(name).size() + leaf.size() + (parent_of(name).empty() ? 0 : 1))
                  : parent_of(name);
}

PaddingMode after_padding(PaddingMode mode, bool zero, double& cost) {
  switch (mode) {
    case PaddingMode::none_yet:
      return zero ? PaddingMode::zero : PaddingMode::same;
    case PaddingMode::zero:
      if (zero) return mode;
      cost += costs::mixed_padding + costs::padding_returns;
      return PaddingMode::mixed_same;
    case PaddingMode::same:
      if (!zero) return mode;
      cost += costs::mixed_padding;
      return PaddingMode::mixed_zero;
    case PaddingMode::mixed_zero:
      if (zero) return mode;
      cost += costs::padding_returns;
      return PaddingMode::mixed_same;
    case PaddingMode::mixed_same:
      break;
  }
  return zero ? PaddingMode::mixed_zero : mode;
}

class Runner {
 public:
  Runner(const SizeSearch& search, const PoolSize& pool, std::int64_t number)
      : search_(search),
        chain_(search.chain),
        pool_(pool),
        number_(number),
        kept_(search.chain.convs > few_convs ? kept_of_many : kept_of_few) {
    blocks_differ_ = std::ranges::any_of(convs(), [&](const Unit& unit) {
      return block_of(unit.core.name) != block_of(chain_.units[0].core.name);
    });
    // Paddings up to "same", and pools that are padded for their stride, never make planes larger.
    if (number_ == 0 && search_.options.paddings.empty() && pool_.stride > 1) {
      least_cells_ = wanted_cells();
    }
  }

  // Adds what fits from that input to `found`, and the planes that come out to `reached`.
  void run(const Sides& input, double cost, std::vector<Layout>& found, std::set<Sides>& reached) {
    nodes_.clear();
    std::map<State, std::vector<Path>> here{{State{input}, {Path{.cost = cost, .choice = {}}}}};
    for (std::size_t u = 0; u < chain_.convs; ++u) {
      std::map<State, std::vector<Path>> next;
      for (const auto& [state, paths] : here) {
        for (const auto& [choice, to, added] : moves(u, state)) {
          std::vector<Path>& target = next[to];
          for (const Path& path : paths) {
            target.push_back({path.cost + added.cost, path.stride_cost + added.stride_cost,
                              path.before, choice});
          }
          prune(target);
        }
      }
      settle(next);
      here = std::move(next);
    }
    for (const auto& [state, paths] : here) {
      reached.insert(state.sides);
      for (const Path& path : paths) finish(input, state, path, found);
    }
  }

  // Were ways left out for their number?
  bool incomplete() const { return incomplete_; }

 private:
  struct Move {
    ConvChoice choice;
    State to;
    Path added;
  };

  std::span<const Unit> convs() const { return std::span(chain_.units).first(chain_.convs); }

  // Of a plane, as the first linear layer takes it: 1 may also be a global pool's.
  std::int64_t wanted_cells() const {
    const std::int64_t channels = chain_.units[chain_.convs - 1].core.out;
    const bool has_linear = chain_.units.size() > chain_.convs;
    return has_linear ? chain_.units[chain_.convs].core.in / channels : 1;
  }

  void prune(std::vector<Path>& paths) {
    if (paths.size() <= kept_.paths) return;
    incomplete_ = true;
    std::ranges::stable_sort(paths, {}, &Path::total);
    paths.resize(kept_.paths);
  }

  // Keeps the cheapest states, and makes nodes of the ways to them.
  void settle(std::map<State, std::vector<Path>>& states) {
    const auto cheapest = [](const std::vector<Path>& paths) {
      return std::ranges::min(paths, {}, &Path::total).total();
    };
    if (states.size() > kept_.states) {
      incomplete_ = true;
      std::vector<double> costs;
      for (const auto& [state, paths] : states) costs.push_back(cheapest(paths));
      std::ranges::nth_element(costs, costs.begin() + static_cast<std::ptrdiff_t>(kept_.states));
      std::erase_if(
          states, [&](const auto& entry) { return cheapest(entry.second) >= costs[kept_.states]; });
    }
    for (auto& [state, paths] : states) {
      for (Path& path : paths) {
        nodes_.push_back({path.before, path.choice});
        path.before = static_cast<std::int32_t>(nodes_.size() - 1);
      }
    }
  }

  std::vector<std::int64_t> paddings(std::size_t u) const {
    if (!search_.options.paddings.empty()) return {search_.options.paddings[u]};
    const Part& core = chain_.units[u].core;
    if (pointwise(core)) return {0};
    if (number_ > 0) return {number_};
    const std::int64_t k = kernel_h(core);
    if (k != kernel_w(core)) return {0, same};
    // An even kernel keeps the side's half with stride 2: 4, padding 1.
    if (k % 2 == 0) return k > 2 ? std::vector<std::int64_t>{0, k / 2 - 1} : std::vector{k - 2};
    return {0, k / 2};
  }

  std::vector<std::int64_t> strides(std::size_t u) const {
    if (!search_.options.strides.empty()) return {search_.options.strides[u]};
    const Part& core = chain_.units[u].core;
    const std::int64_t k = kernel_h(core);
    if (k >= 8) return {1, 2, 4};
    if (k >= 4 && u == 0) return {1, 2, k};
    return {1, 2};
  }

  State after(const State& state, std::size_t u, const ConvChoice& choice, double& cost) const {
    State to = state;
    const Part& core = chain_.units[u].core;
    if (pointwise(core)) return to;
    if (search_.options.paddings.empty() && number_ == 0) {
      to.padding = after_padding(state.padding, choice.padding == 0, cost);
    }
    const StrideMode mode = choice.stride == 1 ? StrideMode::ones : StrideMode::twos;
    if (state.stride == StrideMode::none_yet) {
      to.stride = mode;
    } else if (state.stride != mode) {
      to.stride = StrideMode::mixed;
    }
    return to;
  }

  double stride_cost(const Part& core, std::int64_t stride) const {
    if (stride == 1 || !search_.options.strides.empty()) return 0;
    const std::int64_t k = kernel_h(core);
    double cost = stride == 2 ? costs::stride_two : costs::larger_stride;
    if (stride == 2 && (k == 4 || k >= 7)) cost += costs::large_kernel;
    return cost;
  }

  // How unusual a pool, or none, is behind a convolution.
  double pool_cost(std::size_t u, bool pooled) const {
    const Unit& unit = chain_.units[u];
    if (unit.gaps.back()) return 0;
    if (u + 1 == chain_.convs) {
      const bool global = chain_.units.size() == chain_.convs ||
                          chain_.units[chain_.convs].core.in == unit.core.out;
      if (global) return pooled ? costs::pool_before_global : 0;
      return pooled ? 0 : costs::no_pool_at_the_end;
    }
    const Part& next = chain_.units[u + 1].core;
    if (blocks_differ_ && block_of(unit.core.name) == block_of(next.name)) {
      return pooled ? costs::pool_in_block : 0;
    }
    if (pooled) return 0;
    return next.out == unit.core.out ? costs::no_pool_in_pair : costs::no_pool;
  }

  std::vector<Move> moves(std::size_t u, const State& state) const {
    std::vector<Move> result;
    const Part& core = chain_.units[u].core;
    const std::vector<Fill>& fills = search_.fills[u];
    for (const std::int64_t padding : paddings(u)) {
      for (const std::int64_t stride : strides(u)) {
        const Sides conv{convolved(state.sides.h, kernel_h(core), padding, stride),
                         convolved(state.sides.w, kernel_w(core), padding, stride)};
        // A kernel that reaches beyond both edges from everywhere is no convolution of pictures.
        if (kernel_h(core) > 2 * state.sides.h || kernel_w(core) > 2 * state.sides.w) continue;
        if (conv.h < 1 || conv.w < 1 || conv.h > most_side || conv.w > most_side) continue;
        for (std::size_t f = 0; f < fills.size(); ++f) {
          Move move{{padding, stride, static_cast<std::uint8_t>(f)}, {}, {}};
          const bool strided = stride > 1 && search_.options.strides.empty();
          const bool has_pool = fills[f].pooled();
          move.added.cost = fills[f].cost;
          // Strides in place of pools: the cost of none goes with theirs.
          (strided && !has_pool ? move.added.stride_cost : move.added.cost) +=
              pool_cost(u, has_pool);
          move.added.stride_cost += stride_cost(core, stride);
          if (strided && has_pool) move.added.cost += costs::stride_and_pool;
          if (strided && pointwise(core)) move.added.cost += costs::pointwise_stride;
          if (strided && padding == 0 && kernel_h(core) % 2 == 1) {
            move.added.cost += costs::strided_unpadded;
          }
          move.to = after(state, u, move.choice, move.added.cost);
          move.to.sides = conv;
          if (has_pool) {
            if (conv.h % 2 != 0 && pool_ == PoolSize{}) move.added.cost += costs::odd_side;
            move.to.sides = {wiring::pooled(conv.h, pool_), wiring::pooled(conv.w, pool_)};
          }
          if (move.to.sides.h * move.to.sides.w < least_cells_) continue;
          result.push_back(move);
        }
      }
    }
    return result;
  }

  // What makes of planes of so many cells what the linear layer takes, if anything.
  std::optional<Head> head_for(std::int64_t cells) const {
    const std::int64_t wanted = wanted_cells();
    const std::optional<Head>& given = search_.options.head;
    if (cells == wanted && (!given || *given == Head::flatten || cells == 1)) return Head::flatten;
    if (given == Head::adaptive) {
      const std::int64_t side = square_root(wanted);
      if (side * side == wanted && cells > wanted) return Head::adaptive;
      return {};
    }
    if (cells > wanted && wanted == 1 && given.value_or(Head::global) == Head::global) {
      return Head::global;
    }
    return {};
  }

  // Does a convolution see the whole of its planes, as LeNet-5's last does?
  bool convolved_to_one(const Layout& layout) const {
    Sides sides = layout.input;
    for (std::size_t u = 0; u < layout.convs.size(); ++u) {
      const Part& core = chain_.units[u].core;
      const ConvChoice& choice = layout.convs[u];
      if (choice.padding == 0 && kernel_h(core) > 1 && sides.h == kernel_h(core)) return true;
      sides.h = convolved(sides.h, kernel_h(core), choice.padding, choice.stride);
      if (search_.fills[u][choice.fill].pooled()) sides.h = wiring::pooled(sides.h, pool_);
    }
    return false;
  }

  void finish(const Sides& input, const State& state, const Path& path,
              std::vector<Layout>& found) const {
    const std::int64_t cells = state.sides.h * state.sides.w;
    const std::optional<Head> head = head_for(cells);
    if (!head) return;
    Layout layout{input, pool_, {}, *head, state.sides, path.total()};
    if (state.stride == StrideMode::twos && search_.options.strides.empty()) {
      layout.cost = path.cost + std::min(path.stride_cost, costs::all_strides_two);
    }
    if (*head == Head::global) {
      layout.cost += costs::global_pool;
      if (state.padding == PaddingMode::zero) layout.cost += costs::global_unpadded;
    }
    if (number_ > 0) layout.cost += costs::uniform_padding;
    bool pools = false;
    for (std::int32_t n = path.before; n >= 0; n = nodes_[static_cast<std::size_t>(n)].before) {
      layout.convs.push_back(nodes_[static_cast<std::size_t>(n)].choice);
    }
    std::ranges::reverse(layout.convs);
    for (std::size_t u = 0; u < layout.convs.size(); ++u)
      pools = pools || search_.fills[u][layout.convs[u].fill].pooled();
    if (*head == Head::flatten && cells == 1 && !convolved_to_one(layout)) {
      layout.cost += costs::shrunk_to_one;
    }
    if (!(pool_ == PoolSize{}) && !search_.options.pool) {
      if (!pools) return;  // found with the usual pool as well
      layout.cost += costs::pool_size;
    }
    found.push_back(std::move(layout));
  }

  const SizeSearch& search_;
  const Chain& chain_;
  PoolSize pool_;
  std::int64_t number_;  // the padding of all convolutions; 0: none or same, each
  Kept kept_;
  bool blocks_differ_ = false;
  bool incomplete_ = false;
  std::int64_t least_cells_ = 1;
  std::vector<PathNode> nodes_;
};

}  // namespace

std::int64_t square_root(std::int64_t cells) {
  std::int64_t side = 1;
  while (side < most_side && side * side < cells) ++side;
  return side;
}

bool search_paths(const SizeSearch& search, const Start& start, std::vector<Layout>& found,
                  std::set<Sides>& reached) {
  Runner runner(search, start.pool, start.padding);
  runner.run(start.input, start.cost, found, reached);
  return !runner.incomplete();
}

}  // namespace models::wiring
