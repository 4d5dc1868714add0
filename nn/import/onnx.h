#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nn/graph.h>
#include <nn/io/onnx_model.h>

namespace nn {

// An input of a graph as its file declares it.
struct DeclaredInput {
  std::string name;
  DType dtype = DType::float32;
  // One for each dimension: a size, or nothing where any goes, with the file's name for it.
  struct Size {
    std::optional<std::int64_t> size;
    std::string symbol;
  };
  std::vector<Size> sizes;
};

// A network out of a file that carries its graph and its weights.
struct ImportedGraph {
  Graph graph;
  std::vector<DeclaredInput> inputs;  // as graph.inputs()
  std::string producer;               // "pytorch 2.15.0"
  std::vector<std::string> notes;     // what a user should know
};

// The graph of an ONNX model with its weights, in the layers that a graph in C++ would have.
// Throws Error, with the file's name: listing all operators that are not supported, how often they
// occur and where first, before anything else; or naming the node that cannot be imported.
ImportedGraph import_onnx(const io::OnnxModel& model);
ImportedGraph import_onnx(const std::filesystem::path& path);

}  // namespace nn
