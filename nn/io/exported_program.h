#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/exported_argument.h>
#include <nn/io/exported_weights.h>
#include <nn/io/torch_dtype.h>
#include <nn/tensor.h>

// A program of torch.export.save (.pt2) as plain data: a graph of ATen's operators with its weights.
// What the operators mean is known to nn/import. Nothing in the file is executed: sample inputs,
// compiled libraries and what only pickle could read are never opened.
//
// Read are the plain zip of PyTorch 2.1 to 2.7, the archive of 2.8 with the weights in files of
// torch.save, and that of 2.9 and later with raw records; schema 8 of any minor version.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/_export/serde/schema.py
namespace nn::io {

// A size, stride or other number that may depend on the inputs.
struct ExportedSize {
  std::optional<std::int64_t> value;  // nothing: it is symbolic
  std::string symbol = {};  // the expression as the file has it, of sympy; shown, never evaluated
};

// What the file says of a value of the graph, as it was when it was exported.
struct ExportedTensor {
  const TorchDType* dtype = nullptr;
  std::vector<ExportedSize> sizes;
  std::vector<ExportedSize> strides;
  ExportedSize offset;
  std::string_view layout;  // "strided"
};

struct ExportedNode {
  struct Input {
    std::string name;  // in the operator's schema, "stride"; unique within the node where not empty
    ExportedArgument argument;
    bool keyword = false;
  };

  std::string target;  // "torch.ops.aten.conv2d.default"
  std::string name;    // "conv2d_1"
  // In the order of the schema; trailing ones that equal their defaults are left out.
  std::vector<Input> inputs;
  std::vector<ExportedArgument> outputs;  // unused ones too; none where there is no value

  // nullptr when it is not given.
  const ExportedArgument* find(std::string_view input) const;
};

struct ExportedInput {
  enum class Kind : std::uint8_t {
    parameter,        // fqn is in the weights
    buffer,           // fqn is in the weights when persistent, else among the constants
    tensor_constant,  // fqn is among the constants
    user_input,       // argument: a tensor or a symbol
    constant_input,  // argument: the value that it always has: none, integer, number, text, boolean
    custom_obj,
    token,
  };

  Kind kind = Kind::user_input;
  std::string name;  // of the value in the graph; of a constant, of the input
  std::string fqn = {};
  bool persistent = true;
  ExportedArgument argument = {};
  // Of user and constant inputs, what the caller names them: "x", "pair.0"; the value's name where
  // the file does not say.
  std::string path = {};
};

struct ExportedOutput {
  enum class Kind : std::uint8_t {
    user_output,
    loss_output,
    buffer_mutation,  // the new value of a buffer: not part of the answer
    user_input_mutation,
    parameter_mutation,
    gradient_to_parameter,
    gradient_to_user_input,
    token,
  };

  Kind kind = Kind::user_output;
  ExportedArgument argument;
  std::string target = {};  // the buffer, parameter or input that is changed
  // Of user outputs, where they stand in what forward() returns: "logits", "1", "boxes.0"; empty
  // for a tensor alone.
  std::string path = {};
};

// What a symbol may be; nothing: unbounded.
struct ExportedRange {
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
};

template <class Value>
using ExportedMap = std::map<std::string, Value, std::less<>>;

// Immutable; copies share the open file, threads may read one at once.
//
// Checked: every tensor and symbol is defined before it is used and once, the signature agrees with
// the graph, every parameter, buffer and constant is in the file with the type and sizes that the
// graph expects. Weights and constants that no input names are allowed.
struct ExportedProgram {
  std::string source;         // the file, as given
  std::string torch_version;  // "2.15.0"
  std::uint64_t schema_major = 0;
  std::uint64_t schema_minor = 0;
  std::string verifier;  // "TRAINING" as exported, "ATEN" after run_decompositions()
  std::vector<std::string> model_names;  // of all programs in the file; empty before 2.8

  std::vector<ExportedInput> inputs;  // in the order of the graph's
  std::vector<ExportedNode> nodes;    // in the order of their execution
  std::vector<ExportedOutput> outputs;
  ExportedMap<ExportedTensor> tensors;  // by the name of the value
  ExportedMap<ExportedSize> symbols;    // sizes that the graph computes, by the name of the value
  ExportedMap<ExportedRange> ranges;    // by the symbol in the expressions, "s77"
  ExportedWeights weights;

  bool decomposed() const { return verifier != "TRAINING"; }
  // A parameter, buffer or constant by its fqn, contiguous. Throws Error naming file and tensor.
  Tensor read(std::string_view fqn) const;
};

// `model` is one of several in the file; empty: the only one, or "model", as torch.export.load
// takes. Throws Error, with the file's name, when the file is not such a program or not in order.
ExportedProgram open_exported_program(const std::filesystem::path& path,
                                      std::string_view model = {});
ExportedProgram exported_program_from_bytes(std::vector<std::byte> bytes, const std::string& name,
                                            std::string_view model = {});

// Text of model.json, without the weights, whose use is checked by the readers above.
ExportedProgram parse_exported_program(std::string_view json);

}  // namespace nn::io
