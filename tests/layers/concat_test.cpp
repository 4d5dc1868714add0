#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/concat.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::Concat;
using nn::Shape;
using nn::Tensor;
using nn::TensorSpec;

TEST(Concat, AgreesWithPyTorch) {
  for (const std::string name : {"cat_0", "cat_1", "cat_middle", "cat_skips"}) {
    SCOPED_TRACE(name);
    std::vector<Tensor> parts;
    for (const char* part : {".x0", ".x1", ".x2"}) {
      parts.push_back(golden("broadcast.pt", name + part));
    }
    const std::int64_t dim = golden("broadcast.pt", name + ".dim").as<std::int64_t>()[0];
    const Tensor y = nn::apply(Concat({.dim = dim}), {parts[0], parts[1], parts[2]});
    EXPECT_EQ(y.shape(), golden("broadcast.pt", name + ".y").shape());
    EXPECT_TRUE(compare::same_bits(y.f32(), golden("broadcast.pt", name + ".y").f32()));
  }
}

TEST(Concat, KeepsOneInputAndNothing) {
  const Tensor x = nn::tensor({1, 2});
  EXPECT_THAT(nn::apply(Concat{}, x).f32(), testing::ElementsAre(1, 2));
  const Tensor none(Shape{0});
  EXPECT_EQ(nn::apply(Concat{}, {none, none}).shape(), (Shape{0}));
  EXPECT_EQ(nn::apply(Concat({.dim = 1}), {Tensor({0, 2}), Tensor({0, 3})}).shape(), (Shape{0, 5}));
}

TEST(Concat, KeepsRowsUnlessItAddsRows) {
  const TensorSpec in[] = {{{2, 3}, nn::DType::float32}, {{2, 4}, nn::DType::float32}};
  const bool both[] = {true, true};
  const bool one[] = {true, false};
  EXPECT_TRUE(Concat({.dim = 1}).rows_independent(in, both));
  EXPECT_TRUE(Concat({.dim = -1}).rows_independent(in, both));
  EXPECT_FALSE(Concat({.dim = 0}).rows_independent(in, both));
  EXPECT_FALSE(Concat({.dim = -2}).rows_independent(in, both));
  EXPECT_FALSE(Concat({.dim = 1}).rows_independent(in, one));
}

TEST(Concat, RefusesWhatPyTorchRefusesInItsWords) {
  const auto refusal = [](std::int64_t dim, std::initializer_list<Shape> shapes) {
    std::vector<TensorSpec> in;
    for (const Shape& shape : shapes) in.push_back({shape, nn::DType::float32});
    return error_of([&] { Concat({.dim = dim}).outputs(in); });
  };
  EXPECT_EQ(refusal(0, {}), "torch.cat(): expected a non-empty list of Tensors");
  EXPECT_EQ(refusal(0, {{2, 3}, {2, 4}}),
            "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for "
            "tensor number 1 in the list.");
  EXPECT_EQ(refusal(1, {{2, 3}, {2, 3}, {3, 4}}),
            "Sizes of tensors must match except in dimension 1. Expected size 2 but got size 3 for "
            "tensor number 2 in the list.");
  EXPECT_EQ(refusal(0, {{2, 3}, {2}}), "Tensors must have same number of dimensions: got 2 and 1");
  EXPECT_EQ(refusal(0, {{}, {2}}),
            "zero-dimensional tensor (at position 0) cannot be concatenated");
  EXPECT_EQ(refusal(2, {{2, 3}}),
            "Dimension out of range (expected to be in range of [-2, 1], but got 2)");
  EXPECT_EQ(error_of([] {
              nn::apply(Concat{}, {nn::tensor({1}), Tensor({2}, nn::DType::int64)});
            }),
            "expected inputs of one element type, got float32 and int64");
  EXPECT_EQ(Concat({.dim = 1}).extra_repr(), "dim=1");
}

}  // namespace
