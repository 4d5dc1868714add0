#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

// From the code blocks of docs/adding-a-layer.md, docs/loading.md and README.md.
nn::Tensor run_scale_shift(nn::ConstTensorView x);
void load_by_shapes(nn::Graph& net, nn::StateDict weights);
void classify(const char* picture, const char* weights);

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

}  // namespace
