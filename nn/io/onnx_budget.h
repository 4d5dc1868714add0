#pragma once

#include <cstdint>
#include <string>

#include <nn/error.h>
#include <nn/io/protobuf.h>

namespace nn::io {

inline constexpr std::size_t longest_onnx_name = 1024;

// What the description of a model may take in memory, without its values: a file that means to fill
// the memory with tiny nodes is refused early. Nodes, initializers and values are charged when they
// are counted, everything in them when it is read.
class OnnxBudget {
 public:
  static constexpr std::uint64_t most = std::uint64_t{24} << 20;

  void spend(std::uint64_t bytes) {
    spent_ += bytes;
    if (spent_ > most) {
      fail("the graph's description, without weights, takes more than ", most,
           " bytes (24 MiB), the limit");
    }
  }

 private:
  std::uint64_t spent_ = 0;
};

// Throws Error when the name is longer than 1024 bytes, no UTF-8 or contains NUL.
std::string read_onnx_name(const ProtobufReader& reader, const ProtobufField& field,
                           OnnxBudget& budget);

}  // namespace nn::io
