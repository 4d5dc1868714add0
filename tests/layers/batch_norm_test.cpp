#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/layers/batch_norm.h>
#include <nn/module.h>

#include "../compare.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::BatchNorm1d;
using nn::BatchNorm2d;
using nn::Shape;
using nn::Tensor;
using testing::Each;
using testing::ElementsAre;
using testing::IsNan;
using testing::ThrowsMessage;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

BatchNorm2d two_channels() {
  BatchNorm2d norm({.num_features = 2, .eps = 1});
  norm.weight = nn::tensor({1, 3});
  norm.bias = nn::tensor({10, 20});
  norm.running_mean = nn::tensor({1, 2});
  norm.running_var = nn::tensor({3, 15});
  return norm;
}

template <class Norm>
void expect_golden(const std::string& name, const nn::BatchNorm::Options& options) {
  SCOPED_TRACE(name);
  Norm norm(options);
  load_golden("batch_norm.pt", name, norm.parameters());
  const Tensor x = golden("batch_norm.pt", name + ".x");
  const Tensor y = nn::apply(norm, x);
  EXPECT_EQ(y.shape(), x.shape());
  // The same arithmetic as PyTorch's, which may fuse x · α + β into one rounding: what that is
  // worth is bounded by the size of both terms.
  const nn::BatchNorm::Affine affine = norm.scale_and_shift();
  const auto pixels = static_cast<std::size_t>(x.shape().numel(2, x.shape().rank()));
  std::vector<float> magnitude;
  for (std::size_t i = 0; i < x.f32().size(); ++i) {
    const std::size_t c = i / pixels % affine.scale.size();
    magnitude.push_back(static_cast<float>(std::fabs(double{x.f32()[i]} * affine.scale[c]) +
                                           std::fabs(affine.shift[c])));
  }
  EXPECT_TRUE(compare::within_rounding(
      y.f32(), golden("batch_norm.pt", name + ".y64").template as<double>(), magnitude));
}

TEST(BatchNorm, AgreesWithPyTorch) {
  expect_golden<BatchNorm1d>("rank_2", {.num_features = 5});
  expect_golden<BatchNorm1d>("rank_3", {.num_features = 4});
  expect_golden<BatchNorm2d>("rank_4", {.num_features = 3});
  expect_golden<BatchNorm2d>("no_affine", {.num_features = 3, .affine = false});
  expect_golden<BatchNorm1d>("no_affine_1d", {.num_features = 3, .affine = false});
  expect_golden<BatchNorm2d>("eps", {.num_features = 2, .eps = 0.5});
  expect_golden<BatchNorm2d>("empty_batch", {.num_features = 2});
  expect_golden<BatchNorm2d>("one_pixel", {.num_features = 6});
  expect_golden<BatchNorm2d>("large_mean", {.num_features = 2});
  EXPECT_EQ(golden_cases("batch_norm.pt").size(), 9U);
}

TEST(BatchNorm, NormalisesEachChannelByTheStatisticsOfTheTraining) {
  // (x - 1) / 2 + 10 and (x - 2) / 4 * 3 + 20
  const Tensor x = Tensor::from({1, 3, 2, 6}, {1, 2, 1, 2});
  const Tensor y = nn::apply(two_channels(), x);
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_THAT(y.f32(), ElementsAre(10, 11, 20, 23));
}

TEST(BatchNorm, OfOneDimensionTakesRowsAndSequences) {
  BatchNorm1d norm({.num_features = 2, .eps = 1, .affine = false});
  norm.running_mean = nn::tensor({1, 2});
  norm.running_var = nn::tensor({3, 15});
  EXPECT_THAT(nn::apply(norm, nn::tensor({{1, 2}, {3, 6}})).f32(), ElementsAre(0, 0, 1, 1));
  const Tensor x = Tensor::from({1, 3, 2, 6}, {1, 2, 2});
  EXPECT_THAT(nn::apply(norm, x).f32(), ElementsAre(0, 1, 0, 1));
}

TEST(BatchNorm, GivesNanForANegativeVarianceOrOneOfZeroWithoutEps) {
  BatchNorm1d norm({.num_features = 2, .eps = 0, .affine = false});
  norm.running_mean = nn::tensor({1, 2});
  norm.running_var = nn::tensor({-1, 0});
  EXPECT_THAT(nn::apply(norm, nn::tensor({{1, 2}})).f32(), Each(IsNan()));
}

TEST(BatchNorm, KeepsNanWhereItIsAndRowsTheirBits) {
  const BatchNorm2d norm = two_channels();
  Tensor x = random_tensor({3, 2, 3, 5}, 1);
  const Tensor before = nn::apply(norm, x);
  x.f32()[31] = nan;  // image 1
  const Tensor after = nn::apply(norm, x);
  for (std::size_t i = 0; i < x.f32().size(); ++i) EXPECT_EQ(std::isnan(after.f32()[i]), i == 31);
  const Tensor alone = nn::apply(norm, x.view().rows(2, 1));
  EXPECT_TRUE(compare::same_bits(alone.f32(), after.view().rows(2, 1).f32()));
  EXPECT_TRUE(compare::same_bits(alone.f32(), before.view().rows(2, 1).f32()));
  EXPECT_TRUE(norm.rows_independent(x.shape()));
}

TEST(BatchNorm, MayWriteOverItsInput) {
  const BatchNorm2d norm = two_channels();
  Tensor x = random_tensor({2, 2, 3, 3}, 1);
  const Tensor expected = nn::apply(norm, x);
  std::vector<float> scratch(norm.scratch_bytes(x.shape()) / sizeof(float));
  nn::Context context(std::as_writable_bytes(std::span(scratch)));
  EXPECT_TRUE(norm.in_place());
  norm.forward(x, x, context);
  EXPECT_TRUE(compare::same_bits(x.f32(), expected.f32()));
}

TEST(BatchNorm, TakesAnEmptyBatch) {
  EXPECT_EQ(nn::apply(two_channels(), Tensor({0, 2, 3, 3})).shape(), (Shape{0, 2, 3, 3}));
}

TEST(BatchNorm, GivesItsScaleAndShiftInDouble) {
  const auto [scale, shift] = two_channels().scale_and_shift();
  EXPECT_THAT(scale, ElementsAre(0.5, 0.75));           // 1/√4, 3/√16
  EXPECT_THAT(shift, ElementsAre(9.5, 20 - 2 * 0.75));  // 10 − 1 · 1/2
}

TEST(BatchNorm, NamesItsParametersAsPyTorchDoesAndNeedsNoCounter) {
  BatchNorm2d norm({.num_features = 2});
  std::vector<std::string> names;
  for (const nn::NamedParameter& parameter : norm.parameters()) names.push_back(parameter.name);
  EXPECT_THAT(names,
              ElementsAre("weight", "bias", "running_mean", "running_var", "num_batches_tracked"));
  EXPECT_EQ(norm.parameters()[2].role, nn::Role::buffer);
  EXPECT_EQ(norm.parameters()[4].role, nn::Role::counter);
  EXPECT_EQ(norm.parameters()[4].parameter.spec(), (nn::TensorSpec{{}, nn::DType::int64}));
  EXPECT_EQ(missing_parameters(norm), "weight, bias, running_mean, running_var");
  EXPECT_EQ(missing_parameters(BatchNorm2d({.num_features = 2, .affine = false})),
            "running_mean, running_var");
}

TEST(BatchNorm, PrintsItsArgumentsAsPyTorchDoes) {
  EXPECT_EQ(BatchNorm1d({.num_features = 5}).extra_repr(),
            "5, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True");
  EXPECT_EQ(BatchNorm2d({.num_features = 3,
                         .eps = 1e-3,
                         .momentum = std::nullopt,
                         .affine = false,
                         .track_running_stats = false})
                .extra_repr(),
            "3, eps=0.001, momentum=None, affine=False, bias=False, track_running_stats=False");
  EXPECT_EQ(BatchNorm2d({.num_features = 3, .eps = 1e-4, .momentum = 1}).extra_repr(),
            "3, eps=0.0001, momentum=1.0, affine=True, bias=True, track_running_stats=True");
}

TEST(BatchNorm, RefusesWhatPyTorchRefusesInItsWords) {
  const auto refuses = [](const auto& norm, const Shape& in, const std::string& message) {
    EXPECT_THAT([&] { norm.output_shape(in); }, ThrowsMessage<nn::Error>(message));
  };
  refuses(BatchNorm2d({.num_features = 3}), {1, 3, 4}, "expected 4D input (got 3D input)");
  refuses(BatchNorm1d({.num_features = 3}), {1, 3, 4, 4}, "expected 2D or 3D input (got 4D input)");
  refuses(BatchNorm1d({.num_features = 3}), {3}, "expected 2D or 3D input (got 1D input)");
  refuses(BatchNorm1d({.num_features = 3}), {5, 2}, "running_mean should contain 2 elements not 3");
  refuses(BatchNorm2d({.num_features = 3, .eps = -1}), {1, 3, 2, 2},
          "batch_norm eps must be non-negative, but got -1.0");
  refuses(BatchNorm2d({.num_features = 3, .track_running_stats = false}), {1, 3, 2, 2},
          "track_running_stats=False normalises by the statistics of the batch: that is training, "
          "not inference");
  EXPECT_THAT([] { BatchNorm2d norm({.num_features = 0}); },
              ThrowsMessage<nn::Error>("BatchNorm2d: num_features must be positive, got 0"));
  BatchNorm2d norm({.num_features = 3});
  EXPECT_THAT([&] { norm.running_mean = Tensor({2}); },
              ThrowsMessage<nn::Error>("expected a tensor of float32 [3], got float32 [2]"));
}

TEST(BatchNorm, OfAnyRankGivesWhatTheOthersGive) {
  nn::BatchNormAnyRank any({.num_features = 2, .eps = 1});
  const BatchNorm2d norm = two_channels();
  any.weight.assign(norm.weight.shared());
  any.bias.assign(norm.bias.shared());
  any.running_mean.assign(norm.running_mean.shared());
  any.running_var.assign(norm.running_var.shared());
  const Tensor x = Tensor::from({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 1, 2});
  const Tensor y = nn::apply(norm, x);
  const Tensor deep = nn::apply(any, Tensor(x).reshaped({2, 2, 1, 1, 2}));
  EXPECT_TRUE(std::ranges::equal(deep.f32(), y.f32()));
  EXPECT_THAT(
      [&] {
        nn::apply(any, nn::tensor({1, 2}));
      },
      ThrowsMessage<nn::Error>("expected 2D or larger input (got 1D input)"));
}

}  // namespace
