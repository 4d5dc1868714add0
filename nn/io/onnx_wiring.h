#pragma once

#include <nn/io/onnx_model.h>

namespace nn::io {

// Throws Error unless every value of the graph is defined once, by an input, an initializer or a
// node, and before it is used, so that there is no cycle; every output of the graph is defined; no
// node takes a sparse initializer. REQUIRES: as read, inputs still with those that are initializers.
void check_onnx_wiring(const OnnxModel& model);

}  // namespace nn::io
