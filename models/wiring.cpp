#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <models/wiring.h>
#include <models/wiring_assumed.h>
#include <models/wiring_chain.h>
#include <models/wiring_fills.h>
#include <models/wiring_graph.h>
#include <models/wiring_names.h>
#include <models/wiring_parts.h>
#include <models/wiring_settled.h>
#include <models/wiring_sizes.h>
#include <nn/import/weight_norm.h>

namespace models {
namespace wiring {
namespace {

// Pictures that rows of so many values usually are.
nn::Shape picture_of(std::int64_t features) {
  constexpr std::array<std::array<std::int64_t, 3>, 6> pictures{
      {{1, 28, 28}, {1, 32, 32}, {3, 32, 32}, {3, 28, 28}, {1, 8, 8}, {3, 64, 64}}};
  for (const auto& [c, h, w] : pictures) {
    if (c * h * w == features) return {c, h, w};
  }
  return {features};
}

nn::Shape input_of(const Plan& plan, const WiringOptions& options) {
  const std::int64_t channels = plan.chain.channels();
  if (plan.layout) return {channels, plan.layout->input.h, plan.layout->input.w};
  if (!options.input) return picture_of(channels);
  if (options.input->numel() != channels) {
    nn::fail("input: ", to_text(plan.chain.units[0].core), " takes ", channels, " values, got ",
             *options.input);
  }
  return *options.input;
}

double eps_from(const std::string& text) {
  double eps = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), eps);
  if (error != std::errc() || end != text.data() + text.size() || !(eps >= 0)) {
    nn::fail("eps: expected a number, as 1e-05, got '", nn::printable(text), "'");
  }
  return eps;
}

std::string one_of(const std::string& text, std::string_view option, std::string_view first,
                   std::string_view second) {
  if (text.empty()) return std::string(first);
  if (text != first && text != second) {
    nn::fail(option, ": expected ", first, " or ", second, ", got '", nn::printable(text), "'");
  }
  return text;
}

Output output_from(const std::string& text) {
  if (text == "log_softmax") return Output::log_probabilities;
  if (text == "softmax") return Output::probabilities;
  try {
    if (text != "logits") activation_from(text);
  } catch (const nn::Error&) {
    nn::fail("output: expected logits, log_softmax, softmax or ", join(activation_names(), ", "),
             ", got '", nn::printable(text), "'");
  }
  return Output::logits;
}

[[noreturn]] void fail_gap(const Unit& unit, const FillRules& rules) {
  nn::fail("the numbers in the names leave no place behind ", to_text(unit.core), " for ",
           rules.flatten ? "flattening" : "what was given",
           rules.pool_required ? " and a pool" : "", rules.sure ? " and an activation" : "");
}

// Numbers in the names may contradict the order that was given.
void require_order(const Plan& plan, const WiringOptions& options) {
  if (options.order.empty()) return;
  const StepOrder order = step_order_from(options.order);
  for (std::size_t u = 0; u < plan.chain.units.size(); ++u) {
    const Unit& unit = plan.chain.units[u];
    const Fill& fill = plan.fills[u];
    const auto norm = std::ranges::find(unit.extras, Kind::norm, &Part::kind);
    const int pivot = static_cast<int>(norm - unit.extras.begin()) + 1;
    const auto agrees = [&](int slot, Step step) {
      return slot < 0 || (slot < pivot) == order.before(step, Step::norm);
    };
    if (norm != unit.extras.end() &&
        !(agrees(fill.activation_slot, Step::activation) && agrees(fill.pool_slot, Step::pool))) {
      nn::fail("order: the numbers in the names '", nn::printable(unit.core.name), "' and '",
               nn::printable(norm->name), "' tell another than ", nn::printable(options.order));
    }
  }
}

void add_names(const Part& part, Wiring& wiring) {
  for (const auto& [key, parameter] : part.keys) {
    std::string name = nn::concat(part.name, ".", parameter);
    if (name != key) wiring.renamed.emplace_back(key, std::move(name));
  }
}

Wiring infer(const nn::StateDict& state_dict, const WiringOptions& options) {
  Plan plan;
  plan.activation = options.activation.empty() ? "relu" : options.activation;
  activation_from(plan.activation);
  plan.pool = one_of(options.pool, "pool", "max", "avg");
  if (!options.output.empty()) plan.output = options.output;
  const Output output = output_from(plan.output);
  if (!options.head.empty()) plan.head = options.head;
  if (!options.eps.empty()) plan.eps = eps_from(options.eps);
  plan.chain = chain_of(state_dict, options);
  const Chain& chain = plan.chain;

  const std::vector<FillRules> rules = fill_rules(chain, options);
  std::vector<std::vector<Fill>> ways;
  for (std::size_t u = 0; u < chain.units.size(); ++u) {
    ways.push_back(fills(chain.units[u], rules[u]));
    if (ways[u].empty()) fail_gap(chain.units[u], rules[u]);
    plan.fills.push_back(ways[u][0]);
  }
  Layouts found;
  if (chain.convs > 0) {
    const SizeSearch search{chain, ways, size_options(chain, options)};
    found = layouts(search);
    if (found.layouts.empty()) fail_no_layout(search);
    plan.layout = found.layouts[0];
    for (std::size_t u = 0; u < chain.convs; ++u) {
      plan.fills[u] = ways[u][plan.layout->convs[u].fill];
    }
  }
  require_order(plan, options);

  Wiring wiring;
  const nn::Shape input = input_of(plan, options);
  std::vector<std::int64_t> sizes{1};
  sizes.insert(sizes.end(), input.begin(), input.end());
  wiring.input = nn::Shape(sizes);
  wiring.graph = graph_of(plan);
  wiring.output = output;
  wiring.assumed = assumptions(plan, ways, found, input, options);
  wiring.unused = chain.unused;
  if (const auto* count = state_dict.find("n_averaged"); count && counts_averages(*count)) {
    wiring.unused.push_back(count->name);
  }
  for (const Unit& unit : chain.units) {
    if (unit.pre) add_names(*unit.pre, wiring);
    add_names(unit.core, wiring);
    for (const Part& extra : unit.extras) add_names(extra, wiring);
  }
  const std::vector<nn::TensorSpec> inputs{{wiring.input, nn::DType::float32}};
  nn::infer(wiring.graph, inputs);  // whatever was overlooked is told here, not at the first run
  return wiring;
}

}  // namespace
}  // namespace wiring

const Assumption* Wiring::find(std::string_view what) const {
  const auto found = std::ranges::find(assumed, what, &Assumption::what);
  return found == assumed.end() ? nullptr : &*found;
}

Wiring infer_wiring(const nn::StateDict& state_dict, const WiringOptions& options) {
  try {
    return wiring::infer(state_dict, options);
  } catch (const nn::Error& error) {
    const std::string_view reason = error.what();
    if (reason.starts_with(state_dict.source())) throw;
    nn::fail(state_dict.source(), ": no wiring fits its weights: ", reason);
  }
}

nn::LoadReport load(Wiring& wiring, const nn::StateDict& state_dict, nn::LoadOptions options) {
  if (wiring.renamed.empty() && wiring.unused.empty()) {
    return nn::load(wiring.graph, state_dict, options);
  }
  std::map<std::string, std::string, std::less<>> names(wiring.renamed.begin(),
                                                        wiring.renamed.end());
  nn::StateDict used;
  std::vector<nn::WeightNorm> norms = nn::find_weight_norms(state_dict);
  for (const nn::StateDict::Entry& entry : state_dict.entries()) {
    if (std::ranges::find(wiring.unused, entry.name) != wiring.unused.end()) continue;
    if (std::ranges::find(norms, entry.name, &nn::WeightNorm::g) != norms.end()) continue;
    const auto norm = std::ranges::find(norms, entry.name, &nn::WeightNorm::v);
    const auto renamed = names.find(entry.name);
    used.set(
        renamed == names.end() ? entry.name : renamed->second,
        norm == norms.end() ? state_dict.read(entry.name) : nn::joined_weight(state_dict, *norm));
  }
  try {
    nn::LoadReport report = nn::load(wiring.graph, used, options);
    report.weight_norms = std::move(norms);
    return report;
  } catch (const nn::Error& error) {
    nn::fail(state_dict.source(), ": ", error.what());
  }
}

}  // namespace models
