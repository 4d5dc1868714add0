#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <nn/import/imported_graph.h>
#include <nn/io/onnx_model.h>

namespace nn {

struct OnnxOptions {
  // Values of the graph's inputs, by name, that are the same in every run: sizes, axes, bounds. Such
  // an input is a constant of the graph.
  std::map<std::string, Tensor, std::less<>> constants = {};
  // Tensors of one number (ConstantOfShape) take a few bytes in a file: so many are made of them.
  std::uint64_t most_made_bytes = std::uint64_t{1} << 30;
};

// The graph of an ONNX model with its weights, in the layers that a graph in C++ would have.
// Throws Error, with the file's name: listing all operators that are not supported, how often they
// occur and where first, before anything else; or naming the node that cannot be imported.
ImportedGraph import_onnx(const io::OnnxModel& model, const OnnxOptions& options = {});
ImportedGraph import_onnx(const std::filesystem::path& path, const OnnxOptions& options = {});

}  // namespace nn
