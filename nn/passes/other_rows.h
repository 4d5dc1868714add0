#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <nn/graph.h>

namespace nn {

// Which inputs have rows along dim 0: as many as the first.
std::vector<bool> inputs_with_rows(std::span<const TensorSpec> inputs);

// The inputs' specs with `rows` along dim 0 of those that have them.
std::vector<TensorSpec> with_rows(std::span<const TensorSpec> inputs,
                                  const std::vector<bool>& have_rows, std::int64_t rows);

// Adds a row, in dim 0, to the inputs that have as many as the first, and returns how many there were;
// nothing where they have none.
std::optional<std::int64_t> add_row(std::vector<TensorSpec>& inputs);

// The specs of all values that a rewrite has to be right for which looks at sizes: those in hand and
// those with one more row, because one session may serve any number of rows. Where the graph takes
// only the one row it has, or has no rows, those in hand; none where it takes only as many rows as it
// has: then it is not known what follows their number.
std::vector<std::vector<TensorSpec>> specs_to_hold_for(const Graph& graph,
                                                       std::span<const TensorSpec> specs);

}  // namespace nn
