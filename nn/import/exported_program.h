#pragma once

#include <filesystem>

#include <nn/import/imported_graph.h>
#include <nn/io/exported_program.h>

namespace nn {

// The graph of a program of torch.export with its weights, in the layers that a graph in C++ would
// have; decomposed or not. What it changes in place follows PyTorch's aliasing; what it writes to its
// buffers counts for the run alone.
// Throws Error, with the file's name: listing all operators that are not supported, how often they
// occur and where first, before any weight is read; or naming the node that cannot be imported.
ImportedGraph import_exported_program(const io::ExportedProgram& program);
ImportedGraph import_exported_program(const std::filesystem::path& path);

}  // namespace nn
