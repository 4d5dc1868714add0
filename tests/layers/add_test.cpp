#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/add.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::Add;
using nn::Shape;
using nn::Tensor;
using nn::TensorSpec;

TEST(Add, AgreesWithPyTorchForEveryWayOfRepeating) {
  for (const std::string& name : golden_cases("broadcast.pt")) {
    if (name.starts_with("cat")) continue;
    SCOPED_TRACE(name);
    const Tensor a = golden("broadcast.pt", name + ".a");
    const Tensor b = golden("broadcast.pt", name + ".b");
    const Tensor expected = golden("broadcast.pt", name + ".add");
    const Tensor y = nn::apply(Add{}, {a, b});
    EXPECT_EQ(y.shape(), expected.shape());
    EXPECT_TRUE(compare::same_bits(y.f32(), expected.f32()));
    EXPECT_TRUE(compare::same_bits(nn::apply(Add({.alpha = 0.75}), {a, b}).f32(),
                                   golden("broadcast.pt", name + ".add_alpha").f32()));
  }
}

TEST(Add, WorksInPlaceOfAnInputThatIsNotRepeated) {
  const Tensor a = random_tensor({4, 3, 5}, 1);
  const Tensor b = random_tensor({3, 1}, 2);
  Tensor y = a;
  const nn::ConstTensorView inputs[] = {y, b};
  const nn::TensorView outputs[] = {y};
  nn::Context context;
  Add{}.forward(inputs, outputs, context);
  EXPECT_TRUE(compare::same_bits(y.f32(), nn::apply(Add{}, {a, b}).f32()));
}

TEST(Add, KeepsRowsWhereOneInputHasNone) {
  const auto independent = [](const Shape& a, const Shape& b, bool a_batched, bool b_batched) {
    const TensorSpec in[] = {{a, nn::DType::float32}, {b, nn::DType::float32}};
    const bool batched[] = {a_batched, b_batched};
    return Add{}.rows_independent(in, batched);
  };
  EXPECT_TRUE(independent({4, 3}, {4, 3}, true, true));
  EXPECT_TRUE(independent({4, 3}, {3}, true, false));
  EXPECT_TRUE(independent({3, 1}, {4, 3, 5}, false, true));
  EXPECT_TRUE(independent({4, 3}, {1, 3}, true, false));
  EXPECT_FALSE(independent({4, 3}, {4, 3}, true, false));  // other rows for each row
  EXPECT_FALSE(independent({1, 3}, {4, 3}, true, false));
  EXPECT_FALSE(independent({3}, {4, 3}, true, true));  // its rows are columns here
  EXPECT_FALSE(independent({}, {}, true, true));
}

TEST(Add, RefusesShapesThatDoNotMatch) {
  EXPECT_EQ(error_of([] {
              nn::apply(Add{}, {Tensor({2, 3}), Tensor({2, 4})});
            }),
            "The size of tensor a (3) must match the size of tensor b (4) at non-singleton "
            "dimension 1");
  EXPECT_EQ(error_of([] {
              nn::apply(Add{}, {Tensor({0, 3}), Tensor({2, 3})});
            }),
            "The size of tensor a (0) must match the size of tensor b (2) at non-singleton "
            "dimension 0");
  EXPECT_EQ(error_of([] { nn::apply(Add{}, Tensor(Shape{2})); }), "expected 2 inputs, got 1");
  EXPECT_EQ(error_of([] {
              nn::apply(Add{}, {Tensor(Shape{2}), Tensor({2}, nn::DType::int64)});
            }),
            "expected inputs of float32, got int64");
}

TEST(Add, SaysWhatItIs) {
  EXPECT_EQ(Add{}.extra_repr(), "");
  EXPECT_EQ(Add({.alpha = 2}).extra_repr(), "alpha=2");
}

}  // namespace
