#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/dropout.h>
#include <nn/module.h>

#include "../compare.h"
#include "../random.h"

namespace {

using nn::Dropout;
using nn::Dropout2d;
using nn::Shape;
using nn::Tensor;
using testing::ThrowsMessage;

TEST(Dropout, ChangesNothingAtInference) {
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{2, 3}, Shape{2, 3, 4, 5}}) {
    const Tensor x = random_tensor(shape, 1);
    EXPECT_TRUE(compare::same_bits(nn::apply(Dropout{}, x).f32(), x.f32()));
    EXPECT_TRUE(compare::same_bits(nn::apply(Dropout2d({.p = 1}), x).f32(), x.f32()));
    EXPECT_EQ(nn::apply(Dropout{}, x).shape(), shape);
  }
}

TEST(Dropout, KeepsItsValuesInPlace) {
  Tensor x = nn::tensor({1, 2});
  const Dropout dropout;
  ASSERT_TRUE(dropout.in_place());
  dropout.forward(x, x);
  EXPECT_THAT(x.f32(), testing::ElementsAre(1, 2));
  EXPECT_TRUE(dropout.rows_independent({2, 3}));
  EXPECT_FALSE(dropout.rows_independent({}));
}

TEST(Dropout, SaysWhatItIs) {
  EXPECT_EQ(Dropout().kind(), "Dropout");
  EXPECT_EQ(Dropout().extra_repr(), "p=0.5, inplace=False");
  EXPECT_EQ(nn::Module(Dropout2d()).kind(), "Dropout2d");
  EXPECT_EQ(Dropout2d({.p = 0.25, .inplace = true}).extra_repr(), "p=0.25, inplace=True");
}

TEST(Dropout, RefusesWhatIsNoProbability) {
  const auto refuses = [](double p, const std::string& shown) {
    EXPECT_THAT([&] { Dropout dropout({.p = p}); },
                ThrowsMessage<nn::Error>("dropout probability has to be between 0 and 1, but got " +
                                         shown));
  };
  refuses(1.5, "1.5");
  refuses(-0.1, "-0.1");
  refuses(std::numeric_limits<double>::quiet_NaN(), "nan");
}

}  // namespace
