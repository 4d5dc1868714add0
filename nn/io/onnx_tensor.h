#pragma once

#include <span>

#include <nn/io/onnx_budget.h>
#include <nn/io/onnx_model.h>

namespace nn::io {

// The description of the TensorProto that stands in these parts of the file: usually one; a message
// whose field occurs again is the merged one. Throws Error unless its values are held in one way and
// are as many bytes or numbers as the shape needs.
OnnxTensor read_onnx_tensor(ProtobufWindow& window, std::vector<ByteRange> parts,
                            OnnxBudget& budget);

// The numbers of a tensor whose storage is `numbers`, as a tensor has them.
// REQUIRES: `out` has the tensor's bytes.
void read_onnx_numbers(ProtobufWindow& window, const OnnxTensor& tensor, std::span<std::byte> out);

}  // namespace nn::io
