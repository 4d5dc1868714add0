#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../compare.h"
#include "../random.h"

namespace {

using nn::Conv2d;
using nn::Graph;
using nn::Value;

Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
            std::int64_t groups) {
  Conv2d result({.in_channels = in,
                 .out_channels = out,
                 .kernel_size = kernel,
                 .stride = stride,
                 .padding = kernel / 2,
                 .groups = groups});
  result.weight = random_tensor(result.weight.shape(), static_cast<std::uint32_t>(in + out));
  result.bias = random_tensor({out}, 7);
  return result;
}

// Expansion, depthwise and projection, as MobileNetV2's blocks.
Value block(Graph& graph, const std::string& name, Value x, std::int64_t in, std::int64_t out,
            std::int64_t stride) {
  const Value expanded = graph.add(name + ".expand", conv(in, 4 * in, 1, 1, 1), {x});
  const Value bounded = graph.add(name + ".relu6", nn::ReLU6(), {expanded});
  const Value filtered =
      graph.add(name + ".depthwise", conv(4 * in, 4 * in, 3, stride, 4 * in), {bounded});
  const Value curved = graph.add(name + ".hardswish", nn::Hardswish(), {filtered});
  return graph.add(name + ".project", conv(4 * in, out, 1, 1, 1), {curved});
}

Graph mobile_net() {
  Graph graph;
  const Value x = graph.input();
  const Value stem = graph.add("stem", conv(3, 8, 3, 2, 1), {x});
  const Value first = block(graph, "first", stem, 8, 12, 2);
  const Value second = block(graph, "second", first, 12, 12, 1);
  const Value sum = graph.add("sum", nn::Add(), {first, second});
  // Squeeze and excitation.
  const Value mean = graph.add("mean", nn::AdaptiveAvgPool2d({.output_size = 1}), {sum});
  const Value gate = graph.add("gate", conv(12, 12, 1, 1, 1), {mean});
  const Value scaled =
      graph.add("scale", nn::Mul(), {sum, graph.add("sigmoid", nn::Sigmoid(), {gate})});
  const Value pooled = graph.add("pool", nn::AdaptiveAvgPool2d({.output_size = 1}), {scaled});
  graph.output(graph.add("flatten", nn::Flatten(), {pooled}));
  graph.output(scaled, "features");
  return graph;
}

std::size_t count(const Graph& graph, std::string_view kind) {
  return static_cast<std::size_t>(std::ranges::count_if(
      graph.nodes(), [&](const nn::Node& node) { return node.layer.kind() == kind; }));
}

std::vector<nn::Tensor> run(nn::Session& session, const nn::Tensor& x) {
  const auto specs = nn::infer(session.graph(), std::vector<nn::TensorSpec>{x.spec()});
  std::vector<nn::Tensor> y;
  std::vector<nn::TensorView> views;
  for (const Graph::Port& output : session.graph().outputs()) {
    y.emplace_back(specs[static_cast<std::size_t>(output.value.id)].shape);
  }
  for (nn::Tensor& tensor : y) views.push_back(tensor.view());
  const std::vector<nn::ConstTensorView> inputs{x};
  session.run(inputs, views);
  return y;
}

// The largest |Δ| / (1 + |y|).
double difference(const nn::Tensor& got, const nn::Tensor& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < expected.f32().size(); ++i) {
    const double y = expected.f32()[i];
    largest = std::max(largest, std::fabs(got.f32()[i] - y) / (1 + std::fabs(y)));
  }
  return largest;
}

TEST(ChannelsLast, AMobileNetGivesTheSameOnOneThreadAndOnTwo) {
  const Graph graph = mobile_net();
  const nn::Tensor x = random_tensor({3, 3, 64, 80}, 1);
  nn::Session plain(graph, x.shape(), {.passes = {}, .threads = 1});
  const std::vector<nn::Tensor> expected = run(plain, x);
  for (const int threads : {1, 2}) {
    nn::Session session(graph, x.shape(), {.threads = threads});
    const std::vector<nn::Tensor> y = run(session, x);
    for (std::size_t i = 0; i < y.size(); ++i) {
      // Sums of up to 48 products, in another order.
      EXPECT_LT(difference(y[i], expected[i]), 1e-5) << i;
    }
  }
}

TEST(ChannelsLast, TurnsOnlyTheImagesThatLeaveTheRegion) {
  nn::Session session(mobile_net(), {1, 3, 64, 64});
  const Graph& graph = session.graph();
  EXPECT_NE(graph.find("stem")->as<nn::StemConv2d>(), nullptr);
  EXPECT_NE(graph.find("first.depthwise")->as<nn::ChannelsLastConv2d>(), nullptr);
  EXPECT_NE(graph.find("gate")->as<nn::ChannelsLastConv2d>(), nullptr);
  EXPECT_EQ(count(graph, "Permute"), 2U);  // the two outputs
}

TEST(ChannelsLast, AnImagesBitsDoNotDependOnItsBatch) {
  const nn::Tensor x = random_tensor({5, 3, 64, 64}, 1);
  nn::Session session(mobile_net(), x.shape(), {.threads = 1});
  const std::vector<nn::Tensor> all = run(session, x);
  nn::Tensor last({1, 3, 64, 64});
  std::ranges::copy(x.f32().last(3 * 64 * 64), last.f32().begin());
  nn::Session one(mobile_net(), last.shape(), {.threads = 1});
  EXPECT_TRUE(compare::same_bits(run(one, last)[0].f32(), all[0].f32().last(12)));
}

TEST(ChannelsLast, LeavesNetsWithoutDepthwiseConvolutionsAndShortRegions) {
  const Graph pointwise{{"a", conv(16, 32, 1, 1, 1)}, {"b", conv(32, 16, 1, 1, 1)}};
  nn::Session first(pointwise, {1, 16, 32, 32});
  EXPECT_EQ(count(first.graph(), "Permute"), 0U);
  const Graph alone{{"depthwise", conv(16, 16, 3, 1, 16)}};
  nn::Session second(alone, {1, 16, 32, 32});
  EXPECT_EQ(count(second.graph(), "Permute"), 0U);
}

TEST(ChannelsLast, LeavesWeightsThatAreNotFinite) {
  // What they make of the padding is NaN, which the kernel would leave out.
  Graph graph;
  Value x = graph.input();
  for (const std::string name : {"a", "b", "c"}) {
    Conv2d depthwise = conv(16, 16, 3, 1, 16);
    nn::Tensor infinite({16, 1, 3, 3});
    std::ranges::fill(infinite.f32(), INFINITY);
    depthwise.weight = std::move(infinite);
    x = graph.add(name, depthwise, {x});
  }
  graph.output(x);
  nn::Session session(graph, {1, 16, 32, 32});
  EXPECT_EQ(count(session.graph(), "Permute"), 0U);
}

}  // namespace
