#pragma once

#include <memory>

#include <nn/io/container.h>
#include <nn/io/zip.h>

namespace nn::io {

// What torch.jit.save has written since PyTorch 1.4, and libtorch's torch::save: a zip archive of
// `root/data.pkl`, which describes the module's object, `root/constants.pkl`, the constants of its
// code, their storages below `root/data/` and `root/constants/`, and the code. The tensors are the
// module's parameters and buffers under the names of its state_dict. Where it has none (a frozen
// module) or the key "constants" asks for them, they are the constants, named by their index. The
// code is not run.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/csrc/jit/docs/serialization.md
std::shared_ptr<const Container> open_torch_script(ZipArchive archive, const OpenOptions& options);

}  // namespace nn::io
