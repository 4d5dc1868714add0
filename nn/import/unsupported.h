#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nn {

// Operators of a file that no table has, to be told all at once.
class Unsupported {
 public:
  // `place` is where it stands, safe to print; the first one of a name is kept.
  void add(std::string_view name, std::string_view place);
  // Throws Error when there are any: "these operators are not supported: NonZero (2 times, first at
  // node 'a')", and `advice` behind it.
  void require_none(std::string_view advice = {}) const;

 private:
  struct Operator {
    std::string name;
    std::size_t count = 0;
    std::string first;
  };
  std::vector<Operator> operators_;
  std::unordered_map<std::string, std::size_t> places_;  // in operators_, by name
};

}  // namespace nn
