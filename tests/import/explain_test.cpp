#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../error_of.h"

namespace {

using nn::Graph;
using nn::Shape;
using nn::StateDict;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

nn::Module conv(std::int64_t in, std::int64_t out, std::int64_t kernel, nn::Padding padding = 0) {
  return nn::Conv2d(
      {.in_channels = in, .out_channels = out, .kernel_size = kernel, .padding = padding});
}
nn::Module pool() { return nn::MaxPool2d({.kernel_size = 2}); }
nn::Module linear(std::int64_t in, std::int64_t out, bool bias = true) {
  return nn::Linear({.in_features = in, .out_features = out, .bias = bias});
}

StateDict dict_of(const Graph& graph) {
  StateDict dict;
  for (const auto& [name, parameter, role] : graph.parameters()) {
    dict.set(name, nn::Tensor(parameter.shape(), parameter.spec().dtype));
  }
  return dict;
}

std::vector<std::string> explained(const Graph& graph, const StateDict& dict,
                                   const std::optional<Shape>& input = {}) {
  nn::LoadReport report = nn::compare(graph, dict);
  nn::explain(report, graph, dict, input);
  return report.explained;
}

struct Net {
  std::int64_t in = 1;
  std::int64_t first = 32;
  std::int64_t second = 64;
  std::int64_t kernel = 3;
  std::int64_t padding = 0;
  bool pool1 = true;
  std::int64_t features = 1600;
  std::int64_t classes = 10;

  Graph graph() const {
    Graph net;
    nn::Value x = net.add("conv1", conv(in, first, kernel, padding), {net.input()});
    x = net.add("relu1", nn::ReLU{}, {x});
    if (pool1) x = net.add("pool1", pool(), {x});
    x = net.add("conv2", conv(first, second, kernel, padding), {x});
    x = net.add("relu2", nn::ReLU{}, {x});
    x = net.add("pool2", pool(), {x});
    x = net.add("flatten", nn::Flatten{}, {x});
    x = net.add("fc1", linear(features, 128), {x});
    net.output(net.add("fc2", linear(128, classes), {x}));
    return net;
  }
};

TEST(Explain, DoesTheAlgebraOfShapes) {
  const Graph file = Net{.pool1 = false, .features = 9216}.graph();
  Graph graph = Net{.padding = 1, .features = 3136}.graph();
  EXPECT_THAT(
      explained(graph, dict_of(file)),
      ElementsAre("'fc1' expects 9216 = 64·12·12 values, the graph yields 3136 = 64·7·7 for input "
                  "[1, 1, 28, 28]; all shapes fit without 'pool1' and with padding=0 in 'conv1', "
                  "'conv2'; or for input [1, 1, 48, 48]; or without 'pool2' and with padding=0 in "
                  "'conv2'"));
  EXPECT_THAT(error_of([&] { nn::load(graph, dict_of(file)); }),
              HasSubstr("\n\tsize mismatch for fc1.weight: copying a param with shape "
                        "torch.Size([128, 9216]) from checkpoint, the shape in current model is "
                        "torch.Size([128, 3136]).\n\t'fc1' expects 9216 = 64·12·12 values, "));
}

TEST(Explain, SaysWhichLayersAreOthersInTheFile) {
  const Graph graph = Net{.features = 1600}.graph();
  const Graph file = Net{.first = 20, .second = 50, .kernel = 5, .features = 800}.graph();
  EXPECT_THAT(
      explained(graph, dict_of(file)),
      ElementsAre(
          "'conv1' is Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1)) in the file, Conv2d(1, 32, "
          "kernel_size=(3, 3), stride=(1, 1)) in the graph",
          "'conv2' is Conv2d(20, 50, kernel_size=(5, 5), stride=(1, 1)) in the file, Conv2d(32, "
          "64, "
          "kernel_size=(3, 3), stride=(1, 1)) in the graph",
          "with the file's layers in the graph all shapes fit for input [1, 1, 28, 28]"));
  EXPECT_THAT(explained(graph, dict_of(Net{.classes = 47}.graph())),
              ElementsAre("'fc2' gives 47 classes in the file, 10 in the graph",
                          "with the file's layers in the graph all shapes fit for input [1, 1, 28, "
                          "28]"));
}

TEST(Explain, KnowsColourAndTheSizeOfPictures) {
  const Graph graph = Net{.first = 6, .second = 16, .kernel = 5, .features = 256}.graph();
  const Graph cifar = Net{.in = 3, .first = 6, .second = 16, .kernel = 5, .features = 400}.graph();
  EXPECT_THAT(
      explained(graph, dict_of(cifar)),
      ElementsAre(
          "'conv1' is Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1)) in the file, Conv2d(1, "
          "6, kernel_size=(5, 5), stride=(1, 1)) in the graph",
          "the file's network takes 3 channels (colour), the graph's 1",
          "'fc1' expects 400 = 16·5·5 values, the graph yields 256 = 16·4·4 for input [1, "
          "3, 28, 28]; all shapes fit for input [1, 3, 32, 32]; or with padding=1 in "
          "'conv2'; or with padding=2 in 'conv1'"));
}

TEST(Explain, TellsTransposedAndOtherwiseLaidOutWeights) {
  const Graph graph{{"conv", conv(4, 8, 3)}, {"flatten", nn::Flatten{}}, {"fc", linear(72, 10)}};
  StateDict dict = dict_of(graph);
  dict.set("conv.weight", nn::Tensor({3, 3, 4, 8}));
  dict.set("fc.weight", nn::Tensor({72, 10}));
  EXPECT_THAT(explained(graph, dict),
              ElementsAre(HasSubstr("'conv.weight' [3, 3, 4, 8] is laid out as [height, width, in, "
                                    "out]"),
                          HasSubstr("'fc.weight' [72, 10] is transposed")));
  dict.set("conv.weight", nn::Tensor({8, 36}));
  dict.set("fc.weight", nn::Tensor({10, 8, 3, 3}));
  EXPECT_THAT(explained(graph, dict),
              ElementsAre(HasSubstr("is of a Linear: a 1x1 convolution has the same values"),
                          HasSubstr("a Linear has the same values, reshaped to [10, 72]")));
}

TEST(Explain, TellsDepthwiseConvolutions) {
  const Graph graph{{"conv", conv(8, 8, 3)}};
  const Graph file{
      {"conv", nn::Conv2d({.in_channels = 8, .out_channels = 8, .kernel_size = 3, .groups = 8})}};
  EXPECT_THAT(explained(graph, dict_of(file))[0],
              HasSubstr("'conv' is Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), groups=8)"));
}

TEST(Explain, SaysWhichOptionsALayerHasInTheFile) {
  const Graph graph{{"a", linear(2, 3)},
                    {"b", linear(3, 4, false)},
                    {"bn", nn::BatchNorm1d({.num_features = 4})}};
  StateDict dict;
  dict.set("a.weight", nn::Tensor({3, 2}));
  dict.set("b.weight", nn::Tensor({4, 3}));
  dict.set("b.bias", nn::Tensor({4}));
  dict.set("bn.weight", nn::Tensor({4}));
  dict.set("bn.bias", nn::Tensor({4}));
  EXPECT_THAT(explained(graph, dict),
              ElementsAre("the file has no bias for 'a': bias=False there",
                          "the file has a bias for 'b': bias=True there",
                          HasSubstr("the file has no running statistics for 'bn', which inference "
                                    "needs")));
  dict = dict_of(graph);
  StateDict bare;
  for (const auto& entry : dict.entries()) {
    if (entry.name != "bn.weight" && entry.name != "bn.bias")
      bare.set(entry.name, dict.read(entry.name));
  }
  EXPECT_THAT(explained(graph, bare),
              ElementsAre("the file has no weight and bias for 'bn': affine=False there"));
}

TEST(Explain, NamesWeightsThatAreKeptInParts) {
  const Graph graph{{"fc", linear(2, 3, false)}};
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases{
      {{"fc.weight_g", "fc.weight_v"}, "remove_weight_norm"},
      {{"fc.parametrizations.weight.original0", "fc.parametrizations.weight.original1"},
       "remove_parametrizations"},
      {{"fc.weight_orig", "fc.weight_u", "fc.weight_v"}, "remove_spectral_norm"},
      {{"fc.weight_orig", "fc.weight_mask"}, "prune.remove"},
  };
  for (const auto& [names, cure] : cases) {
    StateDict dict;
    for (const std::string& name : names) dict.set(name, nn::Tensor({1}));
    EXPECT_THAT(explained(graph, dict), ElementsAre(HasSubstr(cure))) << names[0];
    EXPECT_THAT(explained(graph, dict)[0], HasSubstr("the weight of 'fc'"));
  }
}

TEST(Explain, GoesOnBehindARename) {
  const Graph graph = Net{.padding = 1, .features = 3136}.graph();
  StateDict dict = dict_of(Net{.features = 1600}.graph());
  dict.rename("conv1.weight", "stem.weight");
  dict.rename("conv1.bias", "stem.bias");
  nn::LoadReport report = nn::compare(graph, dict);
  nn::explain(report, graph, dict);
  EXPECT_THAT(report.proposed, ElementsAre(nn::Rename{"stem", "conv1"}));
  EXPECT_THAT(report.explained,
              ElementsAre(HasSubstr("all shapes fit with padding=0 in 'conv1', 'conv2'")));
}

TEST(Explain, SaysNothingOfWhatFits) {
  const Graph graph = Net{}.graph();
  EXPECT_THAT(explained(graph, dict_of(graph)), IsEmpty());
  EXPECT_EQ(nn::explain_shapes(graph, {1, 1, 28, 28}), "");
}

// Sizes that a file claims and no layer takes.
TEST(Explain, SurvivesEverySizeThatAFileMayClaim) {
  const Graph graph = Net{}.graph();
  const std::int64_t huge = std::int64_t{1} << 40;
  for (const Shape& shape :
       {Shape{0}, Shape{}, Shape{0, 0, 0, 0}, Shape{huge, 0}, Shape{0, huge}, Shape{32, 0, 3, 3},
        Shape{0, huge << 20, 1, 1}, Shape{32, 1, 0, 0}, Shape{1, 1, 1, 1, 1, 1}}) {
    for (const char* name : {"conv1.weight", "conv2.weight", "fc1.weight", "fc1.bias"}) {
      StateDict dict = dict_of(graph);
      if (dict.find(name)->shape == shape) continue;
      dict.set(name, nn::Tensor(shape));
      nn::LoadReport report = nn::compare(graph, dict);
      nn::explain(report, graph, dict, Shape{1, 1, 28, 28});
      EXPECT_THAT(to_text(report), HasSubstr("size mismatch")) << name << shape;
    }
  }
}

TEST(ExplainShapes, SaysWhatAGraphYields) {
  EXPECT_THAT(nn::explain_shapes(Net{.features = 9216}.graph(), {1, 1, 28, 28}),
              HasSubstr("'fc1' expects 9216 = 64·12·12 values, the graph yields 1600 = 64·5·5 for "
                        "input [1, 1, 28, 28]; all shapes fit without 'pool1'"));
  EXPECT_EQ(nn::explain_shapes({{"a", conv(1, 8, 3)}, {"b", conv(9, 8, 3)}}, {1, 1, 28, 28}),
            "'b' expects 9 channels, the graph yields 8 for input [1, 1, 28, 28]");
  EXPECT_EQ(nn::explain_shapes({{"a", conv(1, 8, 3)}}, {1, 3, 28, 28}),
            "'a' expects 1 channel (grey), the graph yields 3 for input [1, 3, 28, 28]");
  EXPECT_EQ(nn::explain_shapes({{"a", conv(1, 8, 3)}, {"fc", linear(5408, 10)}}, {1, 1, 28, 28}),
            "'fc' expects rows of 5408 = 8·26·26 values, the graph yields [1, 8, 26, 26] for input "
            "[1, 1, 28, 28]; all shapes fit with a Flatten before 'fc'");
  EXPECT_EQ(
      nn::explain_shapes({{"a", pool()}}, {1, 1, 1, 1}),
      "'a' cannot take [1, 1, 1, 1] for input [1, 1, 1, 1]; all shapes fit without 'a'; or for "
      "input [1, 1, 28, 28]; or for input [1, 1, 32, 32]; and in other ways");
  EXPECT_THAT(nn::explain_shapes({{"f", nn::Flatten{}}, {"fc", linear(77, 10)}}, {1, 1, 28, 28}),
              EndsWith("no pool more or less, padding, stride or usual size of the input makes all "
                       "shapes fit"));
}

TEST(Load, RefusesAGraphThatCannotTakeItsInput) {
  Graph graph = Net{.features = 9216}.graph();
  EXPECT_THAT(error_of([&] {
                nn::load(graph, dict_of(graph), {.input = Shape{1, 1, 28, 28}});
              }),
              HasSubstr("(in memory): 'fc1' expects 9216"));
  EXPECT_FALSE(graph.parameters()[0].parameter.has_value());
  graph = Net{}.graph();
  EXPECT_TRUE(nn::load(graph, dict_of(graph), {.input = Shape{1, 1, 28, 28}}).fits());
}

TEST(UsualInput, FollowsFromWeights) {
  EXPECT_EQ(nn::usual_input(Net{}.graph()), (Shape{1, 1, 28, 28}));
  EXPECT_EQ(nn::usual_input(Net{.in = 3, .features = 2304}.graph()), (Shape{1, 3, 32, 32}));
  EXPECT_EQ(nn::usual_input({{"f", nn::Flatten{}}, {"fc", linear(784, 10)}}),
            (Shape{1, 1, 28, 28}));
  EXPECT_EQ(nn::usual_input({{"f", nn::Flatten{}}, {"fc", linear(3072, 10)}}),
            (Shape{1, 3, 32, 32}));
  EXPECT_EQ(nn::usual_input({{"fc", linear(13, 10)}}), (Shape{1, 13}));
  EXPECT_EQ(nn::usual_input(Net{.features = 7}.graph()), std::nullopt);
  EXPECT_EQ(nn::usual_input({{"relu", nn::ReLU{}}}), std::nullopt);
}

TEST(AsProduct, TakesAPlaneApart) {
  EXPECT_EQ(nn::as_product(9216, 64), "64·12·12");
  EXPECT_EQ(nn::as_product(9218, 64), "9218");
  EXPECT_EQ(nn::as_product(64 * 6, 64), "64·6");
  EXPECT_EQ(nn::as_product(64, 64), "64");
  EXPECT_EQ(nn::as_product(1024, 1), "32·32");
  EXPECT_EQ(nn::as_product(3072, 1), "3·32·32");
  EXPECT_EQ(nn::as_product(77, 1), "77");
  EXPECT_EQ(nn::as_product(0, 0), "0");
}

}  // namespace
