#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toy_layers.h"

namespace {

using nn::Graph;
using nn::Value;
using testing::ElementsAre;
using testing::StrEq;
using testing::ThrowsMessage;
using toy::affine;

std::vector<std::string> names(const Graph& graph) {
  std::vector<std::string> all;
  for (const auto& parameter : graph.parameters()) all.push_back(parameter.name);
  return all;
}

TEST(Graph, ANestedGraphGivesPyTorchsDottedNames) {
  const Graph net{{"layer1", Graph{{"0", affine(2, 3)}, {"1", toy::Clip{}}}}, {"fc", affine(3, 2)}};
  EXPECT_THAT(names(net), ElementsAre("layer1.0.weight", "layer1.0.bias", "fc.weight", "fc.bias"));
  EXPECT_EQ(net.parameter_count(), 2 * 3 + 3 + 3 * 2 + 2);
}

TEST(Graph, PrintsAChainAndADag) {
  EXPECT_EQ(to_text(Graph{{"fc", affine(2, 3)}, {"clip", toy::Clip{}}}),
            "(fc): Affine()\n(clip): Clip()\n");
  Graph dag;
  const Value x = dag.input("x");
  dag.output(dag.add("sum", toy::Sum{}, {x, dag.add("fc", affine(2, 2), {x})}));
  EXPECT_EQ(to_text(dag), "(fc): Affine() <- x\n(sum): Sum() <- x, fc\n");
}

TEST(Graph, RefusesTakenNamesAndForeignValues) {
  Graph net;
  const Value x = net.input("x");
  net.add("fc", affine(2, 2), {x});
  EXPECT_THAT([&] { net.add("fc", affine(2, 2), {x}); },
              ThrowsMessage<nn::Error>(StrEq("layer 'fc' (Affine): the name is taken")));
  EXPECT_THAT(
      [&] { net.add("other", affine(2, 2), {Value{9}}); },
      ThrowsMessage<nn::Error>(StrEq("'other': reads a value that this graph does not have")));
  EXPECT_THAT([&] { net.add("", toy::Clip{}, {x}); },
              ThrowsMessage<nn::Error>(StrEq("layer '' (Clip): expected a name")));
  EXPECT_THAT([&] { net.add("two", toy::WeightedSumAndMax(2), {x}); },
              ThrowsMessage<nn::Error>(StrEq("layer 'two': has 2 outputs: use add_all")));
}

TEST(Graph, InfersTheSpecsOfAllValues) {
  const Graph net{{"fc", affine(2, 3)}, {"fc2", affine(3, 5)}};
  const auto specs = infer(net, std::vector<nn::TensorSpec>{{{7, 2}}});
  ASSERT_EQ(specs.size(), 3U);
  EXPECT_EQ(specs[1].shape, nn::Shape({7, 3}));
  EXPECT_EQ(specs[2].shape, nn::Shape({7, 5}));
}

TEST(Graph, AssigningAParameterChangesThisGraphAndNotItsCopy) {
  Graph net{{"fc", affine(1, 1)}};
  const Graph copy = net;
  const float before = copy.parameters()[0].parameter.f32()[0];
  net.parameters()[0].parameter = nn::Tensor::from({before + 1}, {1, 1});
  EXPECT_EQ(copy.parameters()[0].parameter.f32()[0], before);
  EXPECT_EQ(net.parameters()[0].parameter.f32()[0], before + 1);
}

}  // namespace
