#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <models/wiring.h>
#include <models/wiring_parts.h>

namespace models::wiring {

// The number of layers without parameters at a place, where numbers in the names tell it.
using Gap = std::optional<int>;

// A convolution or linear layer with what belongs to it.
struct Unit {
  Part core;
  std::int64_t groups = 1;
  std::optional<Part> pre;   // a norm of the net's input, or of flattened planes
  std::vector<Part> extras;  // norm and PReLU, in their order
  std::vector<Gap> gaps;     // behind the core and behind each extra

  const Part* norm() const;
  const Part* prelu() const;
  // Slots: places for layers without parameters, one behind the core and behind each extra.
  std::size_t slots() const { return 1 + extras.size(); }
};

// The layers with parameters in the order of use.
struct Chain {
  std::vector<Unit> units;
  std::size_t convs = 0;  // units [0, convs) are convolutions
  std::vector<Assumption> assumed;
  std::vector<std::string> unused;                           // keys of the file
  std::vector<std::pair<std::string, std::string>> aliases;  // (second name, name of a unit's core)

  // The index of the unit whose core has that name or alias. Throws Error naming the option.
  std::size_t unit_named(std::string_view name, std::string_view option) const;
  std::int64_t channels() const { return units[0].core.in * units[0].groups; }  // or features
};

// Finds the order: the file's, where it is the order of registration; where names are sorted, their
// numbers'; otherwise the one in which each layer takes what the one before gives. Then the cores of
// the norms: beside them, or by numbers and sizes. Throws Error naming what cannot be placed.
Chain chain_of(const nn::StateDict& state_dict, const WiringOptions& options);

}  // namespace models::wiring
