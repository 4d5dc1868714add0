#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <models/wiring_parts.h>

namespace models::wiring {

// Places of cores in `parts`, convolutions first, in an order where each takes what the one before
// gives.
using Order = std::vector<std::size_t>;

// Why `next` cannot follow `before` directly; empty when it can. Depthwise convolutions take any.
std::string misfit(const Part& before, const Part& next);
// The same for a whole order.
std::string misfit(const std::vector<Part>& parts, const Order& order);

// The order of the parts' cores, and others that fit as well where the file's order says nothing.
struct Orders {
  Order best;
  std::vector<Order> others;
};
// Throws Error (the first misfit in the file's order) when no order fits.
Orders orders_of(const std::vector<Part>& parts);

// Are the names sorted as text, as safetensors writes them, so that their order tells nothing?
bool sorted_names(const std::vector<Part>& parts);

}  // namespace models::wiring
