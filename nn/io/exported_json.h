#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>

#include <nn/error.h>
#include <nn/io/json.h>

namespace nn::io {

// What a program described in JSON may come to in memory: a few bytes of text may each ask for many.
// Names are not counted, the text holds them.
class ExportedBudget {
 public:
  static constexpr std::size_t most_bytes = std::size_t{32} << 20;

  void spend(std::size_t bytes) {
    used_ += bytes;
    if (used_ > most_bytes) {
      fail("the program is described by more than ", most_bytes, " bytes (32 MiB), the limit");
    }
  }

 private:
  std::size_t used_ = 0;
};

// Calls take(key), which has to take the value, for each key of the next object that is one of
// `keys`; skips others, for newer versions of a schema may add some. Throws Error when a known key
// occurs twice.
template <std::size_t n, class Take>
void read_object(JsonReader& json, const std::array<std::string_view, n>& keys, Take&& take) {
  std::bitset<n> seen;
  json.begin_object();
  while (const auto key = json.next_key()) {
    std::size_t i = 0;
    while (i < n && keys[i] != *key) ++i;
    if (i == n) {
      json.skip();
      continue;
    }
    if (seen[i]) fail("the key '", keys[i], "' twice in one object");
    seen[i] = true;
    take(keys[i]);
  }
}

}  // namespace nn::io
