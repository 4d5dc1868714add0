#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layers/int_pair.h>

namespace models {

// The arguments of a layer as PyTorch prints them: "1, 20, kernel_size=(5, 5), bias=False". Each is
// asked for once; `finish` refuses those that nobody asked for. Throws nn::Error, which names the
// argument.
class PrintedArguments {
 public:
  explicit PrintedArguments(std::string_view text);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  // By place, those without a name: num_features of "16, eps=1e-05".
  std::int64_t integer(std::size_t place, std::string_view what);
  // By name; the form without `otherwise` refuses where there is none.
  std::int64_t integer(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t otherwise);
  double number(std::string_view name, double otherwise);
  // nullopt: None.
  std::optional<double> number_or_none(std::string_view name, double otherwise);
  std::optional<std::int64_t> integer_or_none(std::string_view name);
  // "inplace=True", or as PyTorch 1.0 printed it, "inplace".
  bool flag(std::string_view name, bool otherwise);
  // "3" or "(3, 5)"
  nn::IntPair pair(std::string_view name);
  nn::IntPair pair(std::string_view name, nn::IntPair otherwise);
  // The same, where None keeps a size: "(None, 7)".
  std::vector<std::optional<std::int64_t>> sizes(std::string_view name);
  // Without quotes.
  std::string_view word(std::string_view name, std::string_view otherwise);

  void finish() const;

 private:
  struct Argument {
    std::string_view name;  // empty: by place
    std::string_view value;
    bool taken = false;
  };

  const Argument* find(std::string_view name) const;
  // The value by name, or null; taken from then on.
  const std::string_view* take(std::string_view name);

  std::vector<Argument> arguments_;
};

}  // namespace models
