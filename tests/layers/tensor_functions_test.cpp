// The functions of tensors that graphs are made of, against PyTorch.
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/cast.h>
#include <nn/layers/matmul.h>
#include <nn/layers/reduce.h>
#include <nn/layers/take.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>
#include <nn/module.h>
#include <nn/session.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::DType;
using nn::Reduce;
using nn::Shape;
using nn::Tensor;
using nn::TensorSpec;
using nn::Unary;
using testing::HasSubstr;

Tensor of_pytorch(const std::string& name) { return golden("tensor_functions.pt", name); }

// A NaN has no sign that counts.
Tensor one_nan(Tensor x) {
  for (float& value : x.f32()) {
    if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
  }
  return x;
}

void expect_equal(const Tensor& y, const Tensor& expected) {
  ASSERT_EQ(y.spec(), expected.spec());
  if (y.dtype() == DType::float32) {
    EXPECT_TRUE(compare::same_bits(one_nan(y).f32(), one_nan(expected).f32()));
  } else {
    EXPECT_TRUE(std::ranges::equal(y.view().bytes(), expected.view().bytes()));
  }
}

TEST(Unary, HasFunctionsWhoseShortFormsLoseDigits) {
  using Op = Unary::Op;
  const auto of = [](Op op, float x) { return nn::apply(Unary(op), {nn::tensor({x})}).f32()[0]; };
  EXPECT_EQ(of(Op::expm1, 1e-6F), 1.0000005e-6F);
  EXPECT_EQ(of(Op::exp2, -3), 0.125F);
  EXPECT_EQ(of(Op::log2, 8), 3.0F);
  EXPECT_EQ(of(Op::log10, 1000), 3.0F);
  EXPECT_EQ(of(Op::erfc, 4), 1.5417258e-8F);
  EXPECT_EQ(Unary(Op::erfc).kind(), "erfc");
}

TEST(Unary, AgreesWithPyTorch) {
  using Op = Unary::Op;
  for (const Op op : {Op::neg, Op::abs, Op::sign, Op::sqrt, Op::rsqrt, Op::reciprocal, Op::exp,
                      Op::log, Op::log1p, Op::erf, Op::sin, Op::cos, Op::floor, Op::ceil, Op::round,
                      Op::logical_not, Op::isnan}) {
    const Unary layer(op);
    SCOPED_TRACE(layer.kind());
    const std::string name(layer.kind());
    expect_equal(nn::apply(layer, {of_pytorch("unary.x")}), of_pytorch("unary." + name));
    if (op <= Op::sign || op == Op::logical_not) {
      expect_equal(nn::apply(layer, {of_pytorch("unary_int.x")}), of_pytorch("unary_int." + name));
    }
  }
  EXPECT_EQ(error_of([] { nn::apply(Unary(Op::exp), {Tensor({2}, DType::int64)}); }),
            "expected an input of float32, got int64");
}

TEST(Reduce, AgreesWithPyTorchOverAnyDimensions) {
  using Op = Reduce::Op;
  for (const Op op : {Op::sum, Op::mean, Op::amax, Op::amin}) {
    for (const std::string dims : {"all", "0", "3", "23", "02", "13", "0123"}) {
      Reduce::Options options{.op = op, .dims = {}, .keepdim = dims.size() == 2};
      for (const char digit : dims == "all" ? "" : dims) options.dims.push_back(digit - '0');
      const Reduce layer(options);
      const std::string name = std::string(layer.kind()) + "_" + dims;
      SCOPED_TRACE(name);
      expect_equal(nn::apply(layer, {of_pytorch("reduce.x")}), of_pytorch("reduce." + name));
    }
    const Reduce rows({.op = op, .dims = {-1}});
    SCOPED_TRACE(rows.kind());
    expect_equal(nn::apply(rows, {of_pytorch("reduce.special")}),
                 of_pytorch("reduce." + std::string(rows.kind()) + "_special"));
  }
  expect_equal(nn::apply(Reduce({.op = Op::prod, .dims = {3}}), {of_pytorch("reduce.x")}),
               of_pytorch("reduce.prod_3"));
  const Tensor k = of_pytorch("reduce_int.x");
  expect_equal(nn::apply(Reduce({.op = Op::sum, .dims = {1}}), {k}), of_pytorch("reduce_int.sum"));
  expect_equal(nn::apply(Reduce({.op = Op::amax, .dims = {0}}), {k}),
               of_pytorch("reduce_int.amax"));
  expect_equal(nn::apply(Reduce({.op = Op::prod, .dims = {1}}), {k}),
               of_pytorch("reduce_int.prod"));
}

TEST(Reduce, OfNothingIsZeroNaNOrRefused) {
  using Op = Reduce::Op;
  const Tensor none({0, 2});
  EXPECT_EQ(nn::apply(Reduce({.op = Op::sum, .dims = {0}}), {none}).f32()[1], 0);
  EXPECT_TRUE(std::isnan(nn::apply(Reduce({.op = Op::mean, .dims = {0}}), {none}).f32()[1]));
  EXPECT_EQ(error_of([&] { nn::apply(Reduce({.op = Op::amax, .dims = {0}}), {none}); }),
            "amax(): Expected reduction dim 0 to have non-zero size.");
  EXPECT_EQ(error_of([&] {
              nn::apply(Reduce({.dims = {0, -2}}), {none});
            }),
            "dim 0 appears multiple times in the list of dims");
}

TEST(Where, AgreesWithPyTorch) {
  expect_equal(nn::apply(nn::Where{}, {of_pytorch("where.condition"), of_pytorch("where.a"),
                                       of_pytorch("where.b")}),
               of_pytorch("where.y"));
  EXPECT_EQ(error_of([] {
              nn::apply(nn::Where{}, {nn::tensor({1}), nn::tensor({1}), nn::tensor({1})});
            }),
            "where expected condition to be a boolean tensor, but got a tensor with dtype float32");
}

TEST(Take, AgreesWithPyTorch) {
  const Tensor table = of_pytorch("take.table");
  const Tensor index = of_pytorch("take.index");
  expect_equal(nn::apply(nn::Take({.dim = 1}), {table, index}), of_pytorch("take.y1"));
  expect_equal(nn::apply(nn::Take({.dim = 1}), {table, nn::to(index, DType::int32)}),
               of_pytorch("take.y1"));
  EXPECT_THAT(error_of([&] {
                nn::apply(nn::Take({.dim = 0}), {table, index});
              }),
              HasSubstr("index out of range in self: 4, expected -3 to 2"));
  EXPECT_THAT(error_of([&] {
                nn::apply(nn::Take{}, {table, table});
              }),
              HasSubstr("expected indices of int64 or int32, got float32"));
}

TEST(Cast, ConvertsAsToDoes) {
  const Tensor y = nn::apply(nn::Cast({.dtype = DType::int64}), {nn::tensor({1.9F, -1.9F})});
  EXPECT_THAT(y.as<std::int64_t>(), testing::ElementsAre(1, -1));
}

TEST(MatMul, AgreesWithPyTorchForEveryRank) {
  int count = 0;
  for (const std::string& name : golden_cases("tensor_functions.pt")) {
    if (!name.starts_with("matmul")) continue;
    SCOPED_TRACE(name);
    const Tensor y = nn::apply(nn::MatMul{}, {of_pytorch(name + ".a"), of_pytorch(name + ".b")});
    const Tensor exact = of_pytorch(name + ".y64");
    ASSERT_EQ(y.shape(), exact.shape());
    EXPECT_TRUE(
        compare::within_rounding(y.f32(), exact.as<double>(), of_pytorch(name + ".abs").f32()));
    ++count;
  }
  EXPECT_EQ(count, 9);
}

TEST(MatMul, RefusesSizesThatDoNotMeet) {
  const auto refusal = [](const Shape& a, const Shape& b) {
    return error_of([&] { nn::apply(nn::MatMul{}, {Tensor(a), Tensor(b)}); });
  };
  EXPECT_EQ(refusal({2, 3}, {4, 5}), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)");
  EXPECT_EQ(refusal({}, {2, 3}),
            "both arguments to matmul need to be at least 1D, but they are 0D and 2D");
  EXPECT_EQ(refusal({2, 3, 4}, {3, 4, 5}),
            "The size of tensor a (2) must match the size of tensor b (3) at non-singleton "
            "dimension 0");
}

TEST(MatMul, GivesARowItsBitsInEveryBatch) {
  nn::Graph net;
  const nn::Value x = net.input("x");
  net.output(net.add("product", nn::MatMul{}, {x, x}));
  nn::Session session(net, {1, 9, 9}, {.threads = 2});
  EXPECT_TRUE(session.row_wise());
  const Tensor input = random_tensor({40, 9, 9}, 1);
  const Tensor all = session(input);
  for (std::int64_t row = 0; row < 40; ++row) {
    const Tensor alone = session(input.view().rows(row, 1));
    EXPECT_TRUE(compare::same_bits(alone.f32(), all.view().rows(row, 1).f32()));
  }
}

TEST(TensorFunctions, KeepRowsWhereDim0StaysWhatItIs) {
  const auto independent = [](const nn::Module& layer, std::initializer_list<TensorSpec> in,
                              std::initializer_list<bool> batched) {
    return layer.rows_independent({in.begin(), in.size()}, {batched.begin(), batched.size()});
  };
  const TensorSpec x{{4, 3}, DType::float32}, index{{4, 3}, DType::int64};
  EXPECT_TRUE(independent(Reduce({.dims = {1}}), {x}, {true}));
  EXPECT_FALSE(independent(Reduce({.dims = {}}), {x}, {true}));
  EXPECT_TRUE(independent(nn::Take{}, {x, index}, {false, true}));
  EXPECT_FALSE(independent(nn::Take{}, {x, index}, {true, true}));
  EXPECT_TRUE(independent(nn::Take({.dim = 1}), {x, index}, {true, false}));
  EXPECT_FALSE(independent(nn::MatMul{}, {x, x}, {true, false}));
}

}  // namespace
