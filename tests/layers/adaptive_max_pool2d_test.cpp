#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <optional>

#include <nn/layers/adaptive_max_pool2d.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::AdaptiveMaxPool2d;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAreArray;

TEST(AdaptiveMaxPool2d, AgreesWithPyTorchInValuesAndPlaces) {
  const std::string file = "adaptive_max_pool2d.pt";
  for (const std::string& name : golden_cases(file)) {
    SCOPED_TRACE(name);
    const Tensor stored = golden(file, name + ".output_size");
    const auto side = [&](std::size_t i) -> std::optional<std::int64_t> {
      const std::int64_t size = stored.as<std::int64_t>()[i];
      return size < 0 ? std::nullopt : std::optional(size);
    };
    const Tensor x = golden(file, name + ".x");
    const AdaptiveMaxPool2d::OutputSize size{side(0), side(1)};
    const std::vector<nn::ConstTensorView> inputs{x};
    const auto y =
        nn::apply(AdaptiveMaxPool2d({.output_size = size, .return_indices = true}), inputs);
    ASSERT_EQ(y.size(), 2U);
    EXPECT_EQ(y[0].shape(), golden(file, name + ".y0").shape());
    EXPECT_TRUE(compare::same_bits(y[0].f32(), golden(file, name + ".y0").f32()));
    EXPECT_THAT(y[1].as<std::int64_t>(),
                ElementsAreArray(golden(file, name + ".y1").as<std::int64_t>()));
    EXPECT_TRUE(compare::same_bits(nn::apply(AdaptiveMaxPool2d({.output_size = size}), x).f32(),
                                   y[0].f32()));
  }
}

TEST(AdaptiveMaxPool2d, LetsNanWin) {
  const Tensor x = Tensor::from({5, std::numeric_limits<float>::quiet_NaN(), -1, 7}, {1, 1, 2, 2});
  EXPECT_TRUE(std::isnan(nn::apply(AdaptiveMaxPool2d({.output_size = 1}), x).item()));
}

TEST(AdaptiveMaxPool2d, RefusesWhatPyTorchRefuses) {
  const auto refusal = [](const Shape& in) {
    const std::vector<nn::TensorSpec> specs{{in, nn::DType::float32}};
    return error_of([&] { AdaptiveMaxPool2d({.output_size = 2}).outputs(specs); });
  };
  EXPECT_EQ(refusal({1, 1, 0, 4}),
            "adaptive_max_pool2d(): Expected input to have non-zero size for non-batch dimensions, "
            "but input has sizes [1, 1, 0, 4] with dimension 2 being empty");
  EXPECT_EQ(refusal({4, 4}), "adaptive_max_pool2d(): Expected 3D or 4D tensor, but got: [4, 4]");
  EXPECT_EQ(error_of([] { AdaptiveMaxPool2d({.output_size = -1}); }),
            "AdaptiveMaxPool2d: elements of output_size must be greater than or equal to 0 but "
            "received {-1, -1}");
  EXPECT_EQ(AdaptiveMaxPool2d({.output_size = {3, 2}}).extra_repr(), "output_size=(3, 2)");
}

}  // namespace
