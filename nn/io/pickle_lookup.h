#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nn/io/pickle.h>

namespace nn::io {

// Finding one's way in the values of a pickle.

// "model" and "state_dict" make "model.state_dict".
std::string joined_path(std::string_view path, std::string_view label);

// The attributes of a placeholder: name, value, name, value, …
std::span<const Pickle::Ref> attributes_of(const Pickle& pickle, Pickle::Ref object);
std::optional<Pickle::Ref> attribute(const Pickle& pickle, Pickle::Ref object,
                                     std::string_view name);

// What was set in a placeholder as in a dict, whose class is a kind of dict: key, value, key, …
std::span<const Pickle::Ref> pairs_of(const Pickle& pickle, Pickle::Ref object);

// A value with the word by which its holder has it, as it stands in the file: not safe to print.
struct Child {
  std::optional<std::string> label;  // nothing for keys that are neither strings nor ints
  Pickle::Ref value;
};
// What a dict has under its keys, a list or tuple at its indices, a placeholder as attributes and
// items.
std::size_t child_count(const Pickle& pickle, Pickle::Ref value);
Child child_at(const Pickle& pickle, Pickle::Ref value, std::size_t index);
// The value of that label.
std::optional<Pickle::Ref> child_named(const Pickle& pickle, Pickle::Ref value,
                                       std::string_view label);

}  // namespace nn::io
