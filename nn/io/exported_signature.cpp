#include <optional>
#include <utility>

#include <nn/io/exported_graph.h>

namespace nn::io {
namespace {

using Input = ExportedInput::Kind;
using Output = ExportedOutput::Kind;

template <class Kind, std::size_t n>
Kind kind_of(std::string_view tag, const std::array<std::pair<std::string_view, Kind>, n>& kinds,
             std::string_view what) {
  for (const auto& [name, kind] : kinds) {
    if (name == tag) return kind;
  }
  fail("an ", what, " of the kind '", printable(tag), "', which is not known");
}

constexpr std::array input_kinds = {
    std::pair<std::string_view, Input>{"parameter", Input::parameter},
    std::pair<std::string_view, Input>{"buffer", Input::buffer},
    std::pair<std::string_view, Input>{"tensor_constant", Input::tensor_constant},
    std::pair<std::string_view, Input>{"user_input", Input::user_input},
    std::pair<std::string_view, Input>{"constant_input", Input::constant_input},
    std::pair<std::string_view, Input>{"custom_obj", Input::custom_obj},
    std::pair<std::string_view, Input>{"token", Input::token},
};

constexpr std::array output_kinds = {
    std::pair<std::string_view, Output>{"user_output", Output::user_output},
    std::pair<std::string_view, Output>{"loss_output", Output::loss_output},
    std::pair<std::string_view, Output>{"buffer_mutation", Output::buffer_mutation},
    std::pair<std::string_view, Output>{"user_input_mutation", Output::user_input_mutation},
    std::pair<std::string_view, Output>{"parameter_mutation", Output::parameter_mutation},
    std::pair<std::string_view, Output>{"gradient_to_parameter", Output::gradient_to_parameter},
    std::pair<std::string_view, Output>{"gradient_to_user_input", Output::gradient_to_user_input},
    std::pair<std::string_view, Output>{"token", Output::token},
};

// Takes the one key of the next object, a union's tag, and its value by read(tag).
template <class Read>
void read_union(JsonReader& json, std::string_view what, Read&& read) {
  json.begin_object();
  const auto tag = json.next_key();
  if (!tag) fail("expected the kind of an ", what, ", got an empty object");
  read(*tag);
  if (const auto more = json.next_key()) {
    fail("an ", what, " of two kinds, '", printable(*tag), "' and '", printable(*more), "'");
  }
}

ExportedInput read_input(std::string_view tag, JsonReader& json, ExportedBudget& budget) {
  constexpr std::array<std::string_view, 8> keys = {"arg",
                                                    "name",
                                                    "parameter_name",
                                                    "buffer_name",
                                                    "tensor_constant_name",
                                                    "custom_obj_name",
                                                    "value",
                                                    "persistent"};
  ExportedInput input;
  input.kind = kind_of(tag, input_kinds, "input");
  read_object(json, keys, [&](std::string_view key) {
    if (key == "arg" && input.kind == Input::user_input) {
      input.argument = read_exported_argument(json, budget);
      using Kind = ExportedArgument::Kind;
      if (input.argument.kind == Kind::tensor) input.name = input.argument.text();
      if (input.argument.kind == Kind::symbol) input.name = input.argument.symbol().name;
    } else if (key == "arg") {
      input.name = read_exported_name(json);
    } else if (key == "name") {
      input.name = json.string();
    } else if (key == "value") {
      input.argument = read_exported_argument(json, budget);
    } else if (key == "persistent") {
      input.persistent = json.boolean();
    } else {
      input.fqn = json.string();
    }
  });
  const bool stored = input.kind == Input::parameter || input.kind == Input::buffer ||
                      input.kind == Input::tensor_constant;
  if (stored && (input.name.empty() || input.fqn.empty())) {
    fail("a ", tag, " without the names of its value and of its tensor");
  }
  return input;
}

ExportedOutput read_output(std::string_view tag, JsonReader& json, ExportedBudget& budget) {
  constexpr std::array<std::string_view, 4> keys = {"arg", "buffer_name", "parameter_name",
                                                    "user_input_name"};
  ExportedOutput output;
  output.kind = kind_of(tag, output_kinds, "output");
  bool has_argument = false;
  read_object(json, keys, [&](std::string_view key) {
    if (key != "arg") {
      output.target = json.string();
      return;
    }
    has_argument = true;
    if (output.kind == Output::user_output) {
      output.argument = read_exported_argument(json, budget);
    } else {
      output.argument = {ExportedArgument::Kind::tensor, read_exported_name(json)};
    }
  });
  if (!has_argument) fail("an output without its 'arg'");
  return output;
}

}  // namespace

void read_exported_signature(JsonReader& json, ExportedBudget& budget, ExportedProgram& program) {
  constexpr std::array<std::string_view, 2> keys = {"input_specs", "output_specs"};
  read_object(json, keys, [&](std::string_view key) {
    json.begin_array();
    while (json.next_item()) {
      budget.spend(sizeof(ExportedInput));
      if (key == "input_specs") {
        read_union(json, "input", [&](const std::string& tag) {
          program.inputs.push_back(read_input(tag, json, budget));
        });
      } else {
        read_union(json, "output", [&](const std::string& tag) {
          program.outputs.push_back(read_output(tag, json, budget));
        });
      }
    }
  });
}

}  // namespace nn::io
