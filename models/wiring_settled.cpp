#include <algorithm>
#include <array>
#include <charconv>

#include <models/wiring_names.h>
#include <models/wiring_settled.h>

namespace models {
namespace {

constexpr std::array<std::string_view, 14> option_names{
    "activation", "pool",       "padding", "input", "stride",
    "pool_after", "pool_size",  "head",    "order", "without_activation",
    "layers",     "norm_after", "eps",     "output"};

std::int64_t number_from(std::string_view text, std::string_view option, std::int64_t most) {
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most) {
    nn::fail(option, ": expected numbers up to ", most, ", got '", nn::printable(text), "'");
  }
  return number;
}

constexpr std::int64_t most_side = 4096;
constexpr std::int64_t most_features = std::int64_t{1} << 40;

nn::Shape input_from(std::string_view text) {
  std::vector<std::int64_t> sizes;
  for (std::string_view rest = text;;) {
    const std::size_t x = std::min(rest.find('x'), rest.size());
    sizes.push_back(number_from(rest.substr(0, x), "input", most_features));
    if (x == rest.size()) break;
    rest.remove_prefix(x + 1);
  }
  if (sizes.size() != 1 && sizes.size() != 3) {
    nn::fail("input: expected channels x height x width, as 1x28x28, or features, as 784, got '",
             nn::printable(text), "'");
  }
  return nn::Shape(sizes);
}

}  // namespace

std::span<const std::string_view> wiring_option_names() { return option_names; }

namespace {

struct TextOption {
  std::string_view name;
  std::string WiringOptions::*text;
};

constexpr std::array<TextOption, 13> text_options{{
    {"activation", &WiringOptions::activation},
    {"pool", &WiringOptions::pool},
    {"padding", &WiringOptions::padding},
    {"stride", &WiringOptions::stride},
    {"pool_after", &WiringOptions::pool_after},
    {"pool_size", &WiringOptions::pool_size},
    {"head", &WiringOptions::head},
    {"order", &WiringOptions::order},
    {"without_activation", &WiringOptions::without_activation},
    {"layers", &WiringOptions::layers},
    {"norm_after", &WiringOptions::norm_after},
    {"eps", &WiringOptions::eps},
    {"output", &WiringOptions::output},
}};

std::string WiringOptions::*text_option(std::string_view name) {
  const auto found = std::ranges::find(text_options, name, &TextOption::name);
  if (found == text_options.end()) {
    nn::fail("a wiring has no option '", nn::printable(name), "'");
  }
  return found->text;
}

}  // namespace

void set_option(WiringOptions& options, std::string_view name, std::string_view value) {
  if (name == "input") {
    options.input = input_from(value);
  } else {
    options.*text_option(name) = value;
  }
}

std::string option_text(const WiringOptions& options, std::string_view name) {
  if (name != "input") return options.*text_option(name);
  return options.input ? wiring::input_text(*options.input) : std::string();
}

namespace wiring {
namespace {

bool pointwise(const Part& core) { return core.weight[2] == 1 && core.weight[3] == 1; }

// The padding of one convolution that keeps the sides, as a number where there is one for both.
std::int64_t same_padding(const Part& core) {
  const std::int64_t k = core.weight[2];
  return k == core.weight[3] && k % 2 == 1 ? k / 2 : same;
}

// A value for each convolution from "1" or "1,2,…".
std::vector<std::string> each_conv(const Chain& chain, const std::string& text,
                                   std::string_view option) {
  std::vector<std::string> list = split_list(text);
  if (list.size() == 1) list.resize(chain.convs, list[0]);
  if (list.size() != chain.convs) {
    nn::fail(option, ": expected one value or ", chain.convs, ", one for each convolution, got '",
             nn::printable(text), "'");
  }
  return list;
}

// "2", "3/2" or "3/2/1": kernel, stride and padding.
PoolSize pool_size_from(std::string_view text) {
  std::vector<std::int64_t> numbers;
  for (std::string_view rest = text;;) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    numbers.push_back(number_from(rest.substr(0, slash), "pool_size", most_side));
    if (slash == rest.size()) break;
    rest.remove_prefix(slash + 1);
  }
  PoolSize size{numbers[0], numbers.size() > 1 ? numbers[1] : numbers[0],
                numbers.size() > 2 ? numbers[2] : 0};
  if (size.kernel < 1 || size.stride < 1 || 2 * size.padding > size.kernel || numbers.size() > 3) {
    nn::fail("pool_size: expected kernel, kernel/stride or kernel/stride/padding, got '",
             nn::printable(text), "'");
  }
  return size;
}

// "flatten", "global_avg", "global_max" or "adaptive_avg".
Head head_from(const std::string& text) {
  if (text == "flatten") return Head::flatten;
  if (text == "global_avg" || text == "global_max") return Head::global;
  if (text == "adaptive_avg") return Head::adaptive;
  nn::fail("head: expected flatten, global_avg, global_max or adaptive_avg, got '",
           nn::printable(text), "'");
}

// The places of layers that a list names; empty for "none".
std::vector<bool> named_units(const Chain& chain, const std::string& text,
                              std::string_view option) {
  std::vector<bool> named(chain.units.size());
  if (text == "none") return named;
  for (const std::string& name : split_list(text)) named[chain.unit_named(name, option)] = true;
  return named;
}

}  // namespace

SizeOptions size_options(const Chain& chain, const WiringOptions& options) {
  SizeOptions sizes;
  if (options.input) {
    const nn::Shape& input = *options.input;
    if (input.rank() != 3 || input[0] != chain.channels()) {
      nn::fail("input: ", to_text(chain.units[0].core), " takes pictures of ", chain.channels(),
               chain.channels() == 1 ? " channel" : " channels", ", got ", input);
    }
    if (std::max(input[1], input[2]) > most_side) {
      nn::fail("input: expected sides up to ", most_side, ", got ", input);
    }
    sizes.input = Sides{input[1], input[2]};
  }
  if (!options.padding.empty()) {
    const bool each = split_list(options.padding).size() > 1;
    const std::vector<std::string> list = each_conv(chain, options.padding, "padding");
    for (std::size_t u = 0; u < chain.convs; ++u) {
      const Part& core = chain.units[u].core;
      if (list[u] == "same") {
        sizes.paddings.push_back(same_padding(core));
      } else {
        const std::int64_t number = number_from(list[u], "padding", most_side);
        sizes.paddings.push_back(pointwise(core) && !each ? 0 : number);
      }
    }
  }
  if (!options.stride.empty()) {
    for (const std::string& text : each_conv(chain, options.stride, "stride")) {
      sizes.strides.push_back(number_from(text, "stride", most_side));
      if (sizes.strides.back() == 0) nn::fail("stride: expected 1 or more, got 0");
    }
  }
  if (!options.pool_size.empty()) sizes.pool = pool_size_from(options.pool_size);
  if (!options.head.empty()) sizes.head = head_from(options.head);
  return sizes;
}

std::vector<FillRules> fill_rules(const Chain& chain, const WiringOptions& options) {
  const bool pools_named = !options.pool_after.empty();
  const bool linear_named = !options.without_activation.empty();
  const std::vector<bool> pools = named_units(chain, options.pool_after, "pool_after");
  const std::vector<bool> linear =
      named_units(chain, options.without_activation, "without_activation");
  const StepOrder order =
      options.order.empty() ? evident_order(chain) : step_order_from(options.order);
  std::vector<FillRules> rules(chain.units.size());
  for (std::size_t u = 0; u < chain.units.size(); ++u) {
    const Unit& unit = chain.units[u];
    const bool last = u + 1 == chain.units.size();
    FillRules& rule = rules[u];
    rule.order = order;
    rule.pool_allowed = u < chain.convs && (!pools_named || pools[u]);
    rule.pool_required = pools_named && pools[u];
    rule.flatten = u + 1 == chain.convs && !last;
    rule.no_activation = last || (linear_named && linear[u]);
    rule.sure = linear_named;
    rule.maybe_depthwise = !linear_named && unit.groups > 1 && unit.norm() == nullptr &&
                           u + 1 < chain.convs && pointwise(chain.units[u + 1].core) &&
                           !unit.gaps.back();
    if (rule.pool_required && u >= chain.convs) {
      nn::fail("pool_after: ", to_text(unit.core), " is no convolution");
    }
  }
  return rules;
}

std::string padding_text(const Chain& chain, const Layout& layout) {
  std::vector<std::string> list;
  bool all_same = true;
  bool all_equal = true;
  std::optional<std::int64_t> first;
  for (std::size_t u = 0; u < chain.convs; ++u) {
    const Part& core = chain.units[u].core;
    const std::int64_t padding = layout.convs[u].padding;
    list.push_back(padding == same ? "same" : nn::to_text(padding));
    if (pointwise(core) && padding == 0) continue;
    all_same = all_same && padding == same_padding(core);
    all_equal = all_equal && padding == first.value_or(padding);
    first = padding;
  }
  if (!first) return "0";
  if (all_same) return "same";
  if (all_equal) return nn::to_text(*first);
  return join(list);
}

std::string stride_text(const Layout& layout) {
  std::vector<std::string> list;
  for (const ConvChoice& choice : layout.convs) list.push_back(nn::to_text(choice.stride));
  const bool uniform =
      std::ranges::all_of(list, [&](const std::string& text) { return text == list[0]; });
  return uniform ? list[0] : join(list);
}

std::string pool_after_text(const Chain& chain, const std::vector<std::vector<Fill>>& fills,
                            const Layout& layout) {
  std::vector<std::string> list;
  for (std::size_t u = 0; u < chain.convs; ++u) {
    if (fills[u][layout.convs[u].fill].pooled()) list.push_back(chain.units[u].core.name);
  }
  return list.empty() ? "none" : join(list);
}

std::string input_text(const nn::Shape& picture) {
  std::vector<std::string> sizes;
  for (const std::int64_t size : picture) sizes.push_back(nn::to_text(size));
  return join(sizes, "x");
}

}  // namespace wiring
}  // namespace models
