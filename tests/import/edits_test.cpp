#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/import/edits.h>
#include <nn/nn.h>

namespace {

using nn::Graph;
using nn::Shape;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

nn::Module conv(std::int64_t in, std::int64_t out, std::int64_t kernel, nn::Padding padding = 0) {
  return nn::Conv2d(
      {.in_channels = in, .out_channels = out, .kernel_size = kernel, .padding = padding});
}
nn::Module pool() { return nn::MaxPool2d({.kernel_size = 2}); }
nn::Module linear(std::int64_t in, std::int64_t out) {
  return nn::Linear({.in_features = in, .out_features = out});
}

const Shape digit{1, 1, 28, 28};

std::vector<std::string> fitting(const Graph& graph, const Shape& input = digit) {
  std::vector<std::string> texts;
  for (const auto& edits : nn::fitting_edits(graph, input)) texts.push_back(nn::to_text(edits));
  return texts;
}

TEST(Walk, FollowsShapesUntilALayerCannotTakeThem) {
  const Graph graph{{"conv", conv(1, 4, 3)}, {"flatten", nn::Flatten{}}, {"fc", linear(9, 2)}};
  const nn::Walk walked = nn::walk(graph, digit);
  EXPECT_EQ(walked.failed, 2U);
  EXPECT_EQ(walked.shape(graph.nodes()[0].outputs[0]), (Shape{1, 4, 26, 26}));
  EXPECT_EQ(walked.shape(graph.nodes()[2].inputs[0]), (Shape{1, 2704}));
  EXPECT_FALSE(walked.specs[static_cast<std::size_t>(graph.nodes()[2].outputs[0].id)]);
  EXPECT_FALSE(nn::walk(graph, {1, 1, 3, 5}).failed == 2U &&
               nn::walk(graph, {1, 1, 3, 5}).shape(graph.nodes()[0].outputs[0]) !=
                   Shape({1, 4, 1, 3}));
}

TEST(FittingEdits, AreNoneForAGraphThatFits) {
  const auto found = nn::fitting_edits({{"fc", linear(28, 2)}}, digit);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], IsEmpty());
}

// One net, (conv 3x3 · pool) twice without padding: 28 -> 26 -> 13 -> 11 -> 5. What its weights meet
// when the graph was written otherwise.
Graph net(nn::Padding padding, bool first_pool, bool second_pool, std::int64_t features) {
  Graph graph;
  nn::Value x = graph.add("conv1", conv(1, 8, 3, padding), {graph.input()});
  x = graph.add("relu1", nn::ReLU{}, {x});
  if (first_pool) x = graph.add("pool1", pool(), {x});
  x = graph.add("conv2", conv(8, 16, 3, padding), {x});
  x = graph.add("relu2", nn::ReLU{}, {x});
  if (second_pool) x = graph.add("pool2", pool(), {x});
  x = graph.add("flatten", nn::Flatten{}, {x});
  graph.output(graph.add("fc", linear(features, 10), {x}));
  return graph;
}

TEST(FittingEdits, FindWhatIsTooMuchOrTooLittle) {
  const std::int64_t right = 16 * 5 * 5;
  EXPECT_THAT(fitting(net(0, true, true, right)), ElementsAre(""));
  EXPECT_THAT(fitting(net(1, true, true, right)),
              ElementsAre("with padding=0 in 'conv1', 'conv2'"));
  EXPECT_THAT(fitting(net("same", true, true, right)),
              ElementsAre("with padding=0 in 'conv1', 'conv2'"));
  EXPECT_EQ(fitting(net(0, true, false, right))[0], "with a MaxPool2d(2) behind 'conv2'");
  EXPECT_EQ(fitting(net(0, false, true, right))[0], "with a MaxPool2d(2) behind 'conv1'");
  EXPECT_EQ(fitting(net(0, true, true, 16 * 12 * 12))[0], "without 'pool1'");
  EXPECT_EQ(fitting(net(0, true, true, 16 * 11 * 11))[0], "without 'pool2'");
  EXPECT_THAT(fitting(net(0, true, true, 16 * 7 * 7)),
              Contains("with padding='same' in 'conv1', 'conv2'"));
  EXPECT_EQ(fitting(net(1, true, true, 16 * 12 * 12))[0],
            "without 'pool1' and with padding=0 in 'conv1', 'conv2'");
  EXPECT_THAT(fitting(net(0, true, true, 16 * 6 * 6)), Contains("for input [1, 1, 32, 32]"));
  EXPECT_THAT(fitting(net(0, true, true, 16)),
              Contains("with an AdaptiveAvgPool2d(1) before 'flatten'"));
}

TEST(FittingEdits, AreNoneWhereNothingOfTheKindFits) {
  EXPECT_THAT(fitting(net(0, true, true, 401)), IsEmpty());
  EXPECT_THAT(fitting({{"a", linear(28, 3)}, {"b", linear(4, 3)}}), IsEmpty());
}

// Each edit that is found makes the graph that it describes fit: so does a graph built that way.
TEST(FittingEdits, ChangeStridesWindowsAndModes) {
  const auto with = [](nn::Conv2d::Options options, nn::MaxPool2d::Options window,
                       std::int64_t features) {
    return Graph{{"conv", nn::Conv2d(options)},
                 {"pool", nn::MaxPool2d(window)},
                 {"flatten", nn::Flatten{}},
                 {"fc", linear(features, 10)}};
  };
  const nn::Conv2d::Options five{.in_channels = 1, .out_channels = 6, .kernel_size = 5};
  EXPECT_THAT(fitting(with(five, {.kernel_size = 2}, 6 * 6 * 6)),
              Contains("with stride=2 in 'conv'"));
  EXPECT_THAT(fitting(with(five, {.kernel_size = 2}, 6 * 8 * 8)),
              Contains("with kernel_size=3, stride=3 in 'pool'"));
  EXPECT_THAT(fitting(with(five, {.kernel_size = 3, .stride = 2}, 6 * 12 * 12)),
              Contains("with ceil_mode=True in 'pool'"));
  EXPECT_THAT(fitting(with({.in_channels = 1, .out_channels = 6, .kernel_size = 5, .padding = 2},
                           {.kernel_size = 2}, 6 * 13 * 13)),
              Contains("with padding=1 in 'conv'"));
  EXPECT_THAT(fitting(with({.in_channels = 1, .out_channels = 6, .kernel_size = 4},
                           {.kernel_size = 2}, 6 * 14 * 14)),
              Contains("with padding='same' in 'conv'"));
}

TEST(FittingEdits, FindTheColourAndSizeOfPicturesForLinearLayers) {
  const auto mlp = [](std::int64_t features) {
    return Graph{{"flatten", nn::Flatten{}}, {"fc", linear(features, 10)}};
  };
  EXPECT_THAT(fitting(mlp(1024)), ElementsAre("for input [1, 1, 32, 32]"));
  EXPECT_THAT(fitting(mlp(3072)), ElementsAre("for input [1, 3, 32, 32]"));
  EXPECT_THAT(fitting({{"conv", conv(1, 2, 3)}, {"fc", linear(2 * 26 * 26, 10)}}),
              ElementsAre("with a Flatten before 'fc'"));
}

TEST(FittingEdits, StayWithinBoundsForDeepGraphs) {
  Graph graph;
  nn::Value x = graph.input();
  for (int i = 0; i < 40; ++i) {
    x = graph.add(nn::concat("conv", i), conv(i == 0 ? 1 : 4, 4, 3, 1), {x});
    if (i % 10 == 9) x = graph.add(nn::concat("pool", i), pool(), {x});
  }
  x = graph.add("flatten", nn::Flatten{}, {x});
  graph.output(graph.add("fc", linear(7919, 10), {x}));
  EXPECT_THAT(fitting(graph, {1, 1, 64, 64}), IsEmpty());
}

}  // namespace
