#include <algorithm>
#include <charconv>

#include <models/printed_arguments.h>
#include <nn/error.h>

namespace models {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

// The parts between commas that stand in no bracket and no quotes.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.push_back(trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  if (const std::string_view last = trimmed(text.substr(begin)); !last.empty()) {
    parts.push_back(last);
  }
  return parts;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

[[noreturn]] void refuse(std::string_view name, std::string_view expected, std::string_view value) {
  nn::fail("argument ", name, ": expected ", expected, ", got '", nn::printable(value), "'");
}

template <class Number>
Number number_of(std::string_view name, std::string_view expected, std::string_view value) {
  Number result{};
  const auto end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, result);
  if (error != std::errc() || at != end) refuse(name, expected, value);
  return result;
}

std::int64_t integer_of(std::string_view name, std::string_view value) {
  return number_of<std::int64_t>(name, "a whole number", value);
}

// The values in "(5, 5)", or of "5" the one.
std::vector<std::string_view> tuple_of(std::string_view name, std::string_view value) {
  if (!value.starts_with('(')) return {value};
  if (!value.ends_with(')')) refuse(name, "a tuple as in (3, 3)", value);
  return split(value.substr(1, value.size() - 2));
}

}  // namespace

PrintedArguments::PrintedArguments(std::string_view text) {
  for (const std::string_view part : split(text)) {
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (equals == std::string_view::npos || !is_name(name)) {
      arguments_.push_back({{}, part});
      continue;
    }
    if (has(name)) nn::fail("argument ", name, " is given twice");
    arguments_.push_back({name, trimmed(part.substr(equals + 1))});
  }
}

const PrintedArguments::Argument* PrintedArguments::find(std::string_view name) const {
  const auto found = std::ranges::find(arguments_, name, &Argument::name);
  return found == arguments_.end() ? nullptr : &*found;
}

const std::string_view* PrintedArguments::take(std::string_view name) {
  const auto found = std::ranges::find(arguments_, name, &Argument::name);
  if (found == arguments_.end()) return nullptr;
  found->taken = true;
  return &found->value;
}

std::int64_t PrintedArguments::integer(std::size_t place, std::string_view what) {
  std::size_t seen = 0;
  for (Argument& argument : arguments_) {
    if (!argument.name.empty() || seen++ != place) continue;
    argument.taken = true;
    return integer_of(what, argument.value);
  }
  return integer(what);
}

std::int64_t PrintedArguments::integer(std::string_view name) {
  const std::string_view* value = take(name);
  if (value == nullptr) nn::fail("expected the argument ", name);
  return integer_of(name, *value);
}

std::int64_t PrintedArguments::integer(std::string_view name, std::int64_t otherwise) {
  return has(name) ? integer(name) : otherwise;
}

std::optional<std::int64_t> PrintedArguments::integer_or_none(std::string_view name) {
  const std::string_view* value = take(name);
  if (value == nullptr || *value == "None") return std::nullopt;
  return integer_of(name, *value);
}

double PrintedArguments::number(std::string_view name, double otherwise) {
  const std::string_view* value = take(name);
  return value == nullptr ? otherwise : number_of<double>(name, "a number", *value);
}

std::optional<double> PrintedArguments::number_or_none(std::string_view name, double otherwise) {
  const std::string_view* value = take(name);
  if (value == nullptr) return otherwise;
  if (*value == "None") return std::nullopt;
  return number_of<double>(name, "a number", *value);
}

bool PrintedArguments::flag(std::string_view name, bool otherwise) {
  for (Argument& argument : arguments_) {
    if (!argument.name.empty() || argument.value != name) continue;
    argument.taken = true;
    return true;
  }
  const std::string_view* value = take(name);
  if (value == nullptr) return otherwise;
  if (*value == "True") return true;
  if (*value != "False") refuse(name, "True or False", *value);
  return false;
}

nn::IntPair PrintedArguments::pair(std::string_view name) {
  const std::string_view* value = take(name);
  if (value == nullptr) nn::fail("expected the argument ", name);
  const auto numbers = tuple_of(name, *value);
  if (numbers.size() != 1 && numbers.size() != 2) refuse(name, "one or two numbers", *value);
  return {integer_of(name, numbers.front()), integer_of(name, numbers.back())};
}

nn::IntPair PrintedArguments::pair(std::string_view name, nn::IntPair otherwise) {
  return has(name) ? pair(name) : otherwise;
}

std::vector<std::optional<std::int64_t>> PrintedArguments::sizes(std::string_view name) {
  const std::string_view* value = take(name);
  if (value == nullptr) nn::fail("expected the argument ", name);
  std::vector<std::optional<std::int64_t>> sizes;
  for (const std::string_view size : tuple_of(name, *value)) {
    sizes.push_back(size == "None" ? std::nullopt : std::optional(integer_of(name, size)));
  }
  return sizes;
}

std::string_view PrintedArguments::word(std::string_view name, std::string_view otherwise) {
  const std::string_view* value = take(name);
  if (value == nullptr) return otherwise;
  const bool quoted =
      value->size() >= 2 && value->front() == value->back() && value->front() == '\'';
  return quoted ? value->substr(1, value->size() - 2) : *value;
}

void PrintedArguments::finish() const {
  for (const Argument& argument : arguments_) {
    if (argument.taken) continue;
    if (argument.name.empty()) {
      nn::fail("expected no argument '", nn::printable(argument.value), "'");
    }
    nn::fail("the argument ", nn::printable(argument.name), "=", nn::printable(argument.value),
             " is not known here");
  }
}

}  // namespace models
