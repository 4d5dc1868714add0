#pragma once

#include <memory>

#include <nn/io/container.h>
#include <nn/io/zip.h>

namespace nn::io {

// The file that torch.save has written since PyTorch 1.6: a zip archive of `root/data.pkl`, which
// describes the tensors, and `root/data/0`, `root/data/1` …, their storages. Throws Error when it
// is not in order.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/serialization.py
std::shared_ptr<const Container> open_torch_zip(ZipArchive archive,
                                                const OpenOptions& options = {});

}  // namespace nn::io
