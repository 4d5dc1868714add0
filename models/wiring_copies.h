#pragma once

#include <string>
#include <utility>
#include <vector>

#include <models/wiring_parts.h>
#include <nn/io/state_dict.h>

namespace models::wiring {

// Takes layers away that a file lists twice, as an attribute and as a member of an nn.Sequential:
// parts of one kind and shape whose values are equal, and not all the same number as those of a new
// norm are. Of each the name in the larger container stays. Returns the pairs (name that was taken
// away, name that stays). Reads the values of parts that have a twin in shape, of up to 1 GiB.
std::vector<std::pair<std::string, std::string>> drop_copies(std::vector<Part>& parts,
                                                             const nn::StateDict& state_dict);

}  // namespace models::wiring
