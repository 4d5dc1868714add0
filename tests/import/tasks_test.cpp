// The softmaxes of docs/softmax.md out of ONNX files, against PyTorch (tools/make_task_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../compare.h"
#include "../golden.h"

namespace {

class Task : public testing::TestWithParam<const char*> {};

// A sum of at most 12 exponentials: PyTorch's and ours are each within 4 units in the last place.
TEST_P(Task, IsOneSoftmaxThatGivesWhatPyTorchGives) {
  const std::string file = GetParam();
  const std::string task = file.substr(0, file.rfind('_'));
  const nn::ImportedGraph imported =
      nn::import_model(RUSHLIGHT_SOURCE_DIR "/tests/golden/tasks/" + file + ".onnx");
  const nn::Tensor x = golden("tasks/reference.pt", task + ".x");
  nn::Session session(imported.graph, x.shape());
  ASSERT_EQ(session.graph().nodes().size(), 1U) << to_text(session.graph());
  EXPECT_EQ(session.graph().nodes()[0].layer.kind(), "Softmax");
  EXPECT_TRUE(
      compare::within_ulps(session(x).f32(), golden("tasks/reference.pt", task + ".y").f32(), 8));
}

INSTANTIATE_TEST_SUITE_P(Files, Task,
                         testing::Values("classification_11", "classification_13",
                                         "segmentation_11", "segmentation_13",
                                         "detection_anchor_free_11", "detection_anchor_free_13",
                                         "detection_anchor_based_11", "detection_anchor_based_13",
                                         "flat_11"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
