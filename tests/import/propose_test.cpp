#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../error_of.h"

namespace {

using nn::Graph;
using nn::Rename;
using nn::Shape;
using nn::StateDict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Tensors = std::vector<std::pair<std::string, Shape>>;

StateDict dict_of(const Tensors& tensors) {
  StateDict dict;
  for (const auto& [name, shape] : tensors) dict.set(name, nn::Tensor(shape));
  return dict;
}

nn::Module linear(std::int64_t in, std::int64_t out) {
  return nn::Linear({.in_features = in, .out_features = out});
}
nn::Module conv(std::int64_t in, std::int64_t out, std::int64_t kernel = 3) {
  return nn::Conv2d({.in_channels = in, .out_channels = out, .kernel_size = kernel});
}
nn::Module norm(std::int64_t features) { return nn::BatchNorm2d({.num_features = features}); }

Tensors linear_at(const std::string& name, std::int64_t in, std::int64_t out) {
  return {{name + ".weight", {out, in}}, {name + ".bias", {out}}};
}
Tensors conv_at(const std::string& name, std::int64_t in, std::int64_t out) {
  return {{name + ".weight", {out, in, 3, 3}}, {name + ".bias", {out}}};
}
Tensors operator+(Tensors a, const Tensors& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::string> proposed(const Graph& graph, const Tensors& tensors) {
  std::vector<std::string> texts;
  for (const Rename& rename : nn::propose_renames(graph, dict_of(tensors))) {
    texts.push_back(to_text(rename));
  }
  return texts;
}

Graph convnet() {
  return {{"conv1", conv(1, 8)},
          {"conv2", conv(8, 16)},
          {"fc1", linear(400, 32)},
          {"fc2", linear(32, 10)}};
}

TEST(ProposeRenames, PairsLayersWhoseShapesAreUnique) {
  EXPECT_THAT(
      proposed(convnet(), linear_at("classifier.1", 400, 32) + conv_at("features.0", 1, 8) +
                              linear_at("classifier.4", 32, 10) + conv_at("features.3", 8, 16)),
      ElementsAre("features.0=conv1", "features.3=conv2", "classifier.1=fc1", "classifier.4=fc2"));
}

TEST(ProposeRenames, MakesTheFileFit) {
  Graph graph = convnet();
  StateDict dict = dict_of(conv_at("features.0", 1, 8) + conv_at("features.3", 8, 16) +
                           linear_at("classifier.1", 400, 32) + linear_at("classifier.4", 32, 10));
  EXPECT_THAT(
      error_of([&] { nn::load(graph, dict); }),
      HasSubstr("\n\tBy shapes and order it can only be meant so: --rename features.0=conv1 "
                "--rename features.3=conv2 --rename classifier.1=fc1 --rename "
                "classifier.4=fc2"));
  nn::rename(dict, nn::propose_renames(graph, dict));
  EXPECT_EQ(nn::load(graph, dict).matched.size(), 8U);
  EXPECT_THAT(nn::propose_renames(graph, dict), IsEmpty());
}

TEST(ProposeRenames, SaysAFrontOnceThatAllLayersShare) {
  const Tensors plain = conv_at("conv1", 1, 8) + conv_at("conv2", 8, 16) +
                        linear_at("fc1", 400, 32) + linear_at("fc2", 32, 10);
  Tensors behind;
  for (const auto& [name, shape] : plain) behind.emplace_back("backbone.body." + name, shape);
  EXPECT_THAT(proposed(convnet(), behind), ElementsAre("backbone.body.="));

  const Graph nested{{"features", Graph{{"0", conv(1, 8)}, {"3", conv(8, 8)}}},
                     {"head", linear(8, 10)}};
  EXPECT_THAT(proposed(nested, conv_at("layers.0", 1, 8) + conv_at("layers.3", 8, 8) +
                                   linear_at("fc", 8, 10)),
              ElementsAre("layers=features", "fc=head"));
}

// Four layers of one shape: only their order tells them apart.
Graph equal_layers() {
  return {{"a", linear(8, 8)}, {"b", linear(8, 8)}, {"c", linear(8, 8)}, {"d", linear(8, 4)}};
}

TEST(ProposeRenames, TakesTheOrderOfEqualLayersWhereAllAreInOrder) {
  EXPECT_THAT(proposed(equal_layers(), linear_at("first", 8, 8) + linear_at("then", 8, 8) +
                                           linear_at("last", 8, 8) + linear_at("out", 8, 4)),
              ElementsAre("first=a", "then=b", "last=c", "out=d"));
}

TEST(ProposeRenames, LeavesEqualLayersWhereAnotherOrderIsPossible) {
  // One layer of the shape more on either side.
  EXPECT_THAT(proposed(equal_layers(),
                       linear_at("x", 8, 8) + linear_at("y", 8, 8) + linear_at("out", 8, 4)),
              ElementsAre("out=d"));
  EXPECT_THAT(
      proposed(equal_layers(), linear_at("x", 8, 8) + linear_at("y", 8, 8) + linear_at("z", 8, 8) +
                                   linear_at("aux", 8, 8) + linear_at("out", 8, 4)),
      ElementsAre("out=d"));
  // The order of another layer is not the graph's: theirs need not be either.
  EXPECT_THAT(proposed(equal_layers(), linear_at("out", 8, 4) + linear_at("x", 8, 8) +
                                           linear_at("y", 8, 8) + linear_at("z", 8, 8)),
              ElementsAre("out=d"));
}

// A file that sorts its names says nothing by their order, unless it is that of numbers.
TEST(ProposeRenames, DoesNotTakeTheOrderOfTheAlphabetForThatOfTheLayers) {
  const auto sorted = [](const std::vector<std::string>& names) {
    Tensors tensors;
    for (const std::string& name : names) {
      const Shape bias{name == names.back() ? 4 : 8};
      tensors.emplace_back(name + ".bias", bias);
      tensors.emplace_back(name + ".weight", Shape{bias[0], 8});
    }
    return tensors;
  };
  EXPECT_THAT(proposed(equal_layers(), sorted({"k", "q", "v", "w"})), ElementsAre("w=d"));
  EXPECT_THAT(proposed(equal_layers(), sorted({"fc1", "fc10", "fc2", "fc3"})),
              ElementsAre("fc3=d"));
  EXPECT_THAT(proposed(equal_layers(), sorted({"fc1", "fc2", "fc3", "fc4"})),
              ElementsAre("fc1=a", "fc2=b", "fc3=c", "fc4=d"));
}

TEST(ProposeRenames, NumbersTellEqualLayersApartWhereverTheyStand) {
  const Graph graph{{"fc9", linear(8, 8)}, {"fc10", linear(8, 8)}, {"out", linear(8, 4)}};
  EXPECT_THAT(
      proposed(graph, linear_at("x.out", 8, 4) + linear_at("x.1", 8, 8) + linear_at("x.3", 8, 8)),
      ElementsAre("x.1=fc9", "x.3=fc10", "x.out=out"));
}

TEST(ProposeRenames, KnowsTheNamesThatTensorsHadBefore) {
  const Graph graph{{"conv", conv(1, 8)}, {"bn", norm(8)}};
  const Tensors old{
      {"bn.gamma", {8}}, {"bn.beta", {8}}, {"bn.moving_mean", {8}}, {"bn.moving_variance", {8}}};
  EXPECT_THAT(proposed(graph, conv_at("conv", 1, 8) + old),
              ElementsAre("bn.gamma=bn.weight", "bn.beta=bn.bias", "bn.moving_mean=bn.running_mean",
                          "bn.moving_variance=bn.running_var"));
}

TEST(ProposeRenames, TakesTheCounterOfABatchNormAlong) {
  const Graph graph{{"conv", conv(1, 8)}, {"bn", norm(8)}};
  const Tensors tensors = conv_at("0", 1, 8) + Tensors{{"1.weight", {8}},
                                                       {"1.bias", {8}},
                                                       {"1.running_mean", {8}},
                                                       {"1.running_var", {8}},
                                                       {"1.num_batches_tracked", {}}};
  EXPECT_THAT(proposed(graph, tensors), ElementsAre("0=conv", "1=bn"));
  StateDict dict = dict_of(tensors);
  nn::rename(dict, nn::propose_renames(graph, dict));
  EXPECT_TRUE(nn::compare(graph, dict).fits());
}

TEST(ProposeRenames, NamesTheTensorsOfAListByTheirOrder) {
  Tensors list;
  const Graph graph = convnet();
  for (const auto& [name, parameter, role] : graph.parameters()) {
    list.emplace_back(std::to_string(list.size()), parameter.shape());
  }
  EXPECT_THAT(proposed(convnet(), list),
              ElementsAre("0=conv1.weight", "1=conv1.bias", "2=conv2.weight", "3=conv2.bias",
                          "4=fc1.weight", "5=fc1.bias", "6=fc2.weight", "7=fc2.bias"));
  const Graph equal = equal_layers();
  Tensors wrong{{"0", {8}}, {"1", {8, 8}}, {"2", {8}}, {"3", {8, 8}}};
  EXPECT_THAT(proposed(equal, wrong), IsEmpty());
}

TEST(ProposeRenames, NamesWhatAWrapperLeft) {
  Tensors wrapped;
  for (const auto& [name, shape] : conv_at("conv1", 1, 8) + conv_at("conv2", 8, 16) +
                                       linear_at("dense1", 400, 32) + linear_at("dense2", 32, 10)) {
    wrapped.emplace_back("module." + name, shape);
  }
  EXPECT_THAT(proposed(convnet(), wrapped), ElementsAre("module.dense1=fc1", "module.dense2=fc2"));
  StateDict dict = dict_of(wrapped);
  Graph graph = convnet();
  nn::rename(dict, nn::propose_renames(graph, dict));
  EXPECT_EQ(nn::load(graph, dict).wrapper.prefix, "module.");
}

TEST(ProposeRenames, KeepsQuietWhenNothingFitsOrThereIsTooMuch) {
  EXPECT_THAT(proposed(convnet(), {{"x.weight", {7, 7}}}), IsEmpty());
  EXPECT_THAT(proposed(convnet(), {}), IsEmpty());
  Tensors many = conv_at("features.0", 1, 8);
  for (int i = 0; i < 4095; ++i) many.emplace_back(nn::concat("x.", i), Shape{3});
  EXPECT_THAT(proposed(convnet(), many), IsEmpty());
  // A tensor of that name is there already.
  EXPECT_THAT(proposed({{"a", Graph{{"b", linear(2, 3)}}}},
                       linear_at("x", 2, 3) + Tensors{{"a.b.weight.more", {1}}}),
              ElementsAre("x=a.b"));
}

}  // namespace
