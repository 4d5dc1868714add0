#include <type_traits>
#include <utility>

#include <nn/io/exported_argument.h>
#include <nn/io/exported_types.h>

namespace nn::io {
namespace {

using Kind = ExportedArgument::Kind;

constexpr std::size_t most_items = 65536;  // of a list

// [value, value, …], each taken by read().
template <class Read>
auto read_list(JsonReader& json, ExportedBudget& budget, Read&& read) {
  using Item = std::decay_t<decltype(read())>;
  std::vector<Item> items;
  json.begin_array();
  while (json.next_item()) {
    if (items.size() == most_items) fail("a list of more than ", most_items, " items, the limit");
    budget.spend(sizeof(Item));
    items.push_back(read());
  }
  return items;
}

ExportedSymbol read_symbol(JsonReader& json) {
  constexpr std::array<std::string_view, 2> keys = {"as_name", "as_int"};
  ExportedSymbol symbol;
  std::size_t given = 0;
  read_object(json, keys, [&](std::string_view key) {
    ++given;
    if (key == "as_int") {
      symbol.value = json.signed_integer();
    } else {
      symbol.name = json.string();
      if (symbol.name.empty()) fail("a symbolic integer without a name");
    }
  });
  if (given != 1) fail("expected a symbolic integer of one 'as_name' or 'as_int'");
  return symbol;
}

// {"as_tensor": {"name": …}} or {"as_none": …}: "" for the latter.
std::string read_optional_tensor(JsonReader& json) {
  constexpr std::array<std::string_view, 2> keys = {"as_tensor", "as_none"};
  std::string name;
  std::size_t given = 0;
  read_object(json, keys, [&](std::string_view key) {
    ++given;
    if (key == "as_tensor") {
      name = read_exported_name(json);
    } else {
      json.skip();
    }
  });
  if (given != 1) fail("expected an optional tensor of one 'as_tensor' or 'as_none'");
  return name;
}

std::string read_device(JsonReader& json) {
  constexpr std::array<std::string_view, 1> keys = {"type"};
  std::string type;
  read_object(json, keys, [&](std::string_view) { type = json.string(); });
  check_exported_device(type);
  return type;
}

ExportedArgument read_tagged(std::string tag, JsonReader& json, ExportedBudget& budget) {
  const auto name = [&] { return read_exported_name(json); };
  const auto integer = [&] { return json.signed_integer(); };
  const auto list = [&](auto&& read) { return read_list(json, budget, read); };
  if (tag == "as_none") {
    json.skip();  // true, or [] before 2.6
    return {};
  }
  if (tag == "as_tensor") return {Kind::tensor, name()};
  if (tag == "as_tensors") return {Kind::tensors, list(name)};
  if (tag == "as_int") return {Kind::integer, integer()};
  if (tag == "as_ints") return {Kind::integers, list(integer)};
  if (tag == "as_float") return {Kind::number, json.floating()};
  if (tag == "as_floats") return {Kind::numbers, list([&] { return json.floating(); })};
  if (tag == "as_bool") return {Kind::boolean, json.boolean()};
  if (tag == "as_bools") {
    return {Kind::booleans, list([&] { return std::int64_t{json.boolean()}; })};
  }
  if (tag == "as_string") return {Kind::text, json.string()};
  if (tag == "as_strings") return {Kind::texts, list([&] { return json.string(); })};
  if (tag == "as_sym_int") return {Kind::symbol, read_symbol(json)};
  if (tag == "as_sym_ints") return {Kind::symbols, list([&] { return read_symbol(json); })};
  if (tag == "as_scalar_type") {
    return {Kind::scalar_type, std::string(exported_dtype(json.unsigned_integer()).name)};
  }
  if (tag == "as_memory_format") {
    return {Kind::memory_format, std::string(exported_memory_format(json.unsigned_integer()))};
  }
  if (tag == "as_layout") {
    return {Kind::layout, std::string(exported_layout(json.unsigned_integer()))};
  }
  if (tag == "as_device") return {Kind::device, read_device(json)};
  if (tag == "as_optional_tensors") {
    return {Kind::optional_tensors, list([&] { return read_optional_tensor(json); })};
  }
  if (tag == "as_optional_tensor") {
    std::string tensor = read_optional_tensor(json);
    if (tensor.empty()) return {};
    return {Kind::tensor, std::move(tensor)};
  }
  json.skip();
  return {Kind::other, std::move(tag)};
}

std::string shown(const std::string& text) { return printable(text); }
std::string shown(std::int64_t value) { return to_text(value); }
std::string shown(double value) { return to_text(value); }
std::string shown(bool value) { return value ? "true" : "false"; }
std::string shown(std::monostate /*nothing*/) { return {}; }
std::string shown(const ExportedSymbol& symbol) {
  return symbol.name.empty() ? to_text(symbol.value) : printable(symbol.name);
}
template <class Item>
std::string shown(const std::vector<Item>& items) {
  std::string text = "[";
  for (const Item& item : items) text += concat(text.size() > 1 ? ", " : "", shown(item));
  return text + ']';
}

}  // namespace

std::string describe(const ExportedArgument& argument) {
  constexpr std::array<std::string_view, 19> names = {
      "none",   "tensor",  "tensors",     "optional_tensors", "integer", "integers",
      "number", "numbers", "boolean",     "booleans",         "text",    "texts",
      "symbol", "symbols", "scalar_type", "memory_format",    "layout",  "device",
      "other"};
  const std::string value =
      std::visit([](const auto& held) { return shown(held); }, argument.value);
  return concat(names[static_cast<std::size_t>(argument.kind)], value.empty() ? "" : " ", value);
}

std::string read_exported_name(JsonReader& json) {
  constexpr std::array<std::string_view, 1> keys = {"name"};
  std::string name;
  read_object(json, keys, [&](std::string_view) { name = json.string(); });
  if (name.empty()) fail("expected an argument with a 'name'");
  return name;
}

ExportedArgument read_exported_argument(JsonReader& json, ExportedBudget& budget) {
  ExportedArgument argument;
  std::size_t tags = 0;
  json.begin_object();
  while (auto tag = json.next_key()) {
    if (++tags > 1) fail("an argument is given twice, the second time as '", printable(*tag), "'");
    argument = read_tagged(std::move(*tag), json, budget);
  }
  if (tags == 0) fail("expected an argument, of one key like 'as_tensor'");
  return argument;
}

}  // namespace nn::io
