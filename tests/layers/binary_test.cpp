#include <gtest/gtest.h>

#include <nn/layers/binary.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::Binary;
using nn::DType;
using nn::Tensor;
using Op = Binary::Op;

Tensor of_pytorch(const std::string& name) { return golden("binary.pt", name); }

void expect_equal(const Tensor& y, const Tensor& expected) {
  ASSERT_EQ(y.spec(), expected.spec());
  if (y.dtype() == DType::float32) {
    EXPECT_TRUE(compare::same_bits(y.f32(), expected.f32()));
  } else {
    EXPECT_TRUE(std::ranges::equal(y.view().bytes(), expected.view().bytes()));
  }
}

constexpr std::array every_op{
    Op::add, Op::sub,     Op::mul,     Op::div,         Op::floor_divide, Op::remainder,
    Op::pow, Op::maximum, Op::minimum, Op::eq,          Op::ne,           Op::lt,
    Op::le,  Op::gt,      Op::ge,      Op::logical_and, Op::logical_or,   Op::logical_xor};

TEST(Binary, AgreesWithPyTorchForOrdinaryAndSpecialFloats) {
  for (const Op op : every_op) {
    if (op == Op::add || op == Op::mul) continue;  // Add and Mul have these
    const Binary layer(op);
    SCOPED_TRACE(layer.kind());
    expect_equal(nn::apply(layer, {of_pytorch("float.a"), of_pytorch("float.b")}),
                 of_pytorch("float." + std::string(layer.kind())));
  }
}

TEST(Binary, AgreesWithPyTorchForIntegersThatWrap) {
  for (const Op op : every_op) {
    if (op >= Op::logical_and) continue;
    const Binary layer(op);
    SCOPED_TRACE(layer.kind());
    const bool divides = op == Op::div || op == Op::floor_divide || op == Op::remainder;
    const std::string other = divides ? "divisor" : op == Op::pow ? "exponent" : "b";
    expect_equal(nn::apply(layer, {of_pytorch("int.a"), of_pytorch("int." + other)}),
                 of_pytorch("int." + std::string(layer.kind())));
  }
}

TEST(Binary, RepeatsShapes) {
  const Tensor y = nn::apply(Binary(Op::sub), {Tensor::from({1, 2}, {2, 1}), nn::tensor({10, 20})});
  EXPECT_TRUE(compare::same_bits(y.f32(), nn::tensor({{-9, -19}, {-8, -18}}).f32()));
}

TEST(Binary, RefusesTypesThatDifferAndIntegersDividedByZero) {
  const Tensor whole({2}, DType::int64);
  EXPECT_EQ(error_of([&] {
              nn::apply(Binary(Op::sub), {nn::tensor({1, 2}), whole});
            }),
            "expected inputs of one element type, got float32 and int64");
  const Tensor truth({2}, DType::boolean);
  EXPECT_EQ(error_of([&] {
              nn::apply(Binary(Op::sub), {truth, truth});
            }),
            "expected inputs of float32 or int64, got bool");
  EXPECT_EQ(error_of([&] {
              nn::apply(Binary(Op::remainder), {whole, whole});
            }),
            "ZeroDivisionError: an integer is divided by 0");
}

}  // namespace
