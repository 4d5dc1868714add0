#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/import/graph_builder.h>
#include <nn/layers/add.h>
#include <nn/layers/relu.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sizes_of.h>
#include <nn/session.h>

#include "../error_of.h"

namespace {

using nn::GraphBuilder;
using nn::Operand;
using nn::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

Operand constant(std::initializer_list<float> values) {
  return {std::make_shared<const Tensor>(nn::tensor(values)), {}};
}
Operand sizes(std::initializer_list<std::int64_t> values) {
  return {std::make_shared<const Tensor>(
              Tensor::from(std::span<const std::int64_t>(values.begin(), values.size()),
                           {static_cast<std::int64_t>(values.size())})),
          {}};
}

nn::Module reshape_to(std::span<const nn::Deferred::Argument> arguments) {
  const auto shape = arguments[0].integers();
  return nn::Reshape({.shape = {shape.begin(), shape.end()}});
}

TEST(GraphBuilder, ComputesConstantsAtOnceAndMakesOneNodeOfAnotherThatIsRead) {
  GraphBuilder builder;
  builder.input("x");
  const Operand half = builder.add("half", nn::ReLU{}, {{constant({1, -1})}})[0];
  ASSERT_TRUE(half.known());
  EXPECT_THAT(half.constant->f32(), ElementsAre(1, 0));
  const Operand sum = builder.add("sum", nn::Add{}, {{builder.at("x"), half}})[0];
  builder.output(builder.add("sum", nn::Add{}, {{sum, half}})[0], "y");
  EXPECT_EQ(to_text(std::move(builder).take()),
            "(constant): Constant(float32 [2])\n(sum): Add() <- x, constant\n"
            "(sum_1): Add() <- sum, constant\n");
}

TEST(GraphBuilder, MakesALayerOfKnownArgumentsAndDefersItOtherwise) {
  GraphBuilder builder;
  builder.input("x");
  const Operand x = builder.at("x");
  const Operand known =
      builder.add("known", {{x}}, {.kind = "Reshape", .make = reshape_to}, {{sizes({2, 3})}})[0];
  const Operand size = builder.add("size", nn::SizesOf{}, {{x}})[0];
  builder.output(
      builder.add("late", {{known}}, {.kind = "Reshape", .make = reshape_to}, {{size}})[0], "y");
  const nn::Graph graph = std::move(builder).take();
  EXPECT_EQ(to_text(graph),
            "(known): Reshape(2, 3) <- x\n(size): SizesOf() <- x\n"
            "(late): Reshape(sizes computed) <- known, size\n");
  nn::Session session(graph, {3, 2});
  EXPECT_EQ(session(Tensor({3, 2})).shape(), nn::Shape({3, 2}));
}

TEST(GraphBuilder, RefusesValuesThatAreDefinedTwiceOrNotYet) {
  GraphBuilder builder;
  builder.input("x");
  EXPECT_EQ(error_of([&] { builder.define("x", constant({1})); }), "value 'x' is defined twice");
  EXPECT_EQ(error_of([&] { builder.at("y\n"); }),
            "value 'y\\x0a' is read before anything gives it");
}

}  // namespace
