#include <gtest/gtest.h>

#include <nn/nn.h>

#include "error_of.h"

namespace {

nn::Graph diamond() {
  nn::Graph graph;
  const nn::Value x = graph.input("x");
  const nn::Value a = graph.add("a", nn::ReLU{}, {x});
  const nn::Value b = graph.add("b", nn::Tanh{}, {x});
  graph.output(graph.add("sum", nn::Add{}, {a, b}));
  return graph;
}

TEST(RunAll, ShowsEveryValueInTheOrderOfExecution) {
  const nn::Tensor x = nn::Tensor::from({-1, 2}, {2});
  std::vector<std::string> seen;
  const std::vector<nn::ConstTensorView> inputs{x};
  nn::run_all(diamond(), inputs, [&](const nn::Node& node, std::size_t, const nn::Tensor& value) {
    seen.push_back(node.name);
    if (node.name == "a") {
      EXPECT_EQ(value.f32()[0], 0);
    }
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "sum"}));
}

TEST(RunAll, KeepsAllValuesAndGivesWhatASessionGives) {
  const nn::Tensor x = nn::Tensor::from({-1, 2}, {2});
  const nn::Graph graph = diamond();
  const std::vector<nn::ConstTensorView> inputs{x};
  const std::vector<nn::Tensor> all = nn::run_all(graph, inputs);
  ASSERT_EQ(all.size(), graph.value_count());
  EXPECT_EQ(all[0].f32()[1], 2);
  EXPECT_EQ(all[1].f32()[1], 2);
  nn::Session session(graph, {2});
  EXPECT_EQ(all[3].f32()[0], session(x).f32()[0]);
}

TEST(RunAll, NamesTheLayerThatCannotTakeItsInputs) {
  nn::Graph graph{{"fc", nn::Linear({.in_features = 4, .out_features = 2})}};
  const nn::Tensor x({1, 3});
  const std::vector<nn::ConstTensorView> inputs{x};
  EXPECT_NE(error_of([&] { nn::run_all(graph, inputs); }).find("layer 'fc' (Linear)"),
            std::string::npos);
}

}  // namespace
