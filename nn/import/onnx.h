#pragma once

#include <filesystem>

#include <nn/import/imported_graph.h>
#include <nn/io/onnx_model.h>

namespace nn {

// The graph of an ONNX model with its weights, in the layers that a graph in C++ would have.
// Throws Error, with the file's name: listing all operators that are not supported, how often they
// occur and where first, before anything else; or naming the node that cannot be imported.
ImportedGraph import_onnx(const io::OnnxModel& model);
ImportedGraph import_onnx(const std::filesystem::path& path);

}  // namespace nn
