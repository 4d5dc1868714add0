#pragma once

#include <string>
#include <vector>

#include <models/wiring.h>
#include <models/wiring_chain.h>
#include <models/wiring_fills.h>
#include <models/wiring_sizes.h>

namespace models::wiring {

// What the options settle about a chain's sizes. Throws Error naming the option that does not fit.
SizeOptions size_options(const Chain& chain, const WiringOptions& options);
// The rules for each unit's fills.
std::vector<FillRules> fill_rules(const Chain& chain, const WiringOptions& options);

// Choices as values of the options.
std::string padding_text(const Chain& chain, const Layout& layout);
std::string stride_text(const Layout& layout);
std::string pool_after_text(const Chain& chain, const std::vector<std::vector<Fill>>& fills,
                            const Layout& layout);
std::string input_text(const nn::Shape& picture);  // "1x28x28"

}  // namespace models::wiring
