#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nn/io/exported_json.h>

namespace nn::io {

// An integer that a graph computes, by its name; or, where the name is empty, a literal one.
struct ExportedSymbol {
  std::string name;
  std::int64_t value = 0;

  friend bool operator==(const ExportedSymbol&, const ExportedSymbol&) = default;
};

// What an operator is given or gives, as torch.export writes it: the union `Argument` of
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/_export/serde/schema.py
struct ExportedArgument {
  enum class Kind : std::uint8_t {
    none,
    tensor,            // text(): the name of the value
    tensors,           // texts()
    optional_tensors,  // texts(), "" for None
    integer,           // integer()
    integers,          // integers()
    number,            // number(); a Scalar may come as integer, too
    numbers,           // numbers()
    boolean,           // boolean()
    booleans,          // integers(), 0 or 1
    text,              // text()
    texts,             // texts()
    symbol,            // symbol()
    symbols,           // symbols(), literal ones among them
    scalar_type,       // text(): "float32", PyTorch's name without "torch."
    memory_format,     // text(): "contiguous_format"
    layout,            // text(): "strided"
    device,            // text(): "cpu", "cuda"
    other,             // text(): the tag, "as_graph"; what it holds is not read
  };

  Kind kind = Kind::none;
  std::variant<std::monostate, std::int64_t, double, bool, std::string, ExportedSymbol,
               std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>,
               std::vector<ExportedSymbol>>
      value;

  // REQUIRES, for each: a kind that has it.
  std::int64_t integer() const { return std::get<std::int64_t>(value); }
  double number() const { return std::get<double>(value); }
  bool boolean() const { return std::get<bool>(value); }
  const std::string& text() const { return std::get<std::string>(value); }
  const ExportedSymbol& symbol() const { return std::get<ExportedSymbol>(value); }
  const std::vector<std::int64_t>& integers() const {
    return std::get<std::vector<std::int64_t>>(value);
  }
  const std::vector<double>& numbers() const { return std::get<std::vector<double>>(value); }
  const std::vector<std::string>& texts() const {
    return std::get<std::vector<std::string>>(value);
  }
  const std::vector<ExportedSymbol>& symbols() const {
    return std::get<std::vector<ExportedSymbol>>(value);
  }

  friend bool operator==(const ExportedArgument&, const ExportedArgument&) = default;
};

// "tensor x", "integers [1, -1]": for messages and tests, names made safe to print.
std::string describe(const ExportedArgument& argument);

// The next value of the text. Throws Error when it is not an Argument; tags that PyTorch may add
// are kept as `other`.
ExportedArgument read_exported_argument(JsonReader& json, ExportedBudget& budget);

// {"name": …}: a TensorArgument and its like.
std::string read_exported_name(JsonReader& json);

}  // namespace nn::io
