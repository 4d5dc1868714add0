#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <models/wiring.h>
#include <models/wiring_chain.h>

namespace models::wiring {

enum class Step : std::uint8_t { norm, activation, pool };

// What comes after a layer where the names do not say: a permutation, "norm,activation,pool".
struct StepOrder {
  std::vector<Step> steps{Step::norm, Step::activation, Step::pool};

  bool before(Step a, Step b) const;
};
StepOrder step_order_from(const std::string& text);  // throws Error for no permutation
std::string to_text(const StepOrder& order);

// One way to put activation and pool into the slots behind a unit's core and extras.
struct Fill {
  int activation_slot = -1;  // -1: none (with a PReLU, which stands among the extras, always)
  int pool_slot = -1;        // -1: no pool
  bool pool_first = false;   // in one slot, the pool before the activation
  double cost = 0;

  bool pooled() const { return pool_slot >= 0; }
  bool activated() const { return activation_slot >= 0; }
};

// What a unit allows.
struct FillRules {
  StepOrder order;
  bool pool_allowed = false;     // behind a convolution
  bool pool_required = false;    // the user names it
  bool flatten = false;          // a convolution whose next is linear
  bool no_activation = false;    // the last layer, and what the user names
  bool sure = false;             // the user named those without, so that this one has it
  bool maybe_depthwise = false;  // depthwise before pointwise: none is as usual
};

// For pool and no pool, activation and none, the least unusual way each, cheapest first. Gaps that
// numbers in the names tell are filled exactly; where nothing can fill them the result is empty.
std::vector<Fill> fills(const Unit& unit, const FillRules& rules);

// The order that the units' gaps tell of, or the most conventional.
StepOrder evident_order(const Chain& chain);
// Does any unit leave the order open?
bool order_is_open(const Chain& chain);

}  // namespace models::wiring
