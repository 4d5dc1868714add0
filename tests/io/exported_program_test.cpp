// Programs of torch.export in the layouts of three generations of PyTorch, against what PyTorch
// reads (tools/make_pt2_golden.py).
#include <nn/io/exported_program.h>

#include "expected.h"
#include "exported_writer.h"

namespace {

using namespace test;
using namespace nn::io;
using testing::HasSubstr;
using testing::StartsWith;
using Kind = ExportedArgument::Kind;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/pt2";

// By file: the lines of expected.txt, as fields behind the file's name.
std::map<std::string, std::vector<std::vector<std::string>>> read_facts(
    const std::filesystem::path& path) {
  std::map<std::string, std::vector<std::vector<std::string>>> files;
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream text(line);
    std::string file;
    std::getline(text, file, '\t');
    auto& fields = files[file].emplace_back();
    for (std::string field; std::getline(text, field, '\t');) fields.push_back(field);
  }
  return files;
}

std::string_view name_of(ExportedInput::Kind kind) {
  constexpr std::array names = {"parameter",  "buffer",         "tensor_constant",
                                "user_input", "constant_input", "custom_obj",
                                "token"};
  return names[static_cast<std::size_t>(kind)];
}

class ExportedGolden : public testing::TestWithParam<const char*> {
 protected:
  static std::filesystem::path file(const std::string& name) { return folder / GetParam() / name; }
};

TEST_P(ExportedGolden, NodesInputsOutputsAndValuesAreThoseOfPyTorch) {
  const auto files = read_facts(file("expected.txt"));
  EXPECT_EQ(files.size(), 6U);
  for (const auto& [name, facts] : files) {
    SCOPED_TRACE(name);
    const ExportedProgram program = open_exported_program(file(name));
    EXPECT_EQ(program.decomposed(), name.find("decomposed") != std::string::npos);
    EXPECT_EQ(program.schema_major, 8U);
    std::size_t node = 0;
    std::size_t input = 0;
    std::size_t output = 0;
    for (const auto& fact : facts) {
      if (fact[0] == "node") {
        ASSERT_LT(node, program.nodes.size());
        const ExportedNode& found = program.nodes[node++];
        EXPECT_EQ(found.target, fact[1]);
        // Older files do not have the names of nodes.
        if (std::string_view(GetParam()) == "torch-2.15") {
          EXPECT_EQ(found.name, fact[2]);
        }
      } else if (fact[0] == "input") {
        ASSERT_LT(input, program.inputs.size());
        const ExportedInput& found = program.inputs[input++];
        EXPECT_EQ(name_of(found.kind), fact[1]);
        EXPECT_EQ(found.name, fact[2]);
        EXPECT_EQ(found.fqn.empty() ? "-" : found.fqn, fact[3]);
      } else if (fact[0] == "output") {
        ASSERT_LT(output, program.outputs.size());
        EXPECT_EQ(program.outputs[output++].argument.text(), fact[2]);
      } else {
        const auto tensor = program.read(fact[1]);
        EXPECT_EQ(nn::to_text(tensor.dtype()), fact[2]) << fact[1];
        EXPECT_EQ(hex(tensor), fact[4]) << fact[1];
      }
    }
    EXPECT_EQ(node, program.nodes.size());
    EXPECT_EQ(input, program.inputs.size());
    EXPECT_EQ(output, program.outputs.size());
  }
}

TEST_P(ExportedGolden, InputsAndOutputsAreNamedAsTheCallerNamesThem) {
  const ExportedProgram program = open_exported_program(file("mixed.pt2"));
  std::vector<std::string> inputs;
  for (const auto& input : program.inputs) {
    if (input.kind == ExportedInput::Kind::user_input) inputs.push_back(input.path);
  }
  EXPECT_THAT(inputs, testing::ElementsAre("x", "pair.0", "pair.1", "z"));
  std::vector<std::string> outputs;
  for (const auto& output : program.outputs) outputs.push_back(output.path);
  EXPECT_THAT(outputs, testing::ElementsAre("h", "c.0", "c.1", "n"));
}

TEST_P(ExportedGolden, ASymbolicSizeIsKeptAndBoundedAndALiteralOneIsANumber) {
  const ExportedProgram program = open_exported_program(file("mixed.pt2"));
  const auto& sizes = program.tensors.at("x").sizes;
  ASSERT_EQ(sizes.size(), 2U);
  EXPECT_FALSE(sizes[0].value.has_value());
  EXPECT_THAT(sizes[0].symbol, HasSubstr("s"));
  EXPECT_EQ(sizes[1].value, 3);
  ASSERT_EQ(program.ranges.size(), 1U);
  EXPECT_EQ(program.ranges.begin()->second.max, 64);
  EXPECT_FALSE(program.symbols.empty());
}

TEST_P(ExportedGolden, TiedWeightsShareTheirOriginalAndInfinityIsANumber) {
  const ExportedProgram program = open_exported_program(file("mixed.pt2"));
  EXPECT_EQ(program.weights.original_of("b.weight"), "a.weight");
  EXPECT_EQ(program.weights.original_of("turned"), "turned");
  bool found = false;
  for (const auto& node : program.nodes) {
    if (node.target != "torch.ops.aten.eq.Scalar") continue;
    found = true;
    ASSERT_NE(node.find("other"), nullptr);
    EXPECT_EQ(describe(*node.find("other")), "number inf");
    EXPECT_EQ(node.find("alpha"), nullptr);
  }
  EXPECT_TRUE(found);
}

TEST_P(ExportedGolden, AProgramWithoutWeightsIsRead) {
  const ExportedProgram program = open_exported_program(file("no_weights.pt2"));
  EXPECT_TRUE(program.weights.names().empty());
  EXPECT_THAT(refusal([&] { program.read("w"); }), HasSubstr("there is no tensor 'w'"));
}

INSTANTIATE_TEST_SUITE_P(PyTorch, ExportedGolden,
                         testing::Values("torch-2.6", "torch-2.8", "torch-2.15"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::ranges::replace(name, '-', '_');
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

ExportedProgram opened(const ExportedFile& file, std::string_view model = {}) {
  return exported_program_from_bytes(as_bytes(file.bytes()), "m.pt2", model);
}

std::string argument(const std::string& json) {
  JsonReader reader(json);
  ExportedBudget budget;
  return describe(read_exported_argument(reader, budget));
}

TEST(ExportedArgument, EveryTagHasItsValue) {
  EXPECT_EQ(argument(R"({"as_none": []})"), "none");
  EXPECT_EQ(argument(R"({"as_none": true})"), "none");
  EXPECT_EQ(argument(R"({"as_tensors": [{"name": "a"}, {"name": "b"}]})"), "tensors [a, b]");
  EXPECT_EQ(argument(R"({"as_optional_tensors": [{"as_tensor": {"name": "a"}}, {"as_none": []}]})"),
            "optional_tensors [a, ]");
  EXPECT_EQ(argument(R"({"as_optional_tensor": {"as_none": true}})"), "none");
  EXPECT_EQ(argument(R"({"as_int": -9223372036854775808})"), "integer -9223372036854775808");
  EXPECT_EQ(argument(R"({"as_ints": [9223372036854775807, -1]})"),
            "integers [9223372036854775807, -1]");
  EXPECT_EQ(argument(R"({"as_float": 1e-05})"), "number 1e-05");
  EXPECT_EQ(argument(R"({"as_floats": [2.0, "-Infinity", "NaN"]})"), "numbers [2, -inf, nan]");
  EXPECT_EQ(argument(R"({"as_bool": false})"), "boolean false");
  EXPECT_EQ(argument(R"({"as_bools": [true, false]})"), "booleans [1, 0]");
  EXPECT_EQ(argument(R"({"as_string": "same"})"), "text same");
  EXPECT_EQ(argument(R"({"as_strings": ["a"]})"), "texts [a]");
  EXPECT_EQ(argument(R"({"as_sym_int": {"as_name": "s"}})"), "symbol s");
  EXPECT_EQ(argument(R"({"as_sym_ints": [{"as_name": "s"}, {"as_int": -1}]})"), "symbols [s, -1]");
  EXPECT_EQ(argument(R"({"as_scalar_type": 12})"), "scalar_type bool");
  EXPECT_EQ(argument(R"({"as_memory_format": 2})"), "memory_format channels_last");
  EXPECT_EQ(argument(R"({"as_layout": 7})"), "layout strided");
  EXPECT_EQ(argument(R"({"as_device": {"type": "cuda", "index": 0}})"), "device cuda");
  EXPECT_EQ(argument(R"({"as_graph": {"name": "g", "graph": {}}})"), "other as_graph");
  EXPECT_EQ(argument(R"({"as_something_new": [1]})"), "other as_something_new");
}

TEST(ExportedProgram, InfinityIsReadAsPyTorch26WritesIt) {
  ExportedFile file;
  file.replace(R"("arg":{"as_tensor":{"name":"p_w"}})", R"("arg":{"as_float":-Infinity})");
  EXPECT_EQ(describe(*opened(file).nodes[0].find("other")), "number -inf");
}

TEST(ExportedProgram, OneOfSeveralIsChosenByItsName) {
  ExportedFile file;
  file.extra.push_back({"m/models/other.json", file.model});
  EXPECT_EQ(opened(file).model_names.size(), 2U);
  file.extra.push_back({"m/data/weights/other_weights_config.json", file.config});
  EXPECT_EQ(opened(file, "other").nodes.size(), 1U);
  EXPECT_THAT(refusal([&] { opened(file, "third"); }),
              HasSubstr("there is no program 'third'; the file holds 'model', 'other'"));
}

TEST(ExportedProgram, PathsOfTheAuthorAreNeverShown) {
  ExportedFile file;
  file.replace(R"("name":"y"}}]})", R"("name":"y"}}],"metadata":{"stack_trace":"/home/me/x.py"}})");
  const ExportedProgram program = opened(file);
  EXPECT_EQ(program.nodes[0].target, "torch.ops.aten.mul.Tensor");
  file.replace(R"("arg":{"as_tensor":{"name":"p_w"}})", R"("arg":{"as_tensor":{"name":"gone"}})");
  EXPECT_EQ(refusal([&] { opened(file); }).find("/home/me"), std::string::npos);
}

TEST(ExportedProgram, AFileOfWeightsIsToldFromAProgram) {
  EXPECT_THAT(
      refusal([&] { open_exported_program(folder.parent_path() / "linear.pt"); }),
      HasSubstr("expected a program of torch.export.save (.pt2), this is a file of weights"));
}

}  // namespace
