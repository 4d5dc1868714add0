#pragma once

#include <string>

#include <nn/io/onnx_model.h>

namespace test {

// A model in lines: versions, values, nodes with attributes, every tensor with its values in hex.
// tools/make_onnx_golden.py writes the same of what the `onnx` package reads.
std::string described(const nn::io::OnnxModel& model);

}  // namespace test
