#include <unordered_set>

#include <nn/io/exported_graph.h>

namespace nn::io {
namespace {

using Kind = ExportedArgument::Kind;

// Calls visit(name) for every value that the argument names: tensors and symbols.
template <class Visit>
void visit_names(const ExportedArgument& argument, Visit&& visit) {
  switch (argument.kind) {
    case Kind::tensor:
      visit(argument.text());
      break;
    case Kind::tensors:
    case Kind::optional_tensors:
      for (const std::string& name : argument.texts()) {
        if (!name.empty()) visit(name);
      }
      break;
    case Kind::symbol:
      if (!argument.symbol().name.empty()) visit(argument.symbol().name);
      break;
    case Kind::symbols:
      for (const ExportedSymbol& symbol : argument.symbols()) {
        if (!symbol.name.empty()) visit(symbol.name);
      }
      break;
    default:
      break;
  }
}

std::string shown(const ExportedNode& node) {
  return concat("node '", printable(node.name), "' (", printable(node.target), ")");
}

class Check {
 public:
  Check(const ExportedProgram& program, const ExportedEnds& ends)
      : program_(program), ends_(ends) {}

  void run() {
    check_inputs();
    for (const ExportedNode& node : program_.nodes) {
      for (const ExportedNode::Input& input : node.inputs) {
        visit_names(input.argument, [&](const std::string& name) {
          if (defined_.contains(name)) return;
          fail(shown(node), ": input '", printable(input.name), "' is '", printable(name),
               "', which no input of the graph and no node before it defines");
        });
      }
      for (const ExportedArgument& output : node.outputs) {
        visit_names(output, [&](const std::string& name) {
          if (!defined_.insert(name).second) {
            fail(shown(node), ": its value '", printable(name), "' is defined twice");
          }
        });
      }
    }
    check_outputs();
  }

 private:
  void check_inputs() {
    if (program_.inputs.size() != ends_.inputs.size()) {
      fail("the graph has ", ends_.inputs.size(), " inputs, its signature ",
           program_.inputs.size());
    }
    for (std::size_t i = 0; i < ends_.inputs.size(); ++i) {
      visit_names(ends_.inputs[i], [&](const std::string& name) {
        if (name != program_.inputs[i].name) {
          fail("input ", i, " of the graph is '", printable(name), "', in its signature '",
               printable(program_.inputs[i].name), "'");
        }
        if (!defined_.insert(name).second) {
          fail("two inputs of the graph are named '", printable(name), "'");
        }
      });
    }
  }

  void check_outputs() const {
    if (program_.outputs.size() != ends_.outputs.size()) {
      fail("the graph has ", ends_.outputs.size(), " outputs, its signature ",
           program_.outputs.size());
    }
    for (std::size_t i = 0; i < ends_.outputs.size(); ++i) {
      const ExportedOutput& output = program_.outputs[i];
      if (output.kind != ExportedOutput::Kind::token && output.argument != ends_.outputs[i] &&
          output.argument.kind != Kind::number) {
        fail("output ", i, " of the graph is ", describe(ends_.outputs[i]), ", in its signature ",
             describe(output.argument));
      }
      visit_names(ends_.outputs[i], [&](const std::string& name) {
        if (!defined_.contains(name)) {
          fail("output ", i, " of the graph is '", printable(name), "', which nothing defines");
        }
      });
    }
  }

  const ExportedProgram& program_;
  const ExportedEnds& ends_;
  std::unordered_set<std::string_view> defined_;
};

}  // namespace

void check_exported_graph(const ExportedProgram& program, const ExportedEnds& ends) {
  Check(program, ends).run();
}

}  // namespace nn::io
