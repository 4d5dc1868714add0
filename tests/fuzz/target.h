#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nn/error.h>

// What libFuzzer runs (entry.cpp) and what the tests run again over the committed files
// (replay_test.cpp): one function per reader. It feeds the bytes to the reader, takes an nn::Error
// for an answer, and throws std::logic_error where the reader contradicts itself or a second
// opinion.
namespace test::fuzz {

using Bytes = std::span<const std::byte>;

struct Target {
  std::string_view name;  // of the folder of its seeds and of its dictionary
  void (*run)(Bytes);
};

std::span<const Target> targets();

inline void require(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

// Whether `work` ends without an nn::Error; anything else it throws passes through.
template <class Work>
bool accepts(Work&& work) {
  try {
    work();
  } catch (const nn::Error& error) {
    require(error.what()[0] != '\0', "an error without a message");
    return false;
  }
  return true;
}

// Numbers and runs of bytes taken from the front of the input; zeros behind its end.
class Input {
 public:
  explicit Input(Bytes bytes) : bytes_(bytes) {}

  std::uint8_t u8() {
    if (bytes_.empty()) return 0;
    const auto value = std::to_integer<std::uint8_t>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
  }
  // Mostly small, sometimes any number of 64 bits.
  std::int64_t integer() {
    const std::uint8_t first = u8();
    if (first < 0xF0) return first;
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | u8();
    return static_cast<std::int64_t>(value);
  }
  Bytes rest() const { return bytes_; }

 private:
  Bytes bytes_;
};

void exported_program(Bytes input);
void inflate(Bytes input);
void json(Bytes input);
void legacy(Bytes input);
void net_text(Bytes input);
void npy(Bytes input);
void npz(Bytes input);
void onnx(Bytes input);
void onnx_graph(Bytes input);
void pickle(Bytes input);
void safetensors(Bytes input);
void shard_index(Bytes input);
void tensor_view(Bytes input);
void torch_script(Bytes input);
void torch_zip(Bytes input);
void zip(Bytes input);

}  // namespace test::fuzz
