#pragma once

#include <nn/io/onnx_budget.h>
#include <nn/io/onnx_model.h>

namespace nn::io {

// A NodeProto with its attributes; `index` is the node's, for messages.
OnnxNode read_onnx_node(ProtobufWindow& window, ProtobufReader reader, std::size_t index,
                        OnnxBudget& budget);

}  // namespace nn::io
