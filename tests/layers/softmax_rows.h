#pragma once

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include <nn/module.h>

#include "../compare.h"
#include "../golden.h"
#include "../random.h"

// What Softmax and LogSoftmax share in their tests.
namespace softmax_rows {

// The exact value and what float may make of it: two units in the last place, and of denormals one.
inline bool close(float got, long double exact) {
  if (std::isnan(exact)) return std::isnan(got);
  const auto rounded = static_cast<float>(exact);
  const bool denormal = std::fabs(rounded) < std::numeric_limits<float>::min();
  return compare::ulps(got, rounded) <= (denormal ? 1 : 2);
}

template <class L>
L layer(std::int64_t dim) {
  return L(typename L::Options{.dim = dim});
}

// Each row alone, all in one batch and along another dimension of another layout: the same bits.
template <class L>
void expect_same_bits_everywhere(std::int64_t size) {
  const std::int64_t rows = 65;
  nn::Tensor x = random_tensor({rows, size}, 5);
  for (float& value : x.f32()) value *= 20;
  const nn::Tensor y = nn::apply(layer<L>(1), x);
  nn::Tensor across({size, rows});
  for (std::int64_t row = 0; row < rows; ++row) {
    const nn::Tensor alone = nn::apply(layer<L>(0), x.view().rows(row, 1).reshaped({size}));
    ASSERT_TRUE(compare::same_bits(alone.f32(), y.view().rows(row, 1).f32()));
    for (std::int64_t i = 0; i < size; ++i) {
      across.f32()[static_cast<std::size_t>(i * rows + row)] =
          x.f32()[static_cast<std::size_t>(row * size + i)];
    }
  }
  for (std::int64_t batch = 1; batch <= rows; ++batch) {
    const nn::Tensor part = nn::apply(layer<L>(-1), x.view().rows(rows - batch, batch));
    ASSERT_TRUE(compare::same_bits(part.f32(), y.view().rows(rows - batch, batch).f32()));
  }
  const nn::Tensor columns = nn::apply(layer<L>(0), across);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < size; ++i) {
      ASSERT_EQ(columns.f32()[static_cast<std::size_t>(i * rows + row)],
                y.f32()[static_cast<std::size_t>(row * size + i)]);
    }
  }
  nn::Tensor in_place = x;
  layer<L>(1).forward(in_place, in_place);
  EXPECT_TRUE(compare::same_bits(in_place.f32(), y.f32()));
}

// A row of NaN leaves the others bit for bit, in both layouts.
template <class L>
void expect_neighbours_kept() {
  for (const std::int64_t dim : {0, 1}) {
    nn::Tensor x = random_tensor({5, 5}, 9);
    const nn::Tensor before = nn::apply(layer<L>(dim), x);
    x.f32()[2 * 5 + 2] = std::numeric_limits<float>::quiet_NaN();
    const nn::Tensor after = nn::apply(layer<L>(dim), x);
    for (std::size_t i = 0; i < 25; ++i) {
      const std::size_t row = dim == 1 ? i / 5 : i % 5;
      if (row == 2) {
        EXPECT_TRUE(std::isnan(after.f32()[i]));
      } else {
        EXPECT_EQ(after.f32()[i], before.f32()[i]);
      }
    }
  }
}

template <class L>
void expect_rows_independent_unless_along_them() {
  EXPECT_TRUE(layer<L>(1).rows_independent({4, 3}));
  EXPECT_TRUE(layer<L>(-1).rows_independent({4, 3}));
  EXPECT_FALSE(layer<L>(0).rows_independent({4, 3}));
  EXPECT_FALSE(layer<L>(-2).rows_independent({4, 3}));
  EXPECT_FALSE(layer<L>(-1).rows_independent({4}));
  EXPECT_FALSE(layer<L>(0).rows_independent({}));
  EXPECT_TRUE(L{}.rows_independent({4, 3}));
  EXPECT_FALSE(L{}.rows_independent({4, 3, 2}));  // dim 0 is implied
}

}  // namespace softmax_rows
