// Graphs out of programs of torch.export, against PyTorch (tools/make_program_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/import/exported_program.h>
#include <nn/layers/conv2d.h>
#include <nn/session.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::Tensor;
using testing::HasSubstr;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/programs";

std::vector<Tensor> reference(const std::string& net, char kind, std::size_t count) {
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(golden("programs/reference.pt", net + "." + kind + std::to_string(i)));
  }
  return result;
}

// Sums of at most 800 products of numbers around 1 behind each other, each within 4 units in the last
// place of what is summed: 1e-5 of 1 + |y| leaves room for both orders of summation.
void expect_near(const nn::ConstTensorView& got, const nn::ConstTensorView& expected) {
  ASSERT_EQ(got.spec(), expected.spec());
  const Tensor a = nn::to(Tensor::copy_of(got), nn::DType::float64);
  const Tensor b = nn::to(Tensor::copy_of(expected), nn::DType::float64);
  for (std::size_t i = 0; i < a.as<double>().size(); ++i) {
    const double x = a.as<double>()[i], y = b.as<double>()[i];
    if (x == y) continue;
    ASSERT_NEAR(x, y, 1e-5 * (1 + std::fabs(y))) << i;
  }
}

struct Net {
  const char* name;
  std::size_t inputs = 1;
  std::size_t outputs = 1;
};

class ProgramOfPyTorch : public testing::TestWithParam<std::tuple<Net, const char*>> {
 protected:
  bool is_fixed() const { return std::string(std::get<1>(GetParam())).starts_with("_fixed"); }
  // PyTorch's attention joins the rows with the heads: a file for two rows tells their product alone.
  // Of a sequence the initial states are then zeros of two rows.
  bool joins_rows() const {
    const std::string name = net().name;
    const std::string way = std::get<1>(GetParam());
    return name == "encoder" || name == "recurrent" ||
           (name == "attention" && way == "_fixed_decomposed");
  }
  const Net& net() const { return std::get<0>(GetParam()); }
  nn::ImportedGraph import() const {
    return nn::import_exported_program(
        folder / (std::string(net().name) + std::get<1>(GetParam()) + ".pt2"));
  }
};

// What has no rows, a scalar, is the same for all.
std::vector<nn::ConstTensorView> row_of(const std::vector<Tensor>& tensors, std::int64_t row) {
  std::vector<nn::ConstTensorView> rows;
  for (const Tensor& tensor : tensors) {
    rows.push_back(tensor.shape().rank() == 0 ? tensor.view() : tensor.view().rows(row, 1));
  }
  return rows;
}

std::vector<nn::TensorSpec> specs_of(const std::vector<nn::ConstTensorView>& tensors) {
  std::vector<nn::TensorSpec> specs;
  for (const auto& tensor : tensors) specs.push_back(tensor.spec());
  return specs;
}

TEST_P(ProgramOfPyTorch, GivesWhatPyTorchGivesForAnyBatch) {
  const nn::ImportedGraph imported = import();
  const auto x = reference(net().name, 'x', net().inputs);
  const auto y = reference(net().name, 'y', net().outputs);
  ASSERT_EQ(imported.output_names.size(), net().outputs);
  const std::vector<nn::ConstTensorView> whole(x.begin(), x.end());
  nn::Session session(imported.graph, specs_of(whole));
  const auto got = session(whole);
  ASSERT_EQ(got.size(), y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    SCOPED_TRACE(imported.output_names[i]);
    expect_near(got[i], y[i]);
  }
  if (is_fixed() && joins_rows()) return;
  ASSERT_TRUE(session.row_wise()) << to_text(session.graph());
  for (std::int64_t row = 0; row < x[0].shape()[0]; ++row) {
    const auto one_row = row_of(x, row);
    const auto one = session(one_row);
    const auto expected = row_of(y, row);
    for (std::size_t i = 0; i < y.size(); ++i) expect_near(one[i], expected[i]);
  }
}

constexpr std::array nets{
    Net{"convnet"},       Net{"residual"},  Net{"sizes"},
    Net{"segmentation"},  Net{"attention"}, Net{"in_place", 1, 3},
    Net{"signals", 4, 3}, Net{"encoder"},   Net{"window", 1, 3},
};

INSTANTIATE_TEST_SUITE_P(Nets, ProgramOfPyTorch,
                         testing::Combine(testing::ValuesIn(nets),
                                          testing::Values("", "_decomposed", "_fixed",
                                                          "_fixed_decomposed")),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) +
                                  std::get<1>(test.param);
                         });

// Decomposed, each step of a sequence is some layers, and the file a megabyte.
INSTANTIATE_TEST_SUITE_P(Sequences, ProgramOfPyTorch,
                         testing::Combine(testing::Values(Net{"recurrent"}),
                                          testing::Values("", "_fixed")),
                         [](const auto& test) {
                           return std::string("recurrent") + std::get<1>(test.param);
                         });

TEST(ExportedProgram, LayersHaveTheNamesOfTheirModules) {
  const auto imported = nn::import_exported_program(folder / "residual_decomposed.pt2");
  const nn::Node* const conv = imported.graph.find("a.0");
  ASSERT_NE(conv, nullptr) << to_text(imported.graph);
  EXPECT_NE(conv->as<nn::Conv2d>(), nullptr);
  EXPECT_NE(imported.graph.find("fc"), nullptr);
}

TEST(ExportedProgram, TellsWhatTheFileDeclares) {
  const auto imported = nn::import_exported_program(folder / "signals.pt2");
  ASSERT_EQ(imported.inputs.size(), 4U);
  EXPECT_EQ(imported.inputs[1].name, "pair.0");
  EXPECT_EQ(imported.inputs[3].dtype, nn::DType::int64);
  ASSERT_EQ(imported.inputs[0].sizes.size(), 3U);
  EXPECT_FALSE(imported.inputs[0].sizes[0].size);
  EXPECT_EQ(imported.inputs[0].sizes[0].least, 1);
  EXPECT_EQ(imported.inputs[0].sizes[0].most, 512);
  EXPECT_EQ(imported.inputs[0].sizes[2].size, 6);
  EXPECT_THAT(imported.output_names, testing::ElementsAre("up", "mean", "sum.0"));
  EXPECT_THAT(imported.producer, testing::StartsWith("pytorch 2."));
}

TEST(ExportedProgram, FreesABatchThatTheFileFixesWhereTheGraphAllowsIt) {
  const auto free = nn::import_exported_program(folder / "sizes_fixed.pt2");
  EXPECT_FALSE(free.inputs[0].sizes[0].size);
  EXPECT_EQ(free.inputs[0].sizes[1].size, 3);
  // Its attention joins the rows with the heads, and the file tells the product of the two.
  const auto fixed = nn::import_exported_program(folder / "encoder_fixed.pt2");
  EXPECT_EQ(fixed.inputs[0].sizes[0].size, 2);
}

TEST(ExportedProgram, RefusesInputsBeyondWhatTheFileDeclares) {
  const auto net = nn::import_exported_program(folder / "signals.pt2");
  const auto refusal = [&](std::int64_t rows, std::int64_t others, std::int64_t length) {
    const std::vector<nn::TensorSpec> inputs{{{rows, 2, length}, nn::DType::float32},
                                             {{others, 2, 6}, nn::DType::float32},
                                             {{rows, 4}, nn::DType::float32},
                                             {{}, nn::DType::int64}};
    return error_of([&] { nn::require_declared(net.inputs, inputs); });
  };
  EXPECT_EQ(refusal(5, 5, 6), "(no error)");
  EXPECT_THAT(refusal(0, 0, 6),
              testing::AllOf(testing::StartsWith("input 'x': expected float32 [s"),
                             HasSubstr(" of 1 to 512, 2, 6], got float32 [0, 2")));
  EXPECT_THAT(refusal(1'000'000, 1'000'000, 6), HasSubstr(" got float32 [1000000, 2, 6]"));
  EXPECT_THAT(refusal(5, 5, 7), HasSubstr("got float32 [5, 2, 7]"));
  EXPECT_THAT(refusal(5, 4, 6), HasSubstr("' is 5 and 4"));
  EXPECT_EQ(error_of([&] { nn::require_declared(net.inputs, {}); }), "expected 4 inputs, got 0");
}

}  // namespace
