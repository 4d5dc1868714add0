#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nn/graph.h>

namespace nn {

// An input of a graph as its file declares it.
struct DeclaredInput {
  std::string name;
  DType dtype = DType::float32;
  // One for each dimension: a size, or nothing where any goes, with the file's name for it.
  struct Size {
    std::optional<std::int64_t> size;
    std::string symbol;
    // Where `size` is nothing, what the file says of it; nothing: unbounded.
    std::optional<std::int64_t> least = {};
    std::optional<std::int64_t> most = {};
  };
  std::vector<Size> sizes;
  bool has_shape = true;  // else the file does not say how many dimensions there are
};

// A value of a graph by the name that its file has for it.
struct NamedValue {
  std::string name;
  Value value;
};

// A network out of a file that carries its graph and its weights.
struct ImportedGraph {
  Graph graph;
  std::vector<DeclaredInput> inputs;      // as graph.inputs()
  std::vector<std::string> output_names;  // the caller's, as graph.outputs(): "logits", "boxes.0"
  std::string format;                     // "onnx" or "pt2"
  std::string producer;                   // "pytorch 2.15.0"
  // Of what is computed in a run, also where no node has the name; some values have several names.
  std::vector<NamedValue> values;
  std::vector<std::string> notes;  // what a user should know
};

// Throws Error unless inputs of these specs are what is declared: "input 'x': expected float32 [N, 3],
// got float32 [2, 4]", "the size 'N' is 2 and 5". The number of rows is free where `sizes` says so.
void require_declared(const std::vector<DeclaredInput>& declared,
                      std::span<const TensorSpec> specs);

}  // namespace nn
