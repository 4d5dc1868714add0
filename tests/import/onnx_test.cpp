// Graphs out of ONNX files, against PyTorch (tools/make_graph_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/import/onnx.h>
#include <nn/session.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::Tensor;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/graphs";

Tensor reference(const std::string& name) { return golden("graphs/reference.pt", name); }

class OnnxOfPyTorch : public testing::TestWithParam<const char*> {};

// Sums of at most 800 products of numbers around 1 behind each other, each within 4 units in the last
// place of what is summed: 1e-5 of 1 + |y| leaves room for both orders of summation.
TEST_P(OnnxOfPyTorch, GivesWhatPyTorchGivesForAnyBatch) {
  const std::string file = GetParam();
  const std::string net = file.substr(0, file.find('_'));
  const nn::ImportedGraph imported = nn::import_onnx(folder / (file + ".onnx"));
  const Tensor x = reference(net + ".x"), y = reference(net + ".y");
  nn::Session session(imported.graph, x.shape());
  const auto expect_near = [&](const Tensor& got, const nn::ConstTensorView& expected) {
    ASSERT_EQ(got.shape(), expected.shape());
    for (std::size_t i = 0; i < got.f32().size(); ++i) {
      ASSERT_NEAR(got.f32()[i], expected.f32()[i], 1e-5 * (1 + std::fabs(expected.f32()[i]))) << i;
    }
  };
  expect_near(session(x), y);
  EXPECT_TRUE(session.row_wise()) << to_text(session.graph());
  for (std::int64_t row = 0; row < x.shape()[0]; ++row) {
    expect_near(session(x.view().rows(row, 1)), y.view().rows(row, 1));
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, OnnxOfPyTorch,
                         testing::Values("convnet_dynamo", "convnet_script", "convnet_script_11",
                                         "residual_dynamo", "residual_script", "residual_script_11",
                                         "sizes_dynamo", "sizes_script", "sizes_script_11",
                                         "segmentation_dynamo", "segmentation_script",
                                         "segmentation_script_11", "attention_dynamo",
                                         "attention_script", "attention_script_11"),
                         [](const auto& test) { return std::string(test.param); });

// Nets of many operators, and nets exported for one row, at three rows.
class OnnxOperators : public testing::TestWithParam<std::string> {};

std::vector<std::string> files_of_rows() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "../onnx_rows")) {
    if (entry.path().extension() == ".onnx") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

// As above; the activations are within some units in the last place of PyTorch's.
TEST_P(OnnxOperators, GiveWhatPyTorchGivesAtThreeRows) {
  const std::string file = GetParam();
  const std::string net = file.substr(0, file.find('_'));
  const nn::ImportedGraph imported = nn::import_onnx(folder / "../onnx_rows" / (file + ".onnx"));
  EXPECT_FALSE(imported.inputs[0].sizes[0].size) << "the number of rows is fixed";
  const Tensor x = golden("onnx_rows/reference.pt", net + ".x");
  const Tensor expected = golden("onnx_rows/reference.pt", net + ".y");
  nn::Session session(imported.graph, x.shape());
  EXPECT_TRUE(session.row_wise()) << to_text(session.graph());
  const Tensor got = session(x);
  ASSERT_EQ(got.shape(), expected.shape());
  for (std::size_t i = 0; i < got.f32().size(); ++i) {
    ASSERT_NEAR(got.f32()[i], expected.f32()[i], 1e-5 * (1 + std::fabs(expected.f32()[i]))) << i;
  }
  for (std::int64_t row = 0; row < x.shape()[0]; ++row) {
    EXPECT_TRUE(
        compare::same_bits(session(x.view().rows(row, 1)).f32(), got.view().rows(row, 1).f32()))
        << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, OnnxOperators, testing::ValuesIn(files_of_rows()),
                         [](const auto& test) { return test.param; });

TEST(Onnx, OneSessionServesPicturesOfSeveralSizes) {
  const nn::ImportedGraph imported = nn::import_onnx(folder / "sizes_script.onnx");
  nn::Session session(imported.graph, {1, 3, 4, 6});
  EXPECT_EQ(session(Tensor({5, 3, 4, 6})).shape(), nn::Shape({5, 3}));
  session.prepare({1, 2, 8, 4});
  EXPECT_EQ(session(Tensor({2, 2, 8, 4})).shape(), nn::Shape({2, 2}));
}

TEST(Onnx, NamesLayersAfterTheirParameters) {
  const nn::ImportedGraph imported = nn::import_onnx(folder / "convnet_script.onnx");
  const nn::Node* const conv = imported.graph.find("conv1");
  ASSERT_NE(conv, nullptr) << to_text(imported.graph);
  EXPECT_EQ(conv->layer.kind(), "Conv2d");
}

TEST(Onnx, AddsWithTheLayerThatPassesKnow) {
  const nn::ImportedGraph imported = nn::import_onnx(folder / "residual_dynamo.onnx");
  EXPECT_TRUE(std::ranges::any_of(imported.graph.nodes(), [](const nn::Node& node) {
    return node.layer.kind() == "Add";
  })) << to_text(imported.graph);
}

TEST(Onnx, TellsWhatTheFileDeclares) {
  const nn::ImportedGraph imported = nn::import_onnx(folder / "convnet_script.onnx");
  ASSERT_EQ(imported.inputs.size(), 1U);
  EXPECT_EQ(imported.inputs[0].name, "x");
  ASSERT_EQ(imported.inputs[0].sizes.size(), 4U);
  EXPECT_FALSE(imported.inputs[0].sizes[0].size);
  EXPECT_EQ(imported.inputs[0].sizes[0].symbol, "batch");
  EXPECT_EQ(imported.inputs[0].sizes[2].size, 28);
  EXPECT_THAT(imported.producer, testing::StartsWith("pytorch 2."));
}

}  // namespace
