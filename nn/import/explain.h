#pragma once

#include <optional>
#include <string>

#include <nn/graph.h>
#include <nn/import/load.h>
#include <nn/io/state_dict.h>

namespace nn {

// Adds to a report that does not fit what would make it fit, for people to read: renames that leave
// no choice; layers that are others in the file, by what their tensors tell; and where the values
// that reach a Linear are not as many as its weight asks for, the smallest changes of the graph (pools,
// paddings, strides, the size of the input) that make all shapes fit. `load` does it before it
// fails. Without an input the one is taken that the graph itself fits, of the usual sizes.
void explain(LoadReport& report, const Graph& graph, const StateDict& state_dict,
             const std::optional<Shape>& input = {});

// The same for a graph that does not fit an input, whatever its weights: one sentence, empty when it
// fits or has not one input.
//   "'fc1' expects 9216 = 64·12·12 values, the graph yields 3136 = 64·7·7 for input [1, 1, 28, 28];
//   all shapes fit without 'pool1' and with padding=0 in 'conv1', 'conv2'"
std::string explain_shapes(const Graph& graph, const Shape& input);

// An input [1, C, H, W] (or [1, features]) that the graph takes, its channels by its weights, of the
// usual sides the first; nothing when none is found.
std::optional<Shape> usual_input(const Graph& graph);

// "64·12·12" for 9216 values that are in planes of 64 channels; "784" and "75" where nothing is to be
// taken apart. Square planes are written as such.
std::string as_product(std::int64_t count, std::int64_t channels);

}  // namespace nn
