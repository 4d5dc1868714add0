#include <algorithm>
#include <array>

#include <models/wiring_costs.h>
#include <models/wiring_fills.h>
#include <models/wiring_names.h>

namespace models::wiring {
namespace {

constexpr std::array<std::string_view, 3> step_names{"norm", "activation", "pool"};

// Slots before this index stand before the unit's norm; 0 where it has none.
int norm_index(const Unit& unit) {
  for (std::size_t i = 0; i < unit.extras.size(); ++i) {
    if (unit.extras[i].kind == Kind::norm) return static_cast<int>(i) + 1;
  }
  return 0;
}

int prelu_index(const Unit& unit) {
  for (std::size_t i = 0; i < unit.extras.size(); ++i) {
    if (unit.extras[i].kind == Kind::prelu) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool gaps_known(const Unit& unit) {
  return std::ranges::any_of(unit.gaps, [](const Gap& gap) { return gap.has_value(); });
}

// The cost of what is left in the gaps as dropout and the like, or nothing when they do not hold
// what is placed.
std::optional<double> gap_cost(const Unit& unit, const Fill& fill, bool flatten) {
  double cost = 0;
  const int norm = norm_index(unit);
  for (int slot = 0; slot < static_cast<int>(unit.gaps.size()); ++slot) {
    const Gap& gap = unit.gaps[static_cast<std::size_t>(slot)];
    if (!gap) continue;
    const bool last = slot + 1 == static_cast<int>(unit.gaps.size());
    const int placed = (fill.activation_slot == slot ? 1 : 0) + (fill.pool_slot == slot ? 1 : 0) +
                       (flatten && last ? 1 : 0);
    const int left = *gap - placed;
    if (left < 0) return {};
    if (left > 0) cost += costs::dropout + (left - 1) * costs::unknown_layer;
    if (left > 0 && slot < norm) cost += costs::before_norm;
  }
  return cost;
}

// The cost of a place on the other side of the norm (or PReLU) than the order says, or nothing when
// it may not be there: where no number speaks for it.
std::optional<double> side_cost(const Unit& unit, int slot, int pivot, bool wanted_before) {
  if (slot < 0 || pivot == 0 || (slot < pivot) == wanted_before) return 0;
  if (!gaps_known(unit)) return {};
  return costs::other_order;
}

std::optional<double> cost_of(const Unit& unit, const Fill& fill, const FillRules& rules) {
  const StepOrder& order = rules.order;
  const int norm = norm_index(unit);
  const int prelu = prelu_index(unit);
  double cost = 0;
  for (const std::optional<double>& part :
       {gap_cost(unit, fill, rules.flatten),
        side_cost(unit, fill.activation_slot, norm, order.before(Step::activation, Step::norm)),
        side_cost(unit, fill.pool_slot, norm, order.before(Step::pool, Step::norm)),
        side_cost(unit, fill.pool_slot, prelu, order.before(Step::pool, Step::activation))}) {
    if (!part) return {};
    cost += *part;
  }
  const bool pool_first = order.before(Step::pool, Step::activation);
  if (fill.activated() && fill.pooled() && fill.activation_slot != fill.pool_slot &&
      (fill.pool_slot < fill.activation_slot) != pool_first) {
    cost += costs::other_order / 2;
  }
  if (prelu > 0) return cost;
  if (fill.activated()) return cost + (rules.maybe_depthwise ? costs::after_depthwise : 0);
  if (rules.no_activation || rules.maybe_depthwise) return cost;
  return cost + costs::no_activation;
}

}  // namespace

bool StepOrder::before(Step a, Step b) const {
  return std::ranges::find(steps, a) < std::ranges::find(steps, b);
}

StepOrder step_order_from(const std::string& text) {
  StepOrder order;
  order.steps.clear();
  for (const std::string& name : split_list(text)) {
    const auto known = std::ranges::find(step_names, name);
    if (known == step_names.end()) break;
    order.steps.push_back(static_cast<Step>(known - step_names.begin()));
  }
  std::vector<Step> sorted = order.steps;
  std::ranges::sort(sorted);
  if (sorted != StepOrder{}.steps) {
    nn::fail("order: expected norm, activation and pool in some order, got '", nn::printable(text),
             "'");
  }
  return order;
}

std::string to_text(const StepOrder& order) {
  std::vector<std::string> names;
  for (const Step step : order.steps)
    names.emplace_back(step_names[static_cast<std::size_t>(step)]);
  return join(names);
}

std::vector<Fill> fills(const Unit& unit, const FillRules& rules) {
  const int slots = static_cast<int>(unit.slots());
  const bool none_only = rules.no_activation || unit.prelu() != nullptr;
  std::vector<Fill> best;
  for (int activation = -1; activation < (none_only ? 0 : slots); ++activation) {
    if (activation < 0 && rules.sure && !none_only) continue;
    for (int pool = rules.pool_required ? 0 : -1; pool < (rules.pool_allowed ? slots : 0); ++pool) {
      Fill fill{activation, pool, rules.order.before(Step::pool, Step::activation), 0};
      const std::optional<double> cost = cost_of(unit, fill, rules);
      if (!cost) continue;
      fill.cost = *cost;
      const auto same = std::ranges::find_if(best, [&](const Fill& other) {
        return other.pooled() == fill.pooled() && other.activated() == fill.activated();
      });
      if (same == best.end()) {
        best.push_back(fill);
      } else if (fill.cost < same->cost) {
        *same = fill;
      }
    }
  }
  // Without an activation only where numbers leave no room for one.
  std::erase_if(best, [&](const Fill& fill) {
    return !fill.activated() && !none_only && !rules.maybe_depthwise &&
           std::ranges::any_of(best, [&](const Fill& other) {
             return other.activated() && other.pooled() == fill.pooled();
           });
  });
  std::ranges::stable_sort(best, {}, &Fill::cost);
  return best;
}

StepOrder evident_order(const Chain& chain) {
  int activation_first = 0;
  for (const Unit& unit : chain.units) {
    const int norm = norm_index(unit);
    const int prelu = prelu_index(unit);
    if (norm == 0) continue;
    const Gap& gap = unit.gaps[0];
    if (prelu > 0) {
      activation_first += prelu < norm ? 1 : -1;
    } else if (gap) {
      activation_first += *gap > 0 ? 1 : -1;
    }
  }
  StepOrder order;
  if (activation_first > 0) order.steps = {Step::activation, Step::norm, Step::pool};
  return order;
}

bool order_is_open(const Chain& chain) {
  return std::ranges::any_of(chain.units, [](const Unit& unit) {
    return unit.norm() != nullptr && !unit.gaps[0] && unit.prelu() == nullptr;
  });
}

}  // namespace models::wiring
