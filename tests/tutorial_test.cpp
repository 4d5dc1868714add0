// A well-known tutorial on PyTorch's softmax, followed from top to bottom: every figure it prints
// must come out here, and print the same.

#include <cmath>
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>
#include <string>
#include <vector>

#include <models/mnist_convnet.h>
#include <nn/nn.h>

#include "compare.h"
#include "random.h"

namespace {

namespace F = nn::functional;
using nn::LogSoftmax;
using nn::Shape;
using nn::Softmax;
using nn::Tensor;

// Comparable with what a user sees.
std::string printed(const Tensor& x) { return to_text(x.view()); }

Tensor one_to_four() { return nn::tensor({1, 2, 3, 4}); }
Tensor two_by_four() { return nn::tensor({{1, 2, 3, 4}, {5, 6, 7, 8}}); }

constexpr auto share_of_each = "tensor([0.0321, 0.0871, 0.2369, 0.6439])";
constexpr auto along_rows =
    "tensor([[0.0321, 0.0871, 0.2369, 0.6439],\n"
    "        [0.0321, 0.0871, 0.2369, 0.6439]])";
constexpr auto along_columns =
    "tensor([[0.0180, 0.0180, 0.0180, 0.0180],\n"
    "        [0.9820, 0.9820, 0.9820, 0.9820]])";

TEST(Tutorial, Row1SoftmaxOfAVector) {
  EXPECT_EQ(printed(nn::apply(Softmax({.dim = 0}), one_to_four())), share_of_each);
}

TEST(Tutorial, Row2SoftmaxAlongTheRowsOfAMatrix) {
  EXPECT_EQ(printed(nn::apply(Softmax({.dim = 1}), two_by_four())), along_rows);
}

TEST(Tutorial, Row3SoftmaxAlongTheColumnsOfAMatrix) {
  EXPECT_EQ(printed(nn::apply(Softmax({.dim = 0}), two_by_four())), along_columns);
}

TEST(Tutorial, Row4SoftmaxWithoutADimension) {
  EXPECT_EQ(printed(F::softmax(one_to_four())), share_of_each);
  for (const std::size_t rank : {0U, 1U, 3U}) EXPECT_EQ(nn::implicit_softmax_dim(rank), 0);
  for (const std::size_t rank : {2U, 4U, 5U}) EXPECT_EQ(nn::implicit_softmax_dim(rank), 1);
}

TEST(Tutorial, Row5TheFunctionAlongEitherDimension) {
  EXPECT_EQ(printed(F::softmax(two_by_four(), /*dim=*/0)), along_columns);
  EXPECT_EQ(printed(F::softmax(two_by_four(), /*dim=*/1)), along_rows);
}

TEST(Tutorial, Row6TheArgumentDtypeComputesInDouble) {
  const Tensor y = F::softmax(one_to_four(), /*dim=*/0, nn::DType::float64);
  EXPECT_EQ(printed(y), "tensor([0.0321, 0.0871, 0.2369, 0.6439], dtype=torch.float64)");
  // e / (1 + e + e² + e³), to the last digits of a double.
  const double e = std::exp(1.0);
  EXPECT_NEAR(y.as<double>()[1], e / (1 + e + e * e + e * e * e), 1e-16);
}

TEST(Tutorial, Row7TheWorkedExample) {
  const float logits[] = {-3, 1.5, 2.7F};
  std::vector<std::string> exponentials;
  for (const float logit : logits) {
    char text[16];
    std::snprintf(text, sizeof text, "%.2f", std::exp(double{logit}));
    exponentials.emplace_back(text);
  }
  EXPECT_THAT(exponentials, testing::ElementsAre("0.05", "4.48", "14.88"));
  // The tutorial rounds before it divides and prints 0.2308.
  EXPECT_EQ(printed(F::softmax(nn::tensor({-3, 1.5, 2.7F}), 0)),
            "tensor([0.0026, 0.2309, 0.7666])");
}

TEST(Tutorial, Row8SoftmaxGeneralisesTheSigmoid) {
  for (float x = -20; x <= 20; x += 0.25F) {
    const Tensor of_two = F::softmax(nn::tensor({x, 0}), 0);
    EXPECT_LE(compare::ulps(of_two.f32()[0], F::sigmoid(nn::tensor({x})).item()), 2) << x;
  }
}

TEST(Tutorial, Row9OutputsAreNonNegativeAndSumToOne) {
  const Tensor x = random_tensor({3, 4, 5}, 1);
  for (const std::int64_t dim : {0, 1, 2}) {
    const Tensor y = F::softmax(x, dim);
    for (const float value : y.f32()) EXPECT_GE(value, 0);
    const auto at = static_cast<std::size_t>(dim);
    const std::int64_t inner = x.shape().numel(at + 1, 3);
    const std::int64_t size = x.shape()[at];
    for (std::int64_t i = 0; i < x.numel() / size; ++i) {
      const std::int64_t first = i / inner * inner * size + i % inner;
      double sum = 0;
      for (std::int64_t j = 0; j < size; ++j) {
        sum += double{y.f32()[static_cast<std::size_t>(first + j * inner)]};
      }
      EXPECT_NEAR(sum, 1, 1.2e-7);
    }
  }
}

TEST(Tutorial, Row10TheConvNet) {
  const nn::Graph net = models::mnist_convnet();
  EXPECT_EQ(net.parameter_count(), 431080);
  EXPECT_EQ(to_text(net),
            "(conv1): Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))\n"
            "(relu1): ReLU()\n"
            "(pool1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"
            "(conv2): Conv2d(20, 50, kernel_size=(5, 5), stride=(1, 1))\n"
            "(relu2): ReLU()\n"
            "(pool2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"
            "(flatten): Flatten(start_dim=1, end_dim=-1)\n"
            "(fc1): Linear(in_features=800, out_features=500, bias=True)\n"
            "(relu3): ReLU()\n"
            "(fc2): Linear(in_features=500, out_features=10, bias=True)\n"
            "(log_softmax): LogSoftmax(dim=1)\n");
  for (const std::int64_t batch : {1, 7}) {
    const auto specs = infer(net, std::vector<nn::TensorSpec>{{{batch, 1, 28, 28}}});
    EXPECT_EQ(specs.back().shape, Shape({batch, 10}));
  }
}

TEST(Tutorial, Row11ProbabilitiesOfLogitsAndOfLogProbabilitiesAreTheSame) {
  const Softmax softmax({.dim = 1});
  const Tensor logits = random_tensor({3, 10}, 2);
  const Tensor of_logits = nn::apply(softmax, logits);
  const Tensor of_logs = nn::apply(softmax, nn::apply(LogSoftmax({.dim = 1}), logits));
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_NEAR(of_logs.f32()[i], of_logits.f32()[i], 1e-7F);
  }
}

// Rows 12 to 15 by their shapes; the drawings of their graphs are another matter.
TEST(Tutorial, Row12Classification) {
  const Tensor y = F::softmax(random_tensor({1, 7}, 3), -1);
  EXPECT_EQ(y.shape(), (Shape{1, 7}));
  EXPECT_NEAR(std::accumulate(y.f32().begin(), y.f32().end(), 0.0), 1, 1.2e-7);
}

TEST(Tutorial, Rows13And14SegmentationAndAnchorFreeDetection) {
  const Tensor y = F::softmax(random_tensor({1, 3, 6, 6}, 4), 1);
  EXPECT_EQ(y.shape(), (Shape{1, 3, 6, 6}));
  for (std::size_t pixel = 0; pixel < 36; ++pixel) {
    EXPECT_NEAR(double{y.f32()[pixel]} + y.f32()[36 + pixel] + y.f32()[72 + pixel], 1, 1.2e-7);
  }
}

TEST(Tutorial, Row15AnchorBasedDetection) {
  const Tensor x = random_tensor({9, 4}, 5);
  const Tensor y = F::softmax(x, -1);
  for (std::int64_t anchor = 0; anchor < 9; ++anchor) {
    const Tensor alone = F::softmax(x.view().rows(anchor, 1).reshaped({4}), 0);
    EXPECT_TRUE(compare::same_bits(alone.f32(), y.view().rows(anchor, 1).f32()));
  }
}

TEST(Tutorial, Row16LogSoftmaxDoesNotOverflow) {
  EXPECT_EQ(printed(F::log_softmax(nn::tensor({1000, 0}), 0)), "tensor([    0., -1000.])");
  EXPECT_EQ(printed(F::log_softmax(one_to_four(), 0)),
            "tensor([-3.4402, -2.4402, -1.4402, -0.4402])");
}

}  // namespace
