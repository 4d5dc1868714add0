#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/resize.h>
#include <nn/layers/upsample.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../random.h"

namespace {

using nn::Resize;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;

const Tensor four = Tensor::from({0, 10, 20, 30}, {1, 4});

Resize::Options line(std::optional<double> scale, std::optional<std::int64_t> size) {
  return {.axes = {{.dim = 1, .scale = scale, .size = size}}};
}

TEST(Resize, PutsOutputCellsWhereCoordinatesTell) {
  using C = Resize::Coordinates;
  Resize::Options options = line({}, 2);
  options.mode = Resize::Mode::linear;
  const auto at = [&](C coordinates) {
    options.coordinates = coordinates;
    const Tensor y = nn::apply(Resize(options), four);
    return std::vector<float>(y.f32().begin(), y.f32().end());
  };
  EXPECT_THAT(at(C::half_pixel), ElementsAre(5, 25));             // places 1/2, 5/2
  EXPECT_THAT(at(C::align_corners), ElementsAre(0, 30));          // 0, 3
  EXPECT_THAT(at(C::asymmetric), ElementsAre(0, 20));             // 0, 2
  EXPECT_THAT(at(C::tf_half_pixel_for_nn), ElementsAre(10, 30));  // 1, 3
  EXPECT_THAT(at(C::tf_crop_and_resize), ElementsAre(0, 30));     // the whole input
}

TEST(Resize, GivesAnotherNumberBeyondTheCroppedInput) {
  Resize::Options options = line({}, 3);
  options.axes[0].roi_start = 0;
  options.axes[0].roi_end = 2;  // places 0, 3, 6
  options.mode = Resize::Mode::linear;
  options.coordinates = Resize::Coordinates::tf_crop_and_resize;
  options.extrapolation_value = -1;
  EXPECT_THAT(nn::apply(Resize(options), four).f32(), ElementsAre(0, 30, -1));
}

TEST(Resize, RoundsPlacesAsItIsTold) {
  using N = Resize::Nearest;
  Resize::Options options = line({}, 2);  // places 1/2, 5/2
  const auto with = [&](N way) {
    options.nearest = way;
    const Tensor y = nn::apply(Resize(options), four);
    return std::vector<float>(y.f32().begin(), y.f32().end());
  };
  EXPECT_THAT(with(N::round_prefer_floor), ElementsAre(0, 20));
  EXPECT_THAT(with(N::round_prefer_ceil), ElementsAre(10, 30));
  EXPECT_THAT(with(N::floor), ElementsAre(0, 20));
  EXPECT_THAT(with(N::ceil), ElementsAre(10, 30));
}

TEST(Resize, GivesWhatUpsampleGives) {
  const Tensor x = random_tensor({2, 3, 5, 6}, 8);
  for (const bool cubic : {false, true}) {
    Resize::Options options{.axes = {{.dim = 2, .size = 9}, {.dim = 3, .size = 4}},
                            .mode = cubic ? Resize::Mode::cubic : Resize::Mode::linear};
    const nn::Upsample upsample({.size = {{9, 4}}, .mode = cubic ? "bicubic" : "bilinear"});
    const Tensor y = nn::apply(Resize(options), x), expected = nn::apply(upsample, x);
    ASSERT_EQ(y.shape(), expected.shape());
    // Places in double here, in float there: 1e-6 of a pixel between numbers of at most 4.
    for (std::size_t i = 0; i < y.f32().size(); ++i) {
      ASSERT_NEAR(y.f32()[i], expected.f32()[i], 2e-5) << i;
    }
  }
}

TEST(Resize, TreatsRowsIndependentlyUnlessTheyAreResized) {
  EXPECT_TRUE(Resize(line({}, 2)).rows_independent({1, 4}));
  EXPECT_FALSE(Resize({.axes = {{.dim = 0, .size = 2}}}).rows_independent({1, 4}));
}

TEST(Resize, RefusesSizesOfNothing) {
  EXPECT_THAT(error_of([] { nn::apply(Resize(line(0.1, {})), four); }),
              testing::HasSubstr("sizes should be greater than 0"));
  EXPECT_THAT(error_of([] {
                nn::apply(Resize({.axes = {{.dim = 1, .size = 2}, {.dim = -1, .size = 2}}}), four);
              }),
              testing::HasSubstr("dimension 1 is resized twice"));
}

}  // namespace
