#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include <nn/io/tensor_view.h>

#include "bytes.h"

namespace {

using nn::io::StridedView;

// Element by element, by the definition of strides.
std::string naive_gather(const std::vector<std::int64_t>& sizes,
                         const std::vector<std::int64_t>& strides, std::size_t item_size,
                         const std::string& storage, std::int64_t offset) {
  std::int64_t numel = 1;
  for (const auto size : sizes) numel *= size;
  std::string out;
  for (std::int64_t n = 0; n < numel; ++n) {
    std::int64_t rest = n;
    std::int64_t at = offset;
    for (std::size_t i = sizes.size(); i-- > 0;) {
      at += rest % sizes[i] * strides[i];
      rest /= sizes[i];
    }
    out += storage.substr(static_cast<std::size_t>(at) * item_size, item_size);
  }
  return out;
}

TEST(TensorView, GathersAsTheDefinitionSays) {
  std::mt19937 random(1);
  const auto below = [&](std::uint32_t limit) {
    return static_cast<std::int64_t>(random() % limit);
  };
  std::string storage;
  for (int i = 0; i < 4000; ++i) storage += static_cast<char>(i * 31 % 256);
  std::size_t accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::size_t item_size = std::size_t{1} << below(4);
    const auto storage_numel = static_cast<std::uint64_t>(storage.size() / item_size);
    std::vector<std::int64_t> sizes;
    std::vector<std::int64_t> strides;
    for (std::int64_t rank = below(5); rank > 0; --rank) {
      sizes.push_back(below(6));
      strides.push_back(below(40));
    }
    const std::int64_t offset = below(20);
    StridedView view;
    if (test::refusal([&] {
          view = nn::io::checked_view(sizes, strides, offset, storage_numel);
        }) != "accepted") {
      continue;
    }
    ++accepted;
    const std::string window = storage.substr(static_cast<std::size_t>(view.offset) * item_size,
                                              static_cast<std::size_t>(view.extent) * item_size);
    std::vector<std::byte> out(nn::io::byte_size(view, item_size));
    nn::io::gather(view, item_size, test::as_bytes(window), out);
    const std::string expected = naive_gather(sizes, strides, item_size, storage, offset);
    ASSERT_EQ(out, test::as_bytes(expected));
    if (view.contiguous) {
      ASSERT_EQ(window, expected);
    }
  }
  EXPECT_GT(accepted, 1000U);
}

TEST(TensorView, KnowsContiguousViews) {
  const auto contiguous = [](std::vector<std::int64_t> sizes, std::vector<std::int64_t> strides) {
    return nn::io::checked_view(sizes, strides, 0, 1000).contiguous;
  };
  EXPECT_TRUE(contiguous({2, 3}, {3, 1}));
  EXPECT_TRUE(contiguous({2, 1, 3}, {3, 77, 1}));
  EXPECT_TRUE(contiguous({}, {}));
  EXPECT_TRUE(contiguous({0}, {5}));
  EXPECT_FALSE(contiguous({2, 3}, {1, 2}));
  EXPECT_FALSE(contiguous({3}, {0}));
}

TEST(TensorView, NegatesEachNumber) {
  std::vector<float> floats{1, -2.5, 0};
  nn::io::negate(std::as_writable_bytes(std::span(floats)), nn::DType::float32);
  EXPECT_THAT(floats, testing::ElementsAre(-1, 2.5, 0));
  EXPECT_TRUE(std::signbit(floats[2]));
  std::vector<std::int16_t> integers{1, -300, 0, -32768};
  nn::io::negate(std::as_writable_bytes(std::span(integers)), nn::DType::int16);
  EXPECT_THAT(integers, testing::ElementsAre(-1, 300, 0, -32768));
  EXPECT_FALSE(nn::io::can_negate(nn::DType::boolean));
  EXPECT_FALSE(nn::io::can_negate(nn::DType::float8_e5m2));
}

TEST(TensorView, SwapsTheBytesOfEachNumber) {
  auto bytes = test::as_bytes("abcdefgh");
  nn::io::swap_bytes(bytes, 4);
  EXPECT_EQ(bytes, test::as_bytes("dcbahgfe"));
  nn::io::swap_bytes(bytes, 1);
  EXPECT_EQ(bytes, test::as_bytes("dcbahgfe"));
}

}  // namespace
