#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/tensor.h>

#include "golden.h"

namespace {

using nn::DType;
using nn::Tensor;
using testing::ElementsAre;

void expect_cases(const std::string& file) {
  for (const std::string& name : golden_cases(file)) {
    SCOPED_TRACE(name);
    const Tensor expected = golden(file, name + ".y");
    const Tensor y = to(golden(file, name + ".x"), expected.dtype());
    ASSERT_EQ(y.spec(), expected.spec());
    // As numbers, since one NaN is as good as another.
    const Tensor a = to(y, DType::float64);
    const Tensor b = to(expected, DType::float64);
    for (std::size_t i = 0; i < a.as<double>().size(); ++i) {
      const double got = a.as<double>()[i];
      const double wanted = b.as<double>()[i];
      EXPECT_TRUE(got == wanted || (got != got && wanted != wanted))
          << i << ": " << got << " " << wanted;
    }
    if (!is_floating_point(y.dtype())) {
      EXPECT_EQ(std::memcmp(y.data(), expected.data(), y.nbytes()), 0);
    }
  }
}

TEST(Cast, ConvertsEveryPairOfTypesAsPyTorchDoes) { expect_cases("cast.pt"); }

TEST(Cast, ConvertsFloatsOf8BitsAndUnsignedIntegersAsPyTorchDoes) { expect_cases("dtype/cast.pt"); }

TEST(Cast, TakesWhatDoesNotFitAsX86Does) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
  EXPECT_THAT(to(nn::tensor({nan, infinity, -infinity, 3e9F}), DType::int32).as<std::int32_t>(),
              ElementsAre(lowest, lowest, lowest, lowest));
  EXPECT_THAT(to(nn::tensor({256, -1, 300.7F}), DType::uint8).as<std::uint8_t>(),
              ElementsAre(0, 255, 44));
  const Tensor odd = nn::tensor({nan, infinity, -infinity, -1, 5e9F, 1e19F, 2e19F});
  EXPECT_THAT(
      to(odd, DType::uint64).as<std::uint64_t>(),
      ElementsAre(1ULL << 63, 0, 1ULL << 63, ~0ULL, 5'000'000'000, 9'999'999'980'506'447'872U, 0));
  EXPECT_THAT(to(odd, DType::uint32).as<std::uint32_t>(),
              ElementsAre(0, 0, 0, ~0U, 705'032'704, 0, 0));
  EXPECT_THAT(to(odd, DType::uint16).as<std::uint16_t>(), ElementsAre(0, 0, 0, 65535, 0, 0, 0));
}

TEST(Cast, CopiesWhatHasTheTypeAlready) {
  const Tensor x = nn::tensor({1, 2});
  const Tensor y = to(x, DType::float32);
  EXPECT_NE(y.data(), x.data());
  EXPECT_THAT(y.f32(), ElementsAre(1, 2));
  EXPECT_EQ(to(Tensor({0, 3}), DType::int8).shape(), (nn::Shape{0, 3}));
}

}  // namespace
