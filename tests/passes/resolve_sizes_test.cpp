#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/add.h>
#include <nn/layers/constant.h>
#include <nn/layers/deferred.h>
#include <nn/layers/relu.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sizes_of.h>
#include <nn/passes/resolve_sizes.h>
#include <nn/session.h>

#include "../error_of.h"
#include "../random.h"

namespace {

using nn::Deferred;
using nn::Graph;
using nn::Tensor;
using nn::Value;
using testing::ElementsAre;
using testing::HasSubstr;

using Arguments = std::span<const Deferred::Argument>;

// x.view(x.size(0), the rest)
nn::Module flattened(Arguments arguments) {
  const auto sizes = arguments[0].integers();
  std::int64_t rest = 1;
  for (std::size_t i = 1; i < sizes.size(); ++i) rest *= sizes[i];
  return nn::Reshape({.shape = {arguments[0].follows_rows[0] ? -1 : sizes[0], rest}});
}

Graph flatten_by_sizes() {
  Graph net;
  const Value x = net.input("x");
  const Value sizes = net.add("sizes", nn::SizesOf{}, {x});
  net.output(net.add("view", Deferred({.kind = "Reshape", .make = flattened}), {x, sizes}));
  return net;
}

TEST(ResolveSizes, MakesALayerOfItsSizesForEveryBatchAndEveryPicture) {
  nn::Session session(flatten_by_sizes(), {2, 3, 4});
  EXPECT_EQ(to_text(session.graph()), "(view): Reshape(-1, 12)\n");
  EXPECT_TRUE(session.row_wise());
  for (const std::int64_t rows : {1, 2, 65, 200}) {
    const Tensor x = random_tensor({rows, 3, 4}, 1);
    const Tensor y = session(x);
    EXPECT_EQ(y.shape(), nn::Shape({rows, 12}));
    EXPECT_TRUE(std::ranges::equal(y.f32(), x.f32()));
  }
  session.prepare({2, 5, 1});
  EXPECT_EQ(session(random_tensor({7, 5, 1}, 1)).shape(), nn::Shape({7, 5}));
}

// x, and counts how often it was computed.
struct Counted {
  int* runs;
  std::string_view kind() const { return "Counted"; }
  nn::Shape output_shape(const nn::Shape& in) const { return in; }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    ++*runs;
    std::ranges::copy(x.f32(), y.f32().begin());
  }
};

TEST(ResolveSizes, ComputesWhatConstantsGiveOnce) {
  int runs = 0;
  Graph net;
  const Value x = net.input("x");
  const Value c = net.add("c", nn::Constant(nn::tensor({1, 2, 3})), {});
  const Value once = net.add("once", Counted{&runs}, {c});
  const Value sizes = net.add("sizes", nn::SizesOf{}, {x});
  const Value view = net.add("view", Deferred({.kind = "Reshape", .make = flattened}), {x, sizes});
  net.output(net.add("sum", nn::Add{}, {view, once}));
  nn::Session session(net, {2, 3});
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(session.row_wise());
  const Tensor y = session(nn::Tensor::from({1, 1, 1}, {1, 3}));
  EXPECT_THAT(y.f32(), ElementsAre(2, 3, 4));
  EXPECT_EQ(runs, 1);
}

TEST(ResolveSizes, SizesThatCountRowsOtherwiseServeTheShapesTheyWereMadeFor) {
  Graph net;
  const Value x = net.input("x");
  const Value sizes = net.add("sizes", nn::SizesOf{}, {x});
  const auto all_in_one = [](Arguments arguments) {
    const auto n = arguments[0].integers();
    return nn::Module(nn::Reshape({.shape = {n[0] * n[1]}}));
  };
  net.output(net.add("view", Deferred({.kind = "Reshape", .make = all_in_one}), {x, sizes}));
  nn::Session session(net, {2, 3});
  EXPECT_FALSE(session.row_wise());
  EXPECT_EQ(session(random_tensor({2, 3}, 1)).shape(), nn::Shape({6}));
  session.prepare({4, 3});
  EXPECT_EQ(session(random_tensor({4, 3}, 1)).shape(), nn::Shape({12}));
}

TEST(ResolveSizes, ComputesWhatConstantsGiveAndDropsWhatNobodyReads) {
  Graph net;
  const Value x = net.input("x");
  const Value one = net.add("one", nn::Constant(nn::tensor({1, -2})), {});
  const Value two = net.add("relu", nn::ReLU{}, {one});
  net.add("unread", nn::ReLU{}, {x});
  net.output(net.add("sum", nn::Add{}, {x, two}));
  const Graph resolved = resolve_sizes(net, std::vector<nn::TensorSpec>{{{3, 2}}});
  EXPECT_EQ(to_text(resolved), "(relu): Constant(float32 [2])\n(sum): Add() <- x, relu\n");
}

TEST(ResolveSizes, RefusesAnArgumentThatDependsOnAnInput) {
  Graph net;
  const Value x = net.input("x");
  net.output(net.add("view", Deferred({.kind = "Reshape", .make = flattened}), {x, x}));
  EXPECT_THAT(
      error_of([&] {
        nn::Session(net, {2, 3});
      }),
      HasSubstr("layer 'view' (Reshape): its argument 0 depends on the values of an input"));
}

TEST(ResolveSizes, ADeferredLayerAloneSaysWhatItNeeds) {
  EXPECT_THAT(error_of([] {
                infer(flatten_by_sizes(), std::vector<nn::TensorSpec>{{{2, 3}}});
              }),
              HasSubstr("layer 'view' (Reshape): its arguments are computed from sizes"));
}

TEST(Constant, IsReadAndGivenInEveryBlockOfABatch) {
  Graph net;
  const Value x = net.input("x");
  const Value bias = net.add("bias", nn::Constant(nn::tensor({10, 20})), {});
  net.output(net.add("sum", nn::Add{}, {x, bias}));
  net.output(bias, "bias");
  nn::Session session(net, {1, 2}, {.block_rows = 3, .threads = 2});
  EXPECT_TRUE(session.row_wise());
  Tensor input({8, 2});
  const std::vector<nn::ConstTensorView> inputs = {input};
  const std::vector<Tensor> y = session(inputs);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(y[0].f32()[i], i % 2 == 0 ? 10 : 20);
  EXPECT_THAT(y[1].f32(), ElementsAre(10, 20));
}

TEST(SizesOf, AreThoseOfAnyTensor) {
  EXPECT_THAT(nn::apply(nn::SizesOf{}, {Tensor({2, 0, 3}, nn::DType::int64)}).as<std::int64_t>(),
              ElementsAre(2, 0, 3));
}

}  // namespace
