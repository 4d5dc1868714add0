#include <algorithm>
#include <set>

#include <models/wiring_costs.h>
#include <models/wiring_names.h>
#include <models/wiring_search.h>
#include <models/wiring_sizes.h>

namespace models::wiring {
namespace {

struct Candidate {
  Sides sides;
  double cost = 0;
};

std::vector<Candidate> squares(std::initializer_list<std::int64_t> sides) {
  std::vector<Candidate> result;
  for (const std::int64_t side : sides) result.push_back({{side, side}, 0});
  return result;
}

// One that is found with several paddings of names is kept once, as the least unusual.
std::vector<Layout> sorted_unique(std::vector<Layout> found) {
  std::ranges::stable_sort(found, {}, &Layout::cost);
  const auto key = [](const Layout& layout) {
    std::vector<std::int64_t> numbers{layout.input.h,      layout.input.w,
                                      layout.pool.kernel,  layout.pool.stride,
                                      layout.pool.padding, static_cast<std::int64_t>(layout.head)};
    for (const ConvChoice& choice : layout.convs) {
      numbers.insert(numbers.end(), {choice.padding, choice.stride, choice.fill});
    }
    return numbers;
  };
  std::set<std::vector<std::int64_t>> known;
  std::vector<Layout> unique;
  for (Layout& layout : found) {
    if (known.insert(key(layout)).second) unique.push_back(std::move(layout));
  }
  return unique;
}

// Everything that fits from these inputs, and the planes that come out to `reached`.
Layouts layouts_from(const SizeSearch& search, const std::vector<Candidate>& inputs,
                     std::set<Sides>& reached) {
  std::vector<PoolSize> pools{{2, 2, 0}, {3, 2, 0}, {3, 2, 1}, {3, 3, 0}, {4, 4, 0}};
  if (search.options.pool) pools = {*search.options.pool};
  std::vector<std::int64_t> numbers{0};
  if (search.options.paddings.empty()) {
    std::int64_t largest = 0;
    for (std::size_t u = 0; u < search.chain.convs; ++u)
      largest = std::max(largest, search.chain.units[u].core.weight[2]);
    for (const std::int64_t number : {1, 2, 3}) {
      // "same" of 3 × 3, and more than a kernel is wide, are no other paddings.
      if (number < largest && largest != 2 * number + 1) numbers.push_back(number);
    }
  }
  Layouts result;
  std::vector<Layout> found;
  for (const PoolSize& pool : pools) {
    for (const std::int64_t number : numbers) {
      if (number > 0 && !(pool == pools[0])) continue;
      for (const Candidate& input : inputs) {
        const Start start{input.sides, pool, number, input.cost};
        if (!search_paths(search, start, found, reached)) result.incomplete = true;
      }
    }
  }
  result.layouts = sorted_unique(std::move(found));
  if (result.layouts.size() > most_layouts) {
    result.layouts.resize(most_layouts);
    result.incomplete = true;
  }
  return result;
}

// Other usual sides that the same convolutions take, with pools of 2 × 2.
std::vector<Sides> other_inputs(const SizeSearch& search, const std::vector<Layout>& known) {
  std::vector<Sides> result;
  for (const Candidate& candidate : squares({28, 32, 48, 64, 96, 128, 224})) {
    const bool listed = std::ranges::any_of(
        known, [&](const Layout& layout) { return layout.input == candidate.sides; });
    if (listed) continue;
    std::vector<Layout> found;
    std::set<Sides> reached;
    search_paths(search, {candidate.sides, search.options.pool.value_or(PoolSize{})}, found,
                 reached);
    if (!found.empty()) result.push_back(candidate.sides);
  }
  return result;
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

Layouts layouts(const SizeSearch& search) {
  if (search.chain.convs > most_convs) {
    nn::fail("more than ", most_convs, " convolutions, too many to infer their paddings and pools");
  }
  std::set<Sides> reached;
  Layouts found = layouts_from(search, usual_inputs(search), reached);
  if (search.options.input) return found;
  for (const auto& more :
       {squares({64, 224}), squares({48, 96, 128, 256}),
        squares({8, 14, 16, 20, 24, 36, 40, 50, 56, 60, 80, 84, 100, 112, 150, 160, 200, 227})}) {
    if (found.layouts.empty()) found = layouts_from(search, more, reached);
  }
  if (!found.layouts.empty()) found.other_inputs = other_inputs(search, found.layouts);
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
