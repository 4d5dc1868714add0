// The description of a program of torch.export, and where the library is whole the graph made of it.
#include <nn/io/exported_program.h>
#ifdef RUSHLIGHT_FUZZ_IMPORTS
#include <nn/import/exported_program.h>
#endif

#include "target.h"

namespace test::fuzz {
namespace {

using nn::io::ExportedProgram;

// What a program shows; empty when it is refused.
std::string everything(Bytes input) {
  std::string shown;
  accepts([&] {
    const std::string_view text{reinterpret_cast<const char*>(input.data()), input.size()};
    const ExportedProgram program = nn::io::parse_exported_program(text);
    require(program.schema_major == 8, "another schema than is read");
    shown = "accepted ";
    for (const auto& node : program.nodes) {
      shown += node.target;
      for (const auto& one : node.inputs) {
        require(one.name.empty() || node.find(one.name) != nullptr,
                "an input not found by its name");
        shown += describe(one.argument);
      }
      for (const auto& output : node.outputs) shown += describe(output);
    }
#ifdef RUSHLIGHT_FUZZ_IMPORTS
    accepts([&] {
      const nn::ImportedGraph net = nn::import_exported_program(program);
      require(net.inputs.size() == net.graph.inputs().size(), "inputs that are not declared");
      require(net.output_names.size() == net.graph.outputs().size(), "outputs without a name");
      shown += to_text(net.graph);
    });
#endif
  });
  return shown;
}

}  // namespace

void exported_program(Bytes input) {
  const std::string first = everything(input);
  if (first.empty()) return;
  require(everything(input) == first, "read twice, a program reads differently");
  // A space in front of the text changes nothing.
  std::vector<std::byte> longer{static_cast<std::byte>(' ')};
  longer.insert(longer.end(), input.begin(), input.end());
  require(everything(longer) == first, "a space changes a program");
}

}  // namespace test::fuzz
