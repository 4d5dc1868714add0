// Files with a graph are told from others by their content.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/import/import_model.h>

#include "../error_of.h"

namespace {

using testing::HasSubstr;

const std::filesystem::path folder = std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden";

TEST(ImportModel, ReadsAnOnnxModelAndNamesItsOutputs) {
  const auto file = folder / "graphs/convnet_script.onnx";
  EXPECT_TRUE(nn::holds_graph(file));
  const nn::ImportedGraph net = nn::import_model(file);
  ASSERT_EQ(net.output_names.size(), net.graph.outputs().size());
  EXPECT_EQ(net.output_names[0], net.graph.outputs()[0].name);
}

TEST(ImportModel, TellsAProgramOfTorchExport) {
  EXPECT_TRUE(nn::holds_graph(folder / "pt2/torch-2.15/mixed.pt2"));
}

TEST(ImportModel, SaysOfWeightsThatTheyHoldNoGraph) {
  const auto file = folder / "graphs/reference.pt";
  EXPECT_FALSE(nn::holds_graph(file));
  EXPECT_THAT(error_of([&] { nn::import_model(file); }),
              HasSubstr("reference.pt: this is a file of torch.save, which holds weights and no "
                        "graph; export the network"));
}

TEST(ImportModel, SaysOfAnythingElseWhatItExpects) {
  const auto file = std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "CMakeLists.txt";
  EXPECT_FALSE(nn::holds_graph(file));
  EXPECT_THAT(
      error_of([&] { nn::import_model(file); }),
      HasSubstr("the format is not recognised, expected ONNX or a program of torch.export"));
}

}  // namespace
