#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <models/wiring_costs.h>
#include <models/wiring_names.h>
#include <models/wiring_sizes.h>

namespace models::wiring {
namespace {

constexpr std::size_t kept_paths = 10;    // to each state
constexpr std::size_t kept_states = 384;  // after each convolution: more than real nets have
constexpr std::int64_t most_side = 4096;

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

std::int64_t square_root(std::int64_t cells) {
  std::int64_t side = 1;
  while (side < most_side && side * side < cells) ++side;
  return side;
}

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
      : search_(search), chain_(search.chain), pool_(pool), number_(number) {
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

  static void prune(std::vector<Path>& paths) {
    if (paths.size() <= kept_paths) return;
    std::ranges::stable_sort(paths, {}, &Path::total);
    paths.resize(kept_paths);
  }

  // Keeps the cheapest states, and makes nodes of the ways to them.
  void settle(std::map<State, std::vector<Path>>& states) {
    const auto cheapest = [](const std::vector<Path>& paths) {
      return std::ranges::min(paths, {}, &Path::total).total();
    };
    if (states.size() > kept_states) {
      std::vector<double> costs;
      for (const auto& [state, paths] : states) costs.push_back(cheapest(paths));
      std::ranges::nth_element(costs, costs.begin() + kept_states);
      std::erase_if(
          states, [&](const auto& entry) { return cheapest(entry.second) >= costs[kept_states]; });
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
  bool blocks_differ_ = false;
  std::int64_t least_cells_ = 1;
  std::vector<PathNode> nodes_;
};

struct Candidate {
  Sides sides;
  double cost = 0;
};

std::vector<Candidate> squares(std::initializer_list<std::int64_t> sides) {
  std::vector<Candidate> result;
  for (const std::int64_t side : sides) result.push_back({{side, side}, 0});
  return result;
}

// Everything that fits from these inputs.
std::vector<Layout> layouts_from(const SizeSearch& search, const std::vector<Candidate>& inputs,
                                 std::set<Sides>& reached) {
  std::vector<PoolSize> pools{{2, 2, 0}, {3, 2, 0}, {3, 2, 1}, {3, 3, 0}, {4, 4, 0}};
  if (search.options.pool) pools = {*search.options.pool};
  std::vector<std::int64_t> numbers{0};
  if (search.options.paddings.empty()) {
    std::int64_t largest = 0;
    for (std::size_t u = 0; u < search.chain.convs; ++u)
      largest = std::max(largest, kernel_h(search.chain.units[u].core));
    for (const std::int64_t number : {1, 2, 3}) {
      // "same" of 3 × 3, and more than a kernel is wide, are no other paddings.
      if (number < largest && largest != 2 * number + 1) numbers.push_back(number);
    }
  }
  std::vector<Layout> found;
  for (const PoolSize& pool : pools) {
    for (const std::int64_t number : numbers) {
      if (number > 0 && !(pool == pools[0])) continue;
      Runner runner(search, pool, number);
      for (const Candidate& input : inputs) runner.run(input.sides, input.cost, found, reached);
    }
  }
  std::ranges::stable_sort(found, {}, &Layout::cost);
  // One that is found with several paddings of names is listed once, as the least unusual.
  std::vector<Layout> unique;
  for (Layout& layout : found) {
    if (unique.size() == most_layouts) break;
    const bool known = std::ranges::any_of(unique, [&](const Layout& other) {
      return other.input == layout.input && other.pool == layout.pool &&
             other.head == layout.head && other.convs == layout.convs;
    });
    if (!known) unique.push_back(std::move(layout));
  }
  return unique;
}

std::vector<Candidate> usual_inputs(const SizeSearch& search) {
  if (search.options.input) return {{*search.options.input, 0}};
  const bool grey = search.chain.channels() == 1;
  return {{{28, 28}, grey ? 0 : costs::other_side}, {{32, 32}, grey ? costs::other_side : 0}};
}

}  // namespace

std::string to_text(const PoolSize& size) {
  std::string text = nn::to_text(size.kernel);
  if (size.kernel != size.stride || size.padding != 0) text += nn::concat("/", size.stride);
  return size.padding == 0 ? text : nn::concat(text, "/", size.padding);
}

std::vector<Layout> layouts(const SizeSearch& search) {
  if (search.chain.convs > most_convs) {
    nn::fail("more than ", most_convs, " convolutions, too many to infer their paddings and pools");
  }
  std::set<Sides> reached;
  std::vector<Layout> found = layouts_from(search, usual_inputs(search), reached);
  if (!found.empty() || search.options.input) return found;
  for (const auto& more :
       {squares({64, 224}), squares({48, 96, 128, 256}),
        squares({8, 14, 16, 20, 24, 36, 40, 50, 56, 60, 80, 84, 100, 112, 150, 160, 200, 227})}) {
    found = layouts_from(search, more, reached);
    if (!found.empty()) return found;
  }
  return found;
}

void fail_no_layout(const SizeSearch& search) {
  const Chain& chain = search.chain;
  const Part& last = chain.units[chain.convs - 1].core;
  std::string text;
  if (chain.units.size() > chain.convs) {
    const Part& linear = chain.units[chain.convs].core;
    const std::int64_t cells = linear.in / last.out;
    const std::int64_t side = square_root(cells);
    text = nn::concat("'", nn::printable(linear.name), "' takes ", linear.in,
                      " values = ", last.out, " channels of '", nn::printable(last.name), "' · ",
                      side * side == cells ? nn::concat(side, " · ", side) : nn::to_text(cells));
  } else {
    text = nn::concat("no planes reach the end of '", nn::printable(last.name), "'");
  }
  std::set<Sides> reached;
  layouts_from(search, usual_inputs(search), reached);
  std::vector<std::string> planes;
  for (const Sides& sides : reached) {
    if (planes.size() < 12) planes.push_back(nn::concat(sides.h, " · ", sides.w));
  }
  const Sides input = usual_inputs(search)[0].sides;
  nn::fail(text, "; from ", input.h, " × ", input.w,
           search.options.input ? std::string() : std::string(" and other usual sides"), " its ",
           chain.convs, " convolutions",
           search.options.paddings.empty() ? " with padding 0 or same" : " as given",
           " and pools of 2 × 2 give planes of ", planes.empty() ? "no size" : join(planes, ", "),
           reached.size() > planes.size() ? ", …" : "",
           ": give the input's size, the padding, the stride or the pools");
}

}  // namespace models::wiring
