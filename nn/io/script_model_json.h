#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/torch_dtype.h>

namespace nn::io {

// The `model.json` of a TorchScript archive of 2019: protobuf messages as JSON.
struct ScriptModelJson {
  struct TensorDef {
    std::vector<std::int64_t> dims;
    std::vector<std::int64_t> strides;
    std::int64_t offset = 0;
    const TorchDType* type = nullptr;
    bool quantized = false;
    std::string record;  // "tensors/0"
  };
  struct ParameterDef {
    std::string name;
    std::uint64_t tensor = 0;  // in tensors
    bool is_buffer = false;
  };
  struct ModuleDef {
    std::string name;
    std::size_t parent = 0;  // in modules; of the first one itself
    std::vector<ParameterDef> parameters;
  };

  std::vector<TensorDef> tensors;
  std::vector<ModuleDef> modules;  // the main one first, each behind its parent

  // Throws Error when the text is not such JSON.
  static ScriptModelJson parse(std::string_view text);
};

}  // namespace nn::io
