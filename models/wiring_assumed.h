#pragma once

#include <vector>

#include <models/wiring.h>
#include <models/wiring_graph.h>

namespace models::wiring {

// What was chosen and what else fits, from a plan, all layouts (the first, if any, is the plan's) and
// what the user gave. `input` is the net's, [C, H, W] or [features].
std::vector<Assumption> assumptions(const Plan& plan, const std::vector<std::vector<Fill>>& fills,
                                    const Layouts& found, const nn::Shape& input,
                                    const WiringOptions& options);

}  // namespace models::wiring
