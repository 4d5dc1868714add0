// The layers that give elements of their input in another order or number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/expand.h>
#include <nn/layers/permute.h>
#include <nn/layers/select.h>
#include <nn/layers/slice.h>
#include <nn/layers/split.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::DType;
using nn::Shape;
using nn::Tensor;
using nn::TensorSpec;
using testing::ElementsAre;

Tensor of_pytorch(const std::string& name) { return golden("moves.pt", name); }

void expect_equal(const Tensor& y, const Tensor& expected) {
  EXPECT_EQ(y.spec(), expected.spec());
  EXPECT_TRUE(compare::same_bits(y.f32(), expected.f32()));
}

// The numbers of a case's name: "slice_2_-3_-1_1".
std::vector<std::int64_t> numbers(const std::string& name) {
  std::vector<std::int64_t> found;
  for (std::size_t at = name.find('_'); at != std::string::npos; at = name.find('_', at + 1)) {
    found.push_back(std::stoll(name.substr(at + 1)));
  }
  return found;
}

TEST(Moves, AgreeWithPyTorch) {
  const Tensor x = of_pytorch("x");
  int cases = 0;
  for (const std::string& name : golden_cases("moves.pt")) {
    SCOPED_TRACE(name);
    ++cases;
    if (name.starts_with("permute")) {
      std::vector<std::int64_t> dims;
      for (const char digit : name.substr(8)) dims.push_back(digit - '0');
      expect_equal(nn::apply(nn::Permute({.dims = dims}), x), of_pytorch(name));
    } else if (name.starts_with("transpose")) {
      const auto n = numbers(name);
      expect_equal(nn::apply(nn::Transpose({.dim0 = n[0], .dim1 = n[1]}), x), of_pytorch(name));
    } else if (name.starts_with("slice")) {
      const auto n = numbers(name);
      const nn::Slice slice({.dim = n[0], .start = n[1], .end = n[2], .step = n[3]});
      expect_equal(nn::apply(slice, {x}), of_pytorch(name));
    } else if (name.starts_with("select")) {
      const auto n = numbers(name);
      expect_equal(nn::apply(nn::Select({.dim = n[0], .index = n[1]}), {x}), of_pytorch(name));
    } else {
      --cases;
    }
  }
  EXPECT_EQ(cases, 6 + 4 + 6 + 3);
}

TEST(Moves, TransposeWholeSquaresAndWhatIsLeft) {
  expect_equal(nn::apply(nn::Transpose({.dim0 = 1, .dim1 = 2}), of_pytorch("wide")),
               of_pytorch("wide_transposed"));
}

TEST(Split, GivesThePartsOfSizesOrChunks) {
  const Tensor x = of_pytorch("x");
  const nn::ConstTensorView in[] = {x};
  const auto parts = nn::apply(nn::Split({.sizes = {1, 0, 3}, .dim = 2}), in);
  ASSERT_EQ(parts.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    expect_equal(parts[i], of_pytorch("split_" + std::to_string(i)));
  }
  const auto chunks = nn::apply(nn::Split({.chunks = 2, .dim = -1}), in);
  ASSERT_EQ(chunks.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    expect_equal(chunks[i], of_pytorch("chunk_" + std::to_string(i)));
  }
}

TEST(Expand, RepeatsWhatHasOneElementAndIsNew) {
  expect_equal(nn::apply(nn::Expand({.sizes = {2, -1, 4, 5}}), {of_pytorch("column")}),
               of_pytorch("expand"));
  const Tensor rows = nn::apply(nn::Expand({.sizes = {1, -1}, .rows_of_input = true}),
                                {nn::tensor({1, 2}), Tensor({3, 7})});
  EXPECT_THAT(rows.f32(), ElementsAre(1, 2, 1, 2, 1, 2));
}

TEST(Moves, TakeEveryElementType) {
  for (const DType dtype : {DType::boolean, DType::float16, DType::int32, DType::int64}) {
    const Tensor x = nn::to(of_pytorch("wide"), dtype);
    const Tensor y = nn::apply(nn::Transpose({.dim0 = 0, .dim1 = 2}), {x});
    EXPECT_EQ(y.dtype(), dtype);
    const Tensor back = nn::apply(nn::Transpose({.dim0 = 0, .dim1 = 2}), {y});
    EXPECT_TRUE(std::ranges::equal(back.view().bytes(), x.view().bytes()));
  }
}

TEST(Squeeze, TakesDimensionsOfOneAwayAndUnsqueezeGivesThem) {
  const Tensor x({2, 1, 3, 1});
  const auto shape = [&](const nn::Module& layer) { return nn::apply(layer, {x}).shape(); };
  EXPECT_EQ(shape(nn::Squeeze{}), Shape({2, 3}));
  EXPECT_EQ(shape(nn::Squeeze({.dims = {-1, 0}})), Shape({2, 1, 3}));
  EXPECT_EQ(shape(nn::Unsqueeze({.dim = 0})), Shape({1, 2, 1, 3, 1}));
  EXPECT_EQ(shape(nn::Unsqueeze({.dim = -1})), Shape({2, 1, 3, 1, 1}));
}

bool independent(const nn::Module& layer, const Shape& shape) {
  const TensorSpec in[] = {{shape, DType::float32}};
  const bool batched[] = {true};
  return layer.rows_independent(in, batched);
}

TEST(Moves, KeepRowsWhereDim0StaysWhatItIs) {
  const Shape x{4, 3, 2};
  EXPECT_TRUE(independent(nn::Permute({.dims = {0, 2, 1}}), x));
  EXPECT_FALSE(independent(nn::Permute({.dims = {1, 0, 2}}), x));
  EXPECT_TRUE(independent(nn::Transpose({.dim0 = 1, .dim1 = -1}), x));
  EXPECT_FALSE(independent(nn::Transpose({.dim0 = -3, .dim1 = 1}), x));
  EXPECT_TRUE(independent(nn::Slice({.dim = 1, .end = 2}), x));
  EXPECT_FALSE(independent(nn::Slice({.dim = 0, .end = 2}), x));
  EXPECT_TRUE(independent(nn::Select({.dim = 2}), x));
  EXPECT_FALSE(independent(nn::Select({.dim = 0}), x));
  EXPECT_TRUE(independent(nn::Split({.chunks = 3, .dim = 1}), x));
  EXPECT_FALSE(independent(nn::Split({.chunks = 2, .dim = -3}), x));
  EXPECT_TRUE(independent(nn::Squeeze({.dims = {1}}), x));
  EXPECT_FALSE(independent(nn::Squeeze{}, x));  // what one row has is a dimension of size 1
  EXPECT_FALSE(independent(nn::Squeeze({.dims = {0}}), x));
  EXPECT_TRUE(independent(nn::Unsqueeze({.dim = 1}), x));
  EXPECT_FALSE(independent(nn::Unsqueeze({.dim = 0}), x));
  EXPECT_TRUE(independent(nn::Expand({.sizes = {-1, 3, -1}}), x));
  EXPECT_FALSE(independent(nn::Expand({.sizes = {4, 3, 2}}), x));
  const nn::Module rows = nn::Expand({.sizes = {1, 5}, .rows_of_input = true});
  const auto expands = [&](const Shape& shape, bool batched) {
    const TensorSpec in[] = {{shape, DType::float32}, {{4, 3}, DType::float32}};
    const bool both[] = {batched, true};
    return rows.rows_independent(in, both);
  };
  EXPECT_TRUE(expands({1, 5}, false));
  EXPECT_TRUE(expands({5}, false));
  EXPECT_TRUE(expands({4, 5}, true));
  EXPECT_FALSE(expands({4, 5}, false));
}

TEST(Moves, RefuseWhatPyTorchRefusesInItsWords) {
  const Tensor x({2, 3, 4});
  const auto refusal = [&](const nn::Module& layer) {
    return error_of([&] { nn::apply(layer, {x}); });
  };
  EXPECT_EQ(
      refusal(nn::Permute({.dims = {0, 1}})),
      "permute(sparse_coo): number of dimensions in the tensor input does not match the length "
      "of the desired ordering of dimensions i.e. input.dim() = 3 is not equal to len(dims) = 2");
  EXPECT_EQ(refusal(nn::Permute({.dims = {0, 1, -2}})),
            "permute(): duplicate dims are not allowed.");
  EXPECT_EQ(refusal(nn::Transpose({.dim0 = 0, .dim1 = 5})),
            "Dimension out of range (expected to be in range of [-3, 2], but got 5)");
  EXPECT_EQ(refusal(nn::Slice({.dim = 1, .step = 0})), "slice step must be positive");
  EXPECT_EQ(refusal(nn::Select({.dim = 1, .index = 3})),
            "select(): index 3 out of range for tensor of size [2, 3, 4] at dimension 1");
  EXPECT_EQ(refusal(nn::Expand({.sizes = {3, 3, 4}})),
            "The expanded size of the tensor (3) must match the existing size (2) at non-singleton "
            "dimension 0.  Target sizes: [3, 3, 4].  Tensor sizes: [2, 3, 4]");
  EXPECT_EQ(refusal(nn::Expand({.sizes = {3, 4}})),
            "expand(torch.FloatTensor{[2, 3, 4]}, size=[3, 4]): the number of sizes provided (2) "
            "must be greater or equal to the number of dimensions in the tensor (3)");
  EXPECT_EQ(refusal(nn::Expand({.sizes = {-1, 2, 3, 4}})),
            "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing "
            "dimension 0");
  EXPECT_EQ(refusal(nn::Squeeze({.dims = {0, -3}})),
            "dim 0 appears multiple times in the list of dims");
  const auto split = [&](const nn::Split& layer) {
    const TensorSpec in[] = {x.spec()};
    return error_of([&] { layer.outputs(in); });
  };
  EXPECT_EQ(split(nn::Split({.sizes = {1, 1}, .dim = 1})),
            "split_with_sizes expects split_sizes to sum exactly to 3 (input tensor's size at "
            "dimension 1), but got split_sizes=[1, 1]");
  EXPECT_EQ(split(nn::Split({.sizes = {1, -1, 3}, .dim = 1})),
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            "split_sizes=[1, -1, 3]");
  EXPECT_EQ(split(nn::Split({.sizes = {INT64_MAX, INT64_MAX, 5}, .dim = 1})),
            "split_with_sizes expects split_sizes to sum exactly to 3 (input tensor's size at "
            "dimension 1), but got split_sizes=[9223372036854775807, 9223372036854775807, 5]");
}

TEST(Moves, PrintTheirArguments) {
  EXPECT_EQ(nn::Permute({.dims = {0, 2, 1}}).extra_repr(), "0, 2, 1");
  EXPECT_EQ(nn::Transpose({.dim0 = 1, .dim1 = 2}).extra_repr(), "1, 2");
  EXPECT_EQ(nn::Slice({.dim = 1, .start = 1, .end = 7, .step = 2}).extra_repr(), "dim=1, 1:7:2");
  EXPECT_EQ(nn::Slice({.dim = 1, .start = -2}).extra_repr(), "dim=1, -2:");
  EXPECT_EQ(nn::Select({.dim = 1, .index = 0}).extra_repr(), "dim=1, index=0");
  EXPECT_EQ(nn::Split({.sizes = {3, 1}, .dim = 1}).extra_repr(), "3, 1, dim=1");
  EXPECT_EQ(nn::Split({.chunks = 3, .dim = 1}).extra_repr(), "chunks=3, dim=1");
  EXPECT_EQ(nn::Expand({.sizes = {-1, 4}}).extra_repr(), "-1, 4");
}

}  // namespace
