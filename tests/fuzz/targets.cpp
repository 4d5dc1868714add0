#include <array>

#include "target.h"

namespace test::fuzz {

std::span<const Target> targets() {
  static constexpr std::array all = {
      Target{"exported_program", exported_program},
      Target{"inflate", inflate},
      Target{"json", json},
      Target{"legacy", legacy},
      Target{"net_text", net_text},
      Target{"npy", npy},
      Target{"npz", npz},
      Target{"onnx", onnx},
      Target{"onnx_graph", onnx_graph},
      Target{"pickle", pickle},
      Target{"safetensors", safetensors},
      Target{"shard_index", shard_index},
      Target{"tensor_view", tensor_view},
      Target{"torch_script", torch_script},
      Target{"torch_zip", torch_zip},
      Target{"zip", zip},
  };
  return all;
}

}  // namespace test::fuzz
