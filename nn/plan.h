#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <nn/graph.h>

namespace nn {

// What a session decides before the first run: for which sizes, in blocks of how many rows, and
// where each value lies. Internal to `Session`.
struct Plan {
  // Where a value's bytes are during a run.
  struct Place {
    enum class Kind : std::uint8_t { nowhere, arena, input, output, constant };
    Kind kind = Kind::nowhere;
    std::size_t at = 0;  // offset into the arena, or index among inputs, outputs or constants
  };
  // An output that no node writes itself: an input passed through, a constant, or a value that is
  // an output twice.
  struct Copy {
    Value from;
    std::size_t output;
  };

  Graph graph;                     // after the passes, its layers prepared
  std::vector<TensorSpec> inputs;  // as asked for
  std::vector<TensorSpec> specs;   // of each value, for one block
  std::vector<Place> places;       // of each value
  std::vector<bool> batched;  // of each value: dim 0 counts rows; all false when not `row_wise`
  std::vector<Copy> copies;   // after each block
  std::vector<std::shared_ptr<const Tensor>> constants;
  std::vector<bool> skipped;  // of each node: its output is its input, in the same place
  bool row_wise = false;      // rows are independent: any number of them runs, in blocks
  bool one_by_one = false;    // in blocks of one: some values have the rows elsewhere than in front
  std::int64_t block_rows = 0;    // rows of a block
  std::size_t arena_bytes = 0;    // for values
  std::size_t scratch_bytes = 0;  // behind them, shared by all layers
};

// Which values carry rows along dim 0, or nothing when some layer does not treat its rows
// independently. The inputs whose dim 0 equals the first input's are taken as batched.
std::optional<std::vector<bool>> row_wise_values(const Graph& graph,
                                                 std::span<const TensorSpec> specs);

// Plans `graph`, whose passes have run. A block is as many rows (at most `most_rows`) as keep the
// arena within `block_bytes`. Throws Error where a layer cannot take its inputs.
Plan make_plan(Graph graph, std::span<const TensorSpec> inputs, std::size_t block_bytes,
               std::int64_t most_rows, const PackOptions& pack = {});

// Plans a graph for one row that keeps rows apart without having them in front everywhere
// (separate_rows says so): any number of rows runs, one by one. `inputs`, of which some have rows, may
// have more of them than the graph.
Plan make_plan_for_each_row(Graph graph, std::span<const TensorSpec> inputs,
                            const std::vector<bool>& have_rows, const PackOptions& pack = {});

}  // namespace nn
