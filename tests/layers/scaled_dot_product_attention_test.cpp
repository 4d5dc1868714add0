#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/scaled_dot_product_attention.h>
#include <nn/module.h>
#include <nn/session.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using Attention = nn::ScaledDotProductAttention;
using nn::Shape;
using nn::Tensor;

// As tools/golden/attention.py has them.
const std::vector<std::pair<std::string, Attention::Options>> cases{
    {"plain", {}},
    {"causal", {.is_causal = true}},
    {"causal_wide", {.is_causal = true}},
    {"causal_tall", {.is_causal = true}},
    {"scale", {.scale = 0.75}},
    {"hidden", {}},
    {"added", {}},
    {"repeated", {}},
    {"grouped", {.enable_gqa = true}},
    {"matrices", {}},
};

TEST(ScaledDotProductAttention, AgreesWithPyTorch) {
  for (const auto& [name, options] : cases) {
    SCOPED_TRACE(name);
    std::vector<Tensor> inputs;
    for (const std::string kind : {".query", ".key", ".value"}) {
      inputs.push_back(golden("attention.pt", name + kind));
    }
    if (name == "hidden" || name == "added")
      inputs.push_back(golden("attention.pt", name + ".mask"));
    const std::vector<nn::ConstTensorView> views(inputs.begin(), inputs.end());
    const Tensor y = std::move(nn::apply(Attention(options), views)[0]);
    const Tensor expected = golden("attention.pt", name + ".y");
    ASSERT_EQ(y.shape(), expected.shape());
    // Means of values of about 1 under weights that float32 knows to some 1e-6.
    for (std::size_t i = 0; i < y.f32().size(); ++i) {
      ASSERT_NEAR(y.f32()[i], expected.f32()[i], 4e-6F) << i;
    }
  }
}

TEST(ScaledDotProductAttention, GivesARowTheSameBitsInEveryBatchAndOnSeveralThreads) {
  nn::Graph net;
  const nn::Value q = net.input("q"), k = net.input("k"), v = net.input("v");
  net.output(net.add("attention", Attention{}, {q, k, v}), "y");
  const Tensor query = random_tensor({5, 3, 9, 8}, 1), key = random_tensor({5, 3, 11, 8}, 2),
               value = random_tensor({5, 3, 11, 6}, 3);
  const std::vector<nn::TensorSpec> specs{query.spec(), key.spec(), value.spec()};
  nn::SessionOptions two;
  two.threads = 2;
  nn::Session one_thread(net, specs), two_threads(net, specs, two);
  const std::vector<nn::ConstTensorView> all{query, key, value};
  const Tensor y = std::move(one_thread(all)[0]);
  EXPECT_TRUE(compare::same_bits(two_threads(all)[0].f32(), y.f32()));
  for (std::int64_t n = 0; n < 5; ++n) {
    const std::vector<nn::ConstTensorView> row{query.view().rows(n, 1), key.view().rows(n, 1),
                                               value.view().rows(n, 1)};
    EXPECT_TRUE(compare::same_bits(one_thread(row)[0].f32(), y.view().rows(n, 1).f32())) << n;
  }
}

TEST(ScaledDotProductAttention, RefusesShapesThatDoNotFit) {
  const auto refusal = [](const Attention::Options& options, const std::vector<Shape>& shapes) {
    std::vector<nn::TensorSpec> specs;
    for (const Shape& shape : shapes) specs.push_back({shape, nn::DType::float32});
    return error_of([&] { Attention(options).outputs(specs); });
  };
  EXPECT_EQ(refusal({}, {{2, 3}, {2, 4}, {2, 4}}),
            "expected a key [2, 3] and a value [2, …] for the query [2, 3], got [2, 4] and [2, 4]");
  EXPECT_EQ(refusal({}, {{3}, {2, 3}, {2, 3}}),
            "expected query, key and value of at least 2 dimensions, got [3], [2, 3] and [2, 3]");
  EXPECT_EQ(refusal({.is_causal = true}, {{2, 3}, {2, 3}, {2, 3}, {2, 2}}),
            "Explicit attn_mask should not be set when is_causal=True");
  EXPECT_EQ(refusal({}, {{2, 3}, {2, 3}, {2, 3}, {5, 2, 2}}),
            "expected a mask that repeats to [2, 2], got [5, 2, 2]");
  EXPECT_EQ(refusal({.enable_gqa = true}, {{6, 5, 8}, {4, 7, 8}, {4, 7, 8}}),
            "enable_gqa: expected key and value with a share of the query's heads, got [6, 5, 8], "
            "[4, 7, 8] and [4, 7, 8]");
  EXPECT_EQ(Attention({.is_causal = true, .scale = 0.5}).extra_repr(), "is_causal=True, scale=0.5");
}

}  // namespace
