#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/group_norm.h>
#include <nn/layers/layer_norm.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::GroupNorm;
using nn::InstanceNorm2d;
using nn::LayerNorm;
using nn::RMSNorm;
using nn::Tensor;
using testing::Each;
using testing::IsNan;

constexpr float infinity = std::numeric_limits<float>::infinity();

template <class Norm>
void expect_golden(const std::string& name, Norm norm) {
  SCOPED_TRACE(name);
  load_golden("normalise.pt", name, norm.parameters());
  const Tensor x = golden("normalise.pt", name + ".x");
  const Tensor y = nn::apply(norm, x);
  ASSERT_EQ(y.shape(), x.shape());
  const Tensor exact = golden("normalise.pt", name + ".y64");
  // Computed in double and rounded once; what double loses shows near 0 only.
  for (std::size_t i = 0; i < y.f32().size(); ++i) {
    EXPECT_NEAR(y.f32()[i], exact.as<double>()[i], 1e-7 * std::fabs(exact.as<double>()[i]) + 1e-13);
  }
  // A row's bits do not depend on its batch, and x may be overwritten.
  if (norm.rows_independent(x.shape()) && x.shape()[0] > 1) {
    const Tensor last = nn::apply(norm, x.view().rows(1, 1));
    EXPECT_TRUE(compare::same_bits(last.f32(), y.view().rows(1, 1).f32()));
  }
  Tensor in_place = x;
  EXPECT_TRUE(norm.in_place());
  norm.forward(in_place, in_place);
  EXPECT_TRUE(compare::same_bits(in_place.f32(), y.f32()));
}

TEST(Normalise, AgreesWithPyTorch) {
  expect_golden("layer", LayerNorm({.normalized_shape = {13}}));
  expect_golden("layer_matrix", LayerNorm({.normalized_shape = {3, 7}, .eps = 1e-3}));
  expect_golden("layer_plain", LayerNorm({.normalized_shape = {6}, .elementwise_affine = false}));
  expect_golden("layer_no_bias", LayerNorm({.normalized_shape = {5}, .bias = false}));
  expect_golden("layer_constant", LayerNorm({.normalized_shape = {9}}));
  expect_golden("rms", RMSNorm({.normalized_shape = {11}}));
  expect_golden("rms_eps",
                RMSNorm({.normalized_shape = {2, 3}, .eps = 0.1, .elementwise_affine = false}));
  expect_golden("group", GroupNorm({.num_groups = 2, .num_channels = 6}));
  expect_golden("group_each", GroupNorm({.num_groups = 4, .num_channels = 4, .affine = false}));
  expect_golden("group_all", GroupNorm({.num_groups = 1, .num_channels = 6, .eps = 0.5}));
  expect_golden("instance", InstanceNorm2d({.num_features = 3}));
  expect_golden("instance_affine", InstanceNorm2d({.num_features = 3, .affine = true}));
  expect_golden("instance_tracked",
                InstanceNorm2d({.num_features = 2, .affine = true, .track_running_stats = true}));
  EXPECT_EQ(golden_cases("normalise.pt").size(), 13U);
}

TEST(Normalise, GivesNanForARowWithAnInfinityAndKeepsItsNeighbours) {
  const LayerNorm norm({.normalized_shape = {2}, .elementwise_affine = false});
  const Tensor y = nn::apply(norm, nn::tensor({{1, infinity}, {7, 7}}));
  EXPECT_THAT(y.f32().first(2), Each(IsNan()));
  EXPECT_THAT(y.f32().last(2), Each(0));
}

TEST(Normalise, SaysWhichRowsAreIndependent) {
  EXPECT_FALSE(LayerNorm({.normalized_shape = {3}}).rows_independent({3}));
  EXPECT_TRUE(LayerNorm({.normalized_shape = {3}}).rows_independent({2, 3}));
  EXPECT_FALSE(InstanceNorm2d({.num_features = 3}).rows_independent({3, 2, 2}));
}

TEST(Normalise, PrintsItsArgumentsAsPyTorchDoes) {
  EXPECT_EQ(LayerNorm({.normalized_shape = {5}, .bias = false}).extra_repr(),
            "(5,), eps=1e-05, elementwise_affine=True, bias=False");
  EXPECT_EQ(RMSNorm({.normalized_shape = {4, 2}}).extra_repr(),
            "(4, 2), eps=None, elementwise_affine=True");
  EXPECT_EQ(GroupNorm({.num_groups = 2, .num_channels = 4}).extra_repr(),
            "2, 4, eps=1e-05, affine=True, bias=True");
  EXPECT_EQ(InstanceNorm2d({.num_features = 4}).extra_repr(),
            "4, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False");
}

TEST(Normalise, RefusesWhatPyTorchRefusesInItsWords) {
  EXPECT_EQ(error_of([] {
              LayerNorm({.normalized_shape = {4}}).output_shape({2, 3});
            }),
            "Given normalized_shape=[4], expected input with shape [*, 4], but got input of "
            "size[2, 3]");
  EXPECT_EQ(error_of([] {
              RMSNorm({.normalized_shape = {2, 4}}).output_shape({4});
            }),
            "Given normalized_shape=[2, 4], expected input with shape [*, 2, 4], but got input of "
            "size[4]");
  EXPECT_EQ(error_of([] { GroupNorm norm({.num_groups = 2, .num_channels = 5}); }),
            "GroupNorm: num_channels (5) must be divisible by num_groups (2)");
  EXPECT_EQ(error_of([] {
              GroupNorm({.num_groups = 2, .num_channels = 4}).output_shape({1, 3});
            }),
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            "shape [1, 3] and num_groups=2");
  EXPECT_EQ(error_of([] {
              InstanceNorm2d({.num_features = 2}).output_shape({1, 2, 1, 1});
            }),
            "Expected more than 1 spatial element when training, got input size [1, 2, 1, 1]");
}

}  // namespace
