#pragma once

#include <nn/io/output_file.h>
#include <nn/io/saved_tensors.h>

namespace nn::io {

// An archive as torch.save writes it for an OrderedDict of tensors: data.pkl, the storages as data/0,
// data/1, …, and what newer versions of PyTorch look for. Tensors that share their values share a storage.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/serialization.py
void write_torch(OutputFile& file, const SavedTensors& tensors);

}  // namespace nn::io
