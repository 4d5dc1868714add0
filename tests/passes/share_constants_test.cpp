#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "kinds.h"

namespace {

using nn::Constant;
using nn::Graph;
using nn::Tensor;
using nn::Value;
using testing::ElementsAre;

TEST(ShareConstants, ThoseOfEqualBytesTypeAndShapeAreOne) {
  Graph net;
  Value x = net.input();
  const auto joined = [&](const char* name, Tensor c) {
    const Value value = net.add(std::string(name) + "c", Constant(std::move(c)), {});
    x = net.add(name, nn::Add{}, {x, value});
  };
  joined("a", Tensor::from({1, 2}, {2}));
  joined("b", Tensor::from({1, 2}, {1, 2}));
  joined("c", Tensor::from({1, 2}, {2}));
  joined("d", Tensor::from({1, 3}, {2}));
  net.output(x);
  nn::Session session(net, {1, 2});
  EXPECT_THAT(kinds(session.graph()),
              ElementsAre("Constant", "Add", "Constant", "Add", "Add", "Constant", "Add"));
  EXPECT_EQ(session.graph().find("c")->inputs[1], session.graph().find("a")->inputs[1]);
  EXPECT_THAT(session(Tensor::from({0, 0}, {1, 2})).f32(), ElementsAre(4, 9));
}

TEST(ShareConstants, EachOutputKeepsItsOwn) {
  Graph net;
  const Value x = net.input();
  net.output(net.add("a", Constant(nn::tensor({1})), {}), "a");
  net.output(net.add("b", Constant(nn::tensor({1})), {}), "b");
  net.output(net.add("relu", nn::ReLU{}, {x}), "x");
  nn::Session session(net, {1, 2});
  const Tensor input({1, 2});
  const nn::ConstTensorView views[] = {input};
  EXPECT_THAT(session(views)[1].f32(), ElementsAre(1));
}

TEST(ShareConstants, LayersThatLeadToNoOutputDoNotRun) {
  Graph net;
  const Value x = net.input();
  const Value dead = net.add("dead", nn::Sigmoid{}, {net.add("dead_too", nn::Tanh{}, {x})});
  net.add("end", nn::Add{}, {dead, x});
  net.output(net.add("relu", nn::ReLU{}, {x}));
  EXPECT_THAT(kinds(nn::Session(net, {1, 2}).graph()), ElementsAre("ReLU"));
}

}  // namespace
