#include <nn/import/onnx.h>

#include "target.h"

namespace test::fuzz {
namespace {

// What becomes of a model as a graph; empty when it is refused.
std::string graph_of(Bytes input) {
  std::string shown;
  accepts([&] {
    const auto imported =
        nn::import_onnx(nn::io::onnx_from_bytes({input.begin(), input.end()}, "fuzz"),
                        {.most_made_bytes = std::uint64_t{4} << 20});
    require(imported.graph.inputs().size() == imported.inputs.size(), "other inputs than declared");
    require(imported.graph.outputs().size() == imported.output_names.size(),
            "other outputs than named");
    shown = "accepted " + to_text(imported.graph);
  });
  return shown;
}

}  // namespace

void onnx_graph(Bytes input) {
  const std::string first = graph_of(input);
  if (first.empty()) return;
  require(graph_of(input) == first, "imported twice, a model gives another graph");
}

}  // namespace test::fuzz
