#include <utility>

#include <nn/io/exported_graph.h>
#include <nn/io/exported_tree.h>

namespace nn::io {
namespace {

constexpr std::uint64_t known_major = 8;
// PyTorch 2.6 writes infinite arguments as bare words, later ones as strings.
constexpr auto numbers = JsonReader::Numbers::python;
constexpr std::size_t most_ranges = 65536;

// The version stands behind what it is the version of, so it is looked for first.
void read_version(std::string_view text, ExportedProgram& program) {
  constexpr std::array<std::string_view, 1> keys = {"schema_version"};
  constexpr std::array<std::string_view, 2> version_keys = {"major", "minor"};
  JsonReader json(text, 0, numbers);
  bool found = false;
  read_object(json, keys, [&](std::string_view) {
    found = true;
    read_object(json, version_keys, [&](std::string_view key) {
      (key == "major" ? program.schema_major : program.schema_minor) = json.unsigned_integer();
    });
  });
  json.finish();
  if (!found) fail("expected the 'schema_version' of a program of torch.export");
  if (program.schema_major != known_major) {
    fail("schema version ", program.schema_major, '.', program.schema_minor,
         " of torch.export, expected ", known_major,
         " (PyTorch 2.3 and later); export the module again with a PyTorch that writes it");
  }
}

// How the caller sees inputs and outputs.
struct CallSpec {
  std::string in_spec;
  std::string out_spec;
  std::vector<std::string> argument_names;
};

void read_call_signature(JsonReader& json, ExportedBudget& budget, CallSpec& call) {
  constexpr std::array<std::string_view, 3> keys = {"in_spec", "out_spec", "forward_arg_names"};
  read_object(json, keys, [&](std::string_view key) {
    if (key == "in_spec") {
      call.in_spec = json.string();
    } else if (key == "out_spec") {
      call.out_spec = json.string();
    } else if (!json.take_null()) {
      json.begin_array();
      while (json.next_item()) {
        budget.spend(sizeof(std::string));
        call.argument_names.push_back(json.string());
      }
    }
  });
}

// The call of the module itself; those of its parts follow.
CallSpec read_module_calls(JsonReader& json, ExportedBudget& budget) {
  constexpr std::array<std::string_view, 2> keys = {"fqn", "signature"};
  CallSpec call;
  bool first = true;
  json.begin_array();
  while (json.next_item()) {
    if (!std::exchange(first, false)) {
      json.skip();
      continue;
    }
    read_object(json, keys, [&](std::string_view key) {
      if (key == "fqn") {
        json.string();
      } else if (!json.take_null()) {
        read_call_signature(json, budget, call);
      }
    });
  }
  return call;
}

// Names that the file has for the caller are a help, not a duty: without them, or where they do not
// match, values keep their own.
void name_ends(const CallSpec& call, ExportedProgram& program) {
  std::vector<ExportedInput*> inputs;
  for (ExportedInput& input : program.inputs) {
    const bool given = input.kind == ExportedInput::Kind::user_input ||
                       input.kind == ExportedInput::Kind::constant_input;
    if (!given) continue;
    input.path = input.name;
    inputs.push_back(&input);
  }
  std::vector<ExportedOutput*> outputs;
  for (ExportedOutput& output : program.outputs) {
    if (output.kind == ExportedOutput::Kind::user_output ||
        output.kind == ExportedOutput::Kind::loss_output) {
      outputs.push_back(&output);
    }
  }
  const auto assign = [](const auto& ends, std::vector<std::string> paths) {
    if (paths.size() != ends.size()) return;
    for (std::size_t i = 0; i < paths.size(); ++i) ends[i]->path = std::move(paths[i]);
  };
  if (!call.in_spec.empty()) {
    at_place("in_spec",
             [&] { assign(inputs, exported_input_paths(call.in_spec, call.argument_names)); });
  }
  if (!call.out_spec.empty()) {
    at_place("out_spec", [&] { assign(outputs, exported_tree_paths(call.out_spec)); });
  }
}

ExportedRange read_range(JsonReader& json) {
  constexpr std::array<std::string_view, 2> keys = {"min_val", "max_val"};
  ExportedRange range;
  read_object(json, keys, [&](std::string_view key) {
    if (!json.take_null()) (key == "min_val" ? range.min : range.max) = json.signed_integer();
  });
  if (range.min && range.max && *range.min > *range.max) {
    fail("from ", *range.min, " to ", *range.max, ", which nothing satisfies");
  }
  return range;
}

void read_ranges(JsonReader& json, ExportedMap<ExportedRange>& ranges) {
  json.begin_object();
  while (auto symbol = json.next_key()) {
    if (ranges.size() == most_ranges) fail("more than ", most_ranges, " ranges, the limit");
    const auto [place, added] = ranges.emplace(std::move(*symbol), ExportedRange{});
    const std::string shown = concat("the range of '", printable(place->first), "'");
    if (!added) fail(shown, " is given twice");
    place->second = at_place(shown, [&] { return read_range(json); });
  }
}

std::string read_first(JsonReader& json) {
  std::string first;
  json.begin_array();
  while (json.next_item()) {
    std::string text = json.string();
    if (first.empty()) first = std::move(text);
  }
  return first;
}

class ProgramReader {
 public:
  explicit ProgramReader(std::string_view text) : text_(text), json_(text, 0, numbers) {}

  ExportedProgram read() {
    constexpr std::array<std::string_view, 5> keys = {"graph_module", "range_constraints",
                                                      "verifiers", "dialect", "torch_version"};
    read_version(text_, program_);
    bool has_graph = false;
    read_object(json_, keys, [&](std::string_view key) {
      if (key == "graph_module") {
        read_graph_module();
        has_graph = true;
      } else if (key == "range_constraints") {
        read_ranges(json_, program_.ranges);
      } else if (key == "verifiers") {
        program_.verifier = read_first(json_);
      } else if (key == "dialect") {  // before 2.6
        program_.verifier = json_.string();
      } else {
        program_.torch_version = json_.string();
      }
    });
    json_.finish();
    if (!has_graph) fail("expected a 'graph_module'");
    check_exported_graph(program_, ends_);
    name_ends(call_, program_);
    return std::move(program_);
  }

 private:
  void read_graph_module() {
    constexpr std::array<std::string_view, 3> keys = {"graph", "signature", "module_call_graph"};
    read_object(json_, keys, [&](std::string_view key) {
      if (key == "graph") {
        ends_ = read_exported_graph(json_, budget_, program_);
      } else if (key == "signature") {
        read_exported_signature(json_, budget_, program_);
      } else {
        call_ = read_module_calls(json_, budget_);
      }
    });
  }

  std::string_view text_;
  JsonReader json_;
  ExportedBudget budget_;
  ExportedProgram program_;
  ExportedEnds ends_;
  CallSpec call_;
};

}  // namespace

ExportedProgram parse_exported_program(std::string_view json) { return ProgramReader(json).read(); }

}  // namespace nn::io
