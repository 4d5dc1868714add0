#pragma once

#include <filesystem>

#include <nn/import/imported_graph.h>

namespace nn {

// Whether a file carries a graph, by its content: an ONNX model or a program of torch.export (.pt2).
// Reads its first bytes, of a zip archive the names in it.
// Throws Error when the file cannot be opened.
bool holds_graph(const std::filesystem::path& path);

// The network of a file that carries its graph and its weights, told by content, never by the file's
// name.
//
//   nn::ImportedGraph net = nn::import_model("net.pt2");   // or "net.onnx"
//   nn::Session session(net.graph, {1, 3, 224, 224});
//
// Throws Error, with the file's name: what the file is and what to do, when it holds no graph; and as
// import_onnx.
ImportedGraph import_model(const std::filesystem::path& path);

}  // namespace nn
