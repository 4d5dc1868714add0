#pragma once

#include <memory>

#include <nn/io/container.h>
#include <nn/io/zip.h>

namespace nn::io {

// What torch.jit.save wrote in PyTorch 1.0 to 1.3 (2019): a zip archive of `root/model.json`, which
// has the tree of modules with their parameters and buffers and a table of tensors, and
// `root/tensors/0` …, their storages. The tensors are the module's parameters and buffers under the
// names of its state_dict; attributes are not read.
// https://github.com/pytorch/pytorch/blob/v1.3.0/caffe2/proto/torch.proto
std::shared_ptr<const Container> open_torch_script_json(ZipArchive archive);

}  // namespace nn::io
