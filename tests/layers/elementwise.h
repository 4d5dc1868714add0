#pragma once

#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <nn/module.h>

#include "../compare.h"
#include "../golden.h"
#include "../random.h"

// What every elementwise layer is held to. `name` is its results' in tests/golden/activations.pt.
template <class L>
void expect_elementwise(const L& layer, const std::string& name, std::int64_t limit = 1) {
  SCOPED_TRACE(name);
  const nn::Tensor ordinary = golden("activations.pt", "ordinary.x");
  const nn::Tensor y = nn::apply(layer, ordinary);
  EXPECT_EQ(y.shape(), ordinary.shape());
  EXPECT_TRUE(
      compare::within_ulps(y.f32(), golden("activations.pt", "ordinary." + name).f32(), limit));

  // NaN, infinities, zeros, denormals and the largest values as PyTorch's float32.
  const nn::Tensor special = golden("activations.pt", "special.x");
  const nn::Tensor expected = golden("activations.pt", "special." + name);
  const nn::Tensor got = nn::apply(layer, special);
  for (std::size_t i = 0; i < special.f32().size(); ++i) {
    // There PyTorch's gelu contradicts itself (inf or NaN by the tensor's size) or overflows.
    if (name == "gelu" && std::fabs(special.f32()[i]) > 1e38F) continue;
    // PyTorch multiplies by a denormal, which has lost places.
    if (name == "mish" && special.f32()[i] == -100) continue;
    EXPECT_LE(compare::ulps(got.f32()[i], expected.f32()[i]), 2) << special.f32()[i];
    if (!std::isnan(expected.f32()[i])) {
      EXPECT_EQ(std::signbit(got.f32()[i]), std::signbit(expected.f32()[i])) << special.f32()[i];
    }
  }

  // A value's bits depend neither on its place nor on the size of the tensor, nor on working in
  // place.
  for (std::int64_t begin = 0; begin < 40; ++begin) {
    for (const std::int64_t size : {0, 1, 2, 3, 5, 8, 17}) {
      const nn::Tensor part = nn::apply(layer, ordinary.view().rows(begin, size));
      ASSERT_TRUE(compare::same_bits(part.f32(), y.view().rows(begin, size).f32()));
    }
  }
  nn::Tensor in_place = ordinary;
  layer.forward(in_place, in_place);
  EXPECT_TRUE(compare::same_bits(in_place.f32(), y.f32()));
  nn::Tensor activated = ordinary;
  nn::kernels::activate(layer.activation(), activated.f32(), activated.f32());
  EXPECT_TRUE(compare::same_bits(activated.f32(), y.f32()));

  EXPECT_EQ(nn::apply(layer, nn::Tensor(nn::Shape{})).shape(), nn::Shape{});
  EXPECT_EQ(nn::apply(layer, nn::Tensor({0, 3})).shape(), (nn::Shape{0, 3}));
  EXPECT_TRUE(layer.in_place());
  EXPECT_TRUE(layer.rows_independent({1}));
  EXPECT_FALSE(layer.rows_independent({}));
}
