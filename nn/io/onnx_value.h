#pragma once

#include <nn/io/onnx_budget.h>
#include <nn/io/onnx_model.h>

namespace nn::io {

// A ValueInfoProto: an input, an output or what is known of a value between. Throws Error unless it
// has a name.
OnnxValue read_onnx_value(ProtobufReader reader, OnnxBudget& budget);

}  // namespace nn::io
