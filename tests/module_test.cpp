#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/module.h>

namespace {

using nn::Shape;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// The three members that a layer needs.
struct Double {
  std::string_view kind() const { return "Double"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    for (std::size_t i = 0; i < y.f32().size(); ++i) y.f32()[i] = 2 * x.f32()[i];
  }
};
static_assert(nn::Layer<Double>);

struct Scale {
  std::string_view kind() const { return "Scale"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    for (std::size_t i = 0; i < y.f32().size(); ++i) y.f32()[i] = factor.f32()[0] * x.f32()[i];
  }
  std::vector<nn::NamedParameter> parameters() { return {{"factor", factor}}; }
  bool rows_independent(const Shape&) const { return true; }
  std::int64_t multiply_adds(const Shape& in) const { return in.numel(); }

  nn::Parameter factor{Shape{1}};
};

// Two outputs, scratch and several inputs.
struct SumAndDifference {
  std::string_view kind() const { return "SumAndDifference"; }
  std::size_t output_count() const { return 2; }
  std::vector<nn::TensorSpec> outputs(std::span<const nn::TensorSpec> in) const {
    if (in.size() != 2) nn::fail("expected 2 inputs, got ", in.size());
    return {in[0], in[0]};
  }
  std::size_t scratch_bytes(std::span<const nn::TensorSpec> in) const { return nbytes(in[0]); }
  std::int64_t multiply_adds(std::span<const nn::TensorSpec> in) const {
    return 2 * in[1].shape.numel();
  }
  void forward(std::span<const nn::ConstTensorView> x, std::span<const nn::TensorView> y,
               nn::Context& context) const {
    const auto sum = context.scratch_floats(x[0].f32().size());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = x[0].f32()[i] + x[1].f32()[i];
    for (std::size_t i = 0; i < sum.size(); ++i) {
      y[0].f32()[i] = sum[i];
      y[1].f32()[i] = sum[i] - 2 * x[1].f32()[i];
    }
  }
};
static_assert(nn::Layer<SumAndDifference> && !nn::OneToOneLayer<SumAndDifference>);

// What `pack` was asked: of a layer that takes options, and of one that does not.
struct Packs : Double {
  void pack(const Shape& in, const nn::PackOptions& options) {
    size = in[0];
    type = options.weights;
  }
  std::int64_t size = 0;
  nn::DType type = nn::DType::float32;
};
struct PacksPlainly : SumAndDifference {
  void pack(std::span<const nn::TensorSpec> in) { inputs = in.size(); }
  std::size_t inputs = 0;
};

TEST(Module, HandsPackItsOptionsWhereItTakesThem) {
  nn::Module one = Packs{};
  const std::vector<nn::TensorSpec> in{{{3}, nn::DType::float32}, {{3}, nn::DType::float32}};
  one.pack(std::span(in).first(1), {.weights = nn::DType::bfloat16});
  EXPECT_EQ(one.as<Packs>()->size, 3);
  EXPECT_EQ(one.as<Packs>()->type, nn::DType::bfloat16);
  nn::Module two = PacksPlainly{};
  two.pack(in, {.weights = nn::DType::bfloat16});
  EXPECT_EQ(two.as<PacksPlainly>()->inputs, 2U);
}

TEST(Module, HoldsALayerOfThreeMembers) {
  const nn::Module module = Double{};
  EXPECT_EQ(module.kind(), "Double");
  EXPECT_FALSE(module.rows_independent(std::vector<nn::TensorSpec>{{{1}, nn::DType::float32}}, {}));
  EXPECT_THAT(nn::apply(module, nn::tensor({1, 2})).f32(), ElementsAre(2, 4));
  EXPECT_NE(module.as<Double>(), nullptr);
  EXPECT_EQ(module.as<Scale>(), nullptr);
}

TEST(Module, RefusesOtherElementTypesAndCountsForAOneToOneLayer) {
  const nn::Tensor integers({2}, nn::DType::int64);
  EXPECT_THAT([&] { nn::apply(Double{}, integers); },
              ThrowsMessage<nn::Error>(HasSubstr("expected an input of float32, got int64")));
  const nn::Tensor x = nn::tensor({1});
  EXPECT_THAT(
      [&] {
        nn::apply(Double{}, {x, x});
      },
      ThrowsMessage<nn::Error>(HasSubstr("expected 1 input, got 2")));
}

TEST(Module, CopiesShareParameterValuesAndSayWhichAreMissing) {
  nn::Module module = Scale{};
  EXPECT_EQ(missing_parameters(module), "factor");
  EXPECT_THAT([&] { nn::apply(module, nn::tensor({1})); },
              ThrowsMessage<nn::Error>(HasSubstr("Scale: no value for factor")));
  module.parameters()[0].parameter = nn::tensor({3});
  const nn::Module copy = module;
  EXPECT_EQ(copy.as<Scale>()->factor.f32().data(), module.as<Scale>()->factor.f32().data());
  EXPECT_THAT(nn::apply(copy, nn::tensor({1, 2})).f32(), ElementsAre(3, 6));
  EXPECT_THAT(
      [&] {
        module.parameters()[0].parameter = nn::tensor({1, 2});
      },
      ThrowsMessage<nn::Error>(HasSubstr("expected a tensor of float32 [1], got float32 [2]")));
}

TEST(Module, NoticesTheMultiplyAddsOfEitherKindOfLayer) {
  const std::vector<nn::TensorSpec> one{{{4, 3}, nn::DType::float32}};
  const std::vector<nn::TensorSpec> two{one[0], one[0]};
  EXPECT_EQ(nn::Module(Double{}).multiply_adds(one), 0);
  EXPECT_EQ(nn::Module(Scale{}).multiply_adds(one), 12);
  EXPECT_EQ(nn::Module(SumAndDifference{}).multiply_adds(two), 24);
}

TEST(Module, RunsSeveralInputsAndOutputsWithScratch) {
  const nn::Tensor a = nn::tensor({5, 7});
  const nn::Tensor b = nn::tensor({1, 2});
  const std::vector<nn::ConstTensorView> inputs{a, b};
  const std::vector<nn::Tensor> results = nn::apply(SumAndDifference{}, inputs);
  EXPECT_THAT(results.at(0).f32(), ElementsAre(6, 9));
  EXPECT_THAT(results.at(1).f32(), ElementsAre(4, 5));
}

}  // namespace
