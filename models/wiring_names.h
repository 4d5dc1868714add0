#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace models::wiring {

// The name of what holds a layer, "layer1" of "layer1.0", and the layer's own below it, "0".
std::string_view parent_of(std::string_view name);
std::string_view leaf_of(std::string_view name);
// The number that a leaf is, or that a name ends in; -1 when there is none.
int number_of(std::string_view leaf);
int trailing_number(std::string_view name);
// Does a come before b, with numbers compared as numbers: "conv2" before "conv10"?
bool natural_less(std::string_view a, std::string_view b);

// "conv1,conv2" to its parts, without spaces; empty text to none.
std::vector<std::string> split_list(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view between = ",");

// What a layer of that name is when it cannot be part of a chain ("a residual connection"), told by
// the words people use; empty for other names.
std::string_view foreign_layer(std::string_view name);
// The same for a tensor's name below its layer: "weight_ih_l0" is a recurrent layer's.
std::string_view foreign_tensor(std::string_view parameter);

}  // namespace models::wiring
