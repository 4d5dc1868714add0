#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/prelu.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::PReLU;
using nn::Tensor;

PReLU two_channels() {
  PReLU prelu({.num_parameters = 2});
  prelu.weight = nn::tensor({0.5, -2});
  return prelu;
}

void expect_golden(const std::string& name, std::int64_t parameters) {
  SCOPED_TRACE(name);
  PReLU prelu({.num_parameters = parameters});
  load_golden("prelu.pt", name, prelu.parameters());
  const Tensor x = golden("prelu.pt", name + ".x");
  const Tensor y = nn::apply(prelu, x);
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_TRUE(compare::same_bits(y.f32(), golden("prelu.pt", name + ".y").f32()));
}

TEST(PReLU, AgreesWithPyTorch) {
  expect_golden("one", 1);
  expect_golden("channels", 3);
  expect_golden("rows", 6);
  expect_golden("sequence", 4);
  expect_golden("vector", 1);
  expect_golden("empty_batch", 3);
  expect_golden("one_pixel", 5);
  EXPECT_EQ(golden_cases("prelu.pt").size(), 7U);
}

TEST(PReLU, HasASlopeBelowZeroForEachChannel) {
  const Tensor x = Tensor::from({-1, 3, -2, 0, -4, 5, -6, 7}, {2, 2, 2});
  EXPECT_THAT(nn::apply(two_channels(), x).f32(),
              testing::ElementsAre(-0.5, 3, 4, 0, -2, 5, 12, 7));
}

TEST(PReLU, KeepsNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(nn::apply(two_channels(), nn::tensor({{nan, 1}})).f32(),
              testing::ElementsAre(testing::IsNan(), 1));
}

TEST(PReLU, RefusesOtherChannels) {
  EXPECT_EQ(error_of([] {
              two_channels().output_shape({1, 3, 4, 4});
            }),
            "Mismatch of parameter numbers and input channel size. Found parameter numbers = 2 and "
            "channel size = 3.");
  EXPECT_EQ(error_of([] { PReLU({.num_parameters = 0}); }),
            "PReLU: num_parameters must be positive, got 0");
}

TEST(PReLU, SaysWhatItIs) {
  EXPECT_EQ(PReLU{}.extra_repr(), "num_parameters=1");
  EXPECT_EQ(two_channels().parameters()[0].name, "weight");
}

}  // namespace
