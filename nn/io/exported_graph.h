#pragma once

#include <vector>

#include <nn/io/exported_program.h>

namespace nn::io {

inline constexpr std::size_t most_exported_nodes = 65536;

// What goes into and comes out of a graph, in its own words; the signature tells what each is.
struct ExportedEnds {
  std::vector<ExportedArgument> inputs;
  std::vector<ExportedArgument> outputs;
};

// The next value, a Graph: nodes, tensors and symbols go into `program`. Traces of the author's
// files, which nodes carry, are skipped.
ExportedEnds read_exported_graph(JsonReader& json, ExportedBudget& budget,
                                 ExportedProgram& program);

// The next value, a GraphSignature: inputs and outputs go into `program`.
void read_exported_signature(JsonReader& json, ExportedBudget& budget, ExportedProgram& program);

// Throws Error unless the signature agrees with the ends of the graph, and every value is defined
// once and before it is used.
void check_exported_graph(const ExportedProgram& program, const ExportedEnds& ends);

}  // namespace nn::io
