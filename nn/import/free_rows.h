#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <nn/import/imported_graph.h>

namespace nn {

// Imports a network that a file tells for a fixed number of rows (PyTorch's exporters write it so
// unless they are asked for dynamic shapes) for any number, where that is right: `import` is called
// with the fixed number, for the sizes that it stands in to follow the first input's rows
// (GraphBuilder::free_rows). Where the graph then treats all rows independently, in dim 0 throughout or
// run for each on its own (separate_rows), it is what comes out, with inputs of any number of rows.
// Otherwise, and where the first dim is free already or another is too, the graph is imported as the
// file says, `import` called with nothing; of one row, it may still run for each on its own.
ImportedGraph with_free_rows(
    const std::vector<DeclaredInput>& inputs,
    const std::function<ImportedGraph(std::optional<std::int64_t> rows)>& import);

}  // namespace nn
