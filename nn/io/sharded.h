#pragma once

#include <filesystem>
#include <memory>

#include <nn/io/container.h>

namespace nn::io {

// The index of a model in several files, `model.safetensors.index.json`: a JSON object whose
// "weight_map" says for each tensor in which file beside the index it is. The tensors are those of
// the index, in its order; all shards are opened at once, with the options. `index` is the path of
// `source`, empty when it is not a file.
std::shared_ptr<const Container> open_sharded(const ByteSource& source,
                                              const std::filesystem::path& index,
                                              const OpenOptions& options = {});

}  // namespace nn::io
