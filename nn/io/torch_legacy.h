#pragma once

#include <memory>

#include <nn/io/container.h>

namespace nn::io {

// The stream that torch.save wrote before PyTorch 1.6, and writes with
// _use_new_zipfile_serialization=False: five pickles (a magic number, the version, facts about the
// machine, the tensors, the keys of their storages) and then the storages one by one, each as its
// count of elements and their bytes. Opening reads the pickles and the counts only. The form has no
// checksums.
// https://github.com/pytorch/pytorch/blob/v1.5.0/torch/serialization.py
std::shared_ptr<const Container> open_torch_legacy(std::shared_ptr<const ByteSource> source,
                                                   const OpenOptions& options);

}  // namespace nn::io
