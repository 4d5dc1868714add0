#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nn::io {

// The paths of the leaves of a tree of tuples, lists and dicts, in their order: "boxes.0" is the
// first of what is under the key "boxes". `spec` is the text that PyTorch's pytree writes:
// `[1, {"type": "builtins.dict", "context": "[\"boxes\"]", "children_spec": […]}]`.
// Throws Error when it is not such a text.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/utils/_pytree.py
std::vector<std::string> exported_tree_paths(std::string_view spec);

// The same for the tree of (args, kwargs), whose positional ones are named as in forward(): "x",
// "pair.0". An argument without a name in `names` is "args.0".
std::vector<std::string> exported_input_paths(std::string_view spec,
                                              std::span<const std::string> names);

}  // namespace nn::io
