#include <algorithm>
#include <unordered_set>

#include <nn/import/common_layers.h>
#include <nn/import/exported_program.h>
#include <nn/import/exported_step.h>
#include <nn/import/free_rows.h>
#include <nn/import/unsupported.h>

namespace nn {
namespace {

using Argument = io::ExportedArgument;
using Input = io::ExportedInput;
using Output = io::ExportedOutput;

std::string place_of(const io::ExportedNode& node, std::size_t index) {
  if (node.name.empty()) return concat("node ", index, " (", printable(node.target), ")");
  return concat("node '", printable(node.name), "' (", printable(node.target), ")");
}

void require_supported(const io::ExportedProgram& program) {
  Unsupported missing;
  bool composed = false;  // operators that PyTorch may take apart
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const io::ExportedNode& node = program.nodes[i];
    if (find_exported_operator(node.target).row == nullptr) {
      missing.add(node.target, place_of(node, i));
      composed = composed || node.target.starts_with("torch.ops.aten.");
    }
  }
  missing.require_none(composed && !program.decomposed()
                           ? "; ep.run_decompositions() takes many apart into such that are"
                           : "");
}

// The names of values that nodes and outputs read; they live as long as the program.
void note_read(const Argument& argument, std::unordered_set<std::string_view>& read) {
  if (argument.kind == Argument::Kind::tensor) read.insert(argument.text());
  if (argument.kind == Argument::Kind::symbol) read.insert(argument.symbol().name);
  if (argument.kind == Argument::Kind::tensors ||
      argument.kind == Argument::Kind::optional_tensors) {
    read.insert(argument.texts().begin(), argument.texts().end());
  }
  if (argument.kind == Argument::Kind::symbols) {
    for (const io::ExportedSymbol& symbol : argument.symbols()) read.insert(symbol.name);
  }
}

// "s77" of "Symbol('s77', positive=True, integer=True)"; empty for other expressions.
std::string_view symbol_in(std::string_view expression) {
  constexpr std::string_view begin = "Symbol('";
  if (!expression.starts_with(begin)) return {};
  expression.remove_prefix(begin.size());
  const std::string_view name = expression.substr(0, expression.find('\''));
  const std::string_view rest = expression.substr(name.size());
  return std::ranges::count(rest, ')') == 1 && rest.ends_with(')') ? name : std::string_view();
}

using Weights = std::unordered_map<std::string, Values>;

DeclaredInput declared_tensor(const io::ExportedProgram& program, std::string name,
                              const io::ExportedTensor& tensor) {
  if (!tensor.dtype->usable) {
    fail("input '", name, "' is of ", tensor.dtype->name, ", which is not supported");
  }
  DeclaredInput declared{std::move(name), *tensor.dtype->usable, {}};
  for (const io::ExportedSize& size : tensor.sizes) {
    DeclaredInput::Size& to = declared.sizes.emplace_back();
    to.size = size.value;
    if (size.value) continue;
    const std::string_view symbol = symbol_in(size.symbol);
    to.symbol = printable(symbol.empty() ? size.symbol : symbol);
    const auto range = program.ranges.find(symbol);
    if (range == program.ranges.end()) continue;
    // torch.export traces free sizes as 2 or more, and PyTorch lets 0 and 1 in all the same.
    if (range->second.min != 2) to.least = range->second.min;
    to.most = range->second.max;
  }
  return declared;
}

// Nothing for numbers and texts that are the same in every run.
std::optional<DeclaredInput> declared(const io::ExportedProgram& program, const Input& input) {
  const std::string name = printable(input.path.empty() ? input.name : input.path);
  if (input.kind != Input::Kind::user_input) return std::nullopt;
  if (input.argument.kind == Argument::Kind::tensor) {
    const auto tensor = program.tensors.find(input.name);
    if (tensor == program.tensors.end()) fail("the file does not describe input '", name, "'");
    return declared_tensor(program, name, tensor->second);
  }
  if (input.argument.kind != Argument::Kind::symbol) return std::nullopt;
  return DeclaredInput{name, DType::int64, {}};
}

class Import {
 public:
  // Weights stay in `weights` for another import.
  Import(const io::ExportedProgram& program, Weights& weights, std::optional<std::int64_t> rows)
      : program_(program), weights_(weights), context_{program} {
    if (rows) context_.builder.free_rows(*rows);
  }

  ImportedGraph run() {
    for (const io::ExportedNode& node : program_.nodes) {
      for (const io::ExportedNode::Input& input : node.inputs) {
        note_read(input.argument, context_.read);
      }
    }
    for (const Output& output : program_.outputs) note_read(output.argument, context_.read);
    for (const Input& input : program_.inputs) add_input(input);
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) add_node(program_.nodes[i], i);
    for (const Output& output : program_.outputs) add_output(output);
    result_.format = "pt2";
    result_.graph = std::move(context_.builder).take();
    result_.graph.drop_unread();
    result_.producer = printable(concat("pytorch ", program_.torch_version));
    return std::move(result_);
  }

 private:
  void add_input(const Input& input) {
    switch (input.kind) {
      case Input::Kind::parameter:
      case Input::Kind::buffer:
      case Input::Kind::tensor_constant:
        if (!context_.read.contains(input.name)) return;
        context_.fqns.emplace(input.name, input.fqn);
        return context_.values.define(input.name, {values_of(input.fqn), {}});
      case Input::Kind::user_input:
        return add_user_input(input);
      case Input::Kind::constant_input:
        return;
      case Input::Kind::custom_obj:
      case Input::Kind::token:
        if (!context_.read.contains(input.name)) return;
        fail("input '", printable(input.name), "' is an object of a class, which is not read");
    }
  }

  // Tied weights are read once.
  Values values_of(const std::string& fqn) {
    if (program_.weights.find(fqn) == nullptr) {
      fail("tensor '", printable(fqn), "' is not among the file's weights");
    }
    const std::string original(program_.weights.original_of(fqn));
    Values& values = weights_[original];
    if (values == nullptr) {
      values = as_computed(std::make_shared<const Tensor>(program_.weights.read(original)));
    }
    return values;
  }

  void add_user_input(const Input& input) {
    auto described = declared(program_, input);
    if (!described) return;
    Operand operand = context_.builder.graph_input(described->name, described->dtype);
    if (!context_.rows && !described->sizes.empty()) context_.rows = operand;
    operand = ExportedLayers(context_, input.name).cast(operand, computed_as(described->dtype));
    if (input.argument.kind == Argument::Kind::symbol) context_.symbols.insert(input.name);
    note_dtype(described->dtype);
    context_.values.define(input.name, operand);
    result_.inputs.push_back(std::move(*described));
  }

  void note_dtype(DType dtype) {
    if (!is_floating_point(dtype) || dtype == DType::float32) return;
    std::string note = concat("values of ", dtype, " are computed in float32");
    if (std::ranges::find(result_.notes, note) == result_.notes.end()) {
      result_.notes.push_back(std::move(note));
    }
  }

  void add_node(const io::ExportedNode& node, std::size_t index) {
    io::at_place(place_of(node, index), [&] {
      const FoundExportedOperator found = find_exported_operator(node.target);
      ExportedStep step(context_, node);
      if (found.in_place) step.work_in_place("self");
      found.row->import(step);
      // Now: what is written in place later has the names of before.
      for (const std::string& name : step.output_names()) {
        if (!context_.values.defines(name)) continue;
        const Operand value = context_.values.at(name);
        if (!value.known()) result_.values.push_back({name, value.value});
      }
    });
  }

  void add_output(const Output& output) {
    if (output.kind == Output::Kind::buffer_mutation) {
      result_.notes.push_back(
          concat("buffer '", printable(output.target), "' starts anew in each run"));
    }
    if (output.kind != Output::Kind::user_output && output.kind != Output::Kind::loss_output) {
      return;
    }
    std::string name = printable(output.path.empty() ? std::string("output") : output.path);
    Operand value;
    switch (output.argument.kind) {
      case Argument::Kind::tensor:
        value = tensor_output(output.argument.text());
        break;
      case Argument::Kind::symbol:
        value = output.argument.symbol().name.empty()
                    ? integer_of(output.argument.symbol().value)
                    : context_.values.at(output.argument.symbol().name);
        break;
      case Argument::Kind::integer:
        value = integer_of(output.argument.integer());
        break;
      case Argument::Kind::number:
        value = number_of(output.argument.number());
        break;
      default:
        result_.notes.push_back(
            concat("output '", name, "' is ", describe(output.argument), " in every run"));
        return;
    }
    while (!names_.insert(name).second) name += "_";
    context_.builder.output(value, name);
    result_.output_names.push_back(std::move(name));
  }

  // In the element type that PyTorch gives.
  Operand tensor_output(const std::string& name) {
    const Operand value = context_.values.at(name);
    const auto described = program_.tensors.find(name);
    if (described == program_.tensors.end() || !described->second.dtype->usable) return value;
    const DType dtype = *described->second.dtype->usable;
    if (dtype == value.dtype() || computed_as(dtype) != value.dtype()) return value;
    note_dtype(dtype);
    return ExportedLayers(context_, name).cast(value, dtype);
  }

  const io::ExportedProgram& program_;
  Weights& weights_;
  ExportedContext context_;
  ImportedGraph result_;
  std::unordered_set<std::string> names_;
};

}  // namespace

ImportedGraph import_exported_program(const io::ExportedProgram& program) {
  return io::at_place(program.source, [&] {
    require_supported(program);
    std::vector<DeclaredInput> inputs;
    for (const Input& input : program.inputs) {
      if (auto one = declared(program, input)) inputs.push_back(std::move(*one));
    }
    Weights weights;
    return with_free_rows(inputs, [&](std::optional<std::int64_t> rows) {
      return Import(program, weights, rows).run();
    });
  });
}

ImportedGraph import_exported_program(const std::filesystem::path& path) {
  return import_exported_program(io::open_exported_program(path));
}

}  // namespace nn
