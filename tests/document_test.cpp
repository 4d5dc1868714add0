#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <numeric>
#include <sstream>

#include <nn/nn.h>

// From the code blocks of docs/adding-a-layer.md, docs/loading.md, docs/softmax.md and README.md.
nn::Tensor run_scale_shift(nn::ConstTensorView x);
void load_by_shapes(nn::Graph& net, nn::StateDict weights);
void classify(const char* picture, const char* weights);
void softmax_basics(std::ostream& out);
nn::Tensor class_probabilities(const char* weights, nn::ConstTensorView picture);
nn::Tensor run_file(const char* file, nn::ConstTensorView logits);

namespace {

TEST(Documents, TheLayerOfAddingALayerRuns) {
  const nn::Tensor x = nn::Tensor::from({1, 2, 3, 1, 2, 3}, {1, 2, 3});
  EXPECT_THAT(run_scale_shift(x).f32(), testing::ElementsAre(2.5, 4.5, 6.5, 2, 1, 0));
}

TEST(Documents, TheCodeOfLoadingNamesLayersByTheirShapes) {
  nn::StateDict weights;
  weights.set("head.weight", nn::Tensor({10, 784}));
  weights.set("head.bias", nn::Tensor({10}));
  nn::Graph net{{"flatten", nn::Flatten{}},
                {"fc", nn::Linear({.in_features = 784, .out_features = 10})}};
  load_by_shapes(net, weights);
  EXPECT_TRUE(net.parameters()[0].parameter.has_value());
}

TEST(Documents, TheReadmesCodeClassifiesAPicture) {
  testing::internal::CaptureStdout();
  classify(RUSHLIGHT_SOURCE_DIR "/samples/7_ink_on_paper.png",
           RUSHLIGHT_SOURCE_DIR "/weights/mnist_convnet.pt");
  const std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(printed.starts_with("tensor([[")) << printed;
}

TEST(Documents, TheFiguresOfSoftmaxAreWhatItsCodePrints) {
  std::ifstream file(RUSHLIGHT_SOURCE_DIR "/docs/softmax.md");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  std::ostringstream printed;
  softmax_basics(printed);
  EXPECT_THAT(text, testing::HasSubstr("prints\n\n```\n" + printed.str() + "```\n"));
}

TEST(Documents, TheNetsOfSoftmaxGiveProbabilities) {
  const nn::Tensor classes = class_probabilities(RUSHLIGHT_SOURCE_DIR "/weights/mnist_convnet.pt",
                                                 nn::Tensor({1, 1, 28, 28}));
  EXPECT_NEAR(std::accumulate(classes.f32().begin(), classes.f32().end(), 0.0), 1, 1e-6);
  const nn::Tensor pixels = run_file(
      RUSHLIGHT_SOURCE_DIR "/tests/golden/tasks/segmentation_11.onnx", nn::Tensor({1, 4, 6, 6}));
  for (const float share : pixels.f32()) EXPECT_EQ(share, 0.25F);
}

}  // namespace
