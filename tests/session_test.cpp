#include <array>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toy_layers.h"

namespace {

using nn::Graph;
using nn::Session;
using nn::Shape;
using nn::Tensor;
using nn::Value;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::StrEq;
using testing::ThrowsMessage;
using toy::affine;
using toy::integers;

// z = clip(fc(a)) + b, then fc2(z) + z: two inputs, two residual sums, a user's layer in the
// middle.
Graph residual() {
  Graph net;
  const Value a = net.input("a");
  const Value b = net.input("b");
  const Value hidden = net.add("clip", toy::Clip{}, {net.add("fc", affine(3, 4), {a})});
  const Value z = net.add("join", toy::Sum{}, {hidden, b});
  net.output(net.add("residual", toy::Sum{}, {net.add("fc2", affine(4, 4, 5), {z}), z}), "y");
  return net;
}

// The same, layer by layer.
Tensor residual_by_hand(const Graph& net, const Tensor& a, const Tensor& b) {
  const auto layer = [&](std::string_view name) { return net.find(name)->layer; };
  const Tensor z =
      nn::apply(layer("join"), {nn::apply(layer("clip"), nn::apply(layer("fc"), a)), b});
  return nn::apply(layer("residual"), {nn::apply(layer("fc2"), z), z});
}

std::vector<float> values(const Tensor& tensor) {
  return {tensor.f32().begin(), tensor.f32().end()};
}

Graph skips_clip(const Graph& graph, std::span<const nn::TensorSpec>) {
  Graph copy = graph;
  for (std::size_t i = 0; i < copy.nodes().size(); ++i) {
    if (copy.nodes()[i].as<toy::Clip>()) copy.bypass(i);
  }
  return copy;
}

TEST(Session, RunsAResidualDagWithTwoInputsAndAUsersLayer) {
  const Graph net = residual();
  const std::array specs{nn::TensorSpec{{5, 3}}, nn::TensorSpec{{5, 4}}};
  Session session(net, specs);
  const Tensor a = integers({5, 3});
  const Tensor b = integers({5, 4}, 2);
  const std::array<nn::ConstTensorView, 2> inputs{a, b};
  EXPECT_EQ(values(session(inputs)[0]), values(residual_by_hand(net, a, b)));
  EXPECT_TRUE(session.row_wise());
}

TEST(Session, PassesChangeTheSessionsGraphAndNotTheUsers) {
  const Graph net = residual();
  const std::string before = to_text(net);
  const std::array passes{nn::Pass{"skips_clip", skips_clip}};
  const std::array specs{nn::TensorSpec{{1, 3}}, nn::TensorSpec{{1, 4}}};
  const Session session(net, specs, {.passes = passes});
  EXPECT_EQ(to_text(net), before);
  EXPECT_NE(net.find("clip"), nullptr);
  EXPECT_EQ(session.graph().find("clip"), nullptr);
  EXPECT_EQ(session.graph().nodes().size(), net.nodes().size() - 1);
}

TEST(Graph, CopiesShareTheirWeights) {
  const Graph net = residual();
  const Graph copy = net;
  const std::array specs{nn::TensorSpec{{1, 3}}, nn::TensorSpec{{1, 4}}};
  const Session session(copy, specs);
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    const float* address = net.parameters()[i].parameter.f32().data();
    EXPECT_EQ(copy.parameters()[i].parameter.f32().data(), address);
    EXPECT_EQ(session.graph().parameters()[i].parameter.f32().data(), address);
  }
}

TEST(Session, OneSessionRunsEveryBatchWithEqualRows) {
  const Graph net{{"fc1", affine(6, 9)}, {"clip", toy::Clip{}}, {"fc2", affine(9, 5)}};
  Session session(net, {1, 6}, {.block_bytes = 1024});
  EXPECT_GT(session.block_rows(), 1);
  EXPECT_LT(session.block_rows(), 300);
  const Tensor x = integers({300, 6});
  const std::size_t arena = session.arena_bytes();
  const Tensor all = session(x);
  EXPECT_EQ(all.shape(), Shape({300, 5}));
  for (std::int64_t row = 0; row < 300; ++row) {
    const Tensor one = session(x.view().rows(row, 1));
    EXPECT_THAT(one.f32(), ElementsAreArray(all.view().rows(row, 1).f32())) << row;
  }
  EXPECT_EQ(session(x.view().rows(0, 0)).shape(), Shape({0, 5}));
  EXPECT_EQ(session.arena_bytes(), arena);
}

TEST(Session, AGraphThatLooksAlongDim0RunsWholeAtEveryBatch) {
  const Graph net{{"fc", affine(3, 4)}, {"column", toy::BelowColumnMax{}}};
  Session session(net, {1, 3}, {.block_rows = 2});
  EXPECT_FALSE(session.row_wise());
  for (std::int64_t batch = 1; batch <= 300; ++batch) {
    const Tensor x = integers({batch, 3}, static_cast<int>(batch));
    session.prepare({batch, 3});
    const Tensor expected = nn::apply(toy::BelowColumnMax{}, nn::apply(affine(3, 4), x));
    ASSERT_EQ(values(session(x)), values(expected)) << batch;
  }
  EXPECT_THAT(
      [&] {
        session(integers({7, 3}));
      },
      ThrowsMessage<nn::Error>(
          StrEq("input 'input': expected float32 [300, 3], got float32 [7, 3]: prepare the session "
                "for another shape before running it")));
}

TEST(Session, ProfilesEachNodeOverAllBlocksToTheSameBits) {
  const Graph net{{"fc1", affine(6, 9)}, {"clip", toy::Clip{}}, {"fc2", affine(9, 5)}};
  Session session(net, {1, 6}, {.block_rows = 2});
  const Tensor x = integers({7, 6});
  const std::array<nn::ConstTensorView, 1> inputs{x};
  Tensor y({7, 5});
  const std::array<nn::TensorView, 1> outputs{y};
  std::array<double, 3> seconds{100, 0, 0};
  session.profile(inputs, outputs, seconds);
  EXPECT_EQ(values(y), values(session(x)));
  EXPECT_GT(seconds[0], 100);  // added
  EXPECT_LT(seconds[0], 200);
  EXPECT_GT(seconds[1], 0);
  EXPECT_GT(seconds[2], 0);
}

TEST(Session, ProfilesAGraphThatRunsWhole) {
  Session session(Graph{{"column", toy::BelowColumnMax{}}}, {4, 3});
  const Tensor x = integers({4, 3});
  const std::array<nn::ConstTensorView, 1> inputs{x};
  Tensor y({4, 3});
  const std::array<nn::TensorView, 1> outputs{y};
  std::array<double, 1> seconds{};
  session.profile(inputs, outputs, seconds);
  EXPECT_EQ(values(y), values(session(x)));
  EXPECT_GT(seconds[0], 0);
}

TEST(Session, AProfileIsRefusedWhereARunIsAndWithoutRoomForEachNode) {
  Session session(Graph{{"fc", affine(3, 4)}, {"clip", toy::Clip{}}}, {1, 3});
  const Tensor x = integers({2, 3});
  const std::array<nn::ConstTensorView, 1> inputs{x};
  Tensor y({2, 4});
  const std::array<nn::TensorView, 1> outputs{y};
  std::array<double, 3> seconds{};
  EXPECT_THAT([&] { session.profile(inputs, outputs, seconds); },
              ThrowsMessage<nn::Error>(StrEq("expected seconds of 2 nodes, got 3")));
  EXPECT_THAT([&] { session.profile(inputs, {}, std::span(seconds).first(2)); },
              ThrowsMessage<nn::Error>(StrEq("expected 1 outputs, got 0")));
}

TEST(Session, TheArenaOnlyGrows) {
  const Graph net{
      {"clip1", toy::Clip{}}, {"double", toy::BelowColumnMax{}}, {"clip2", toy::Clip{}}};
  Session session(net, {28, 28});
  const std::size_t small = session.arena_bytes();
  session.prepare({64, 64});
  const std::size_t large = session.arena_bytes();
  EXPECT_GT(large, small);
  const Tensor x = integers({28, 28});
  session.prepare({28, 28});
  EXPECT_EQ(session.arena_bytes(), large);
  EXPECT_EQ(
      values(session(x)),
      values(nn::apply(toy::Clip{}, nn::apply(toy::BelowColumnMax{}, nn::apply(toy::Clip{}, x)))));
}

TEST(Session, SharesMemoryBetweenValuesThatNeverLiveAtOnce) {
  Graph chain{{"a", toy::RefusesNegative{}},
              {"b", toy::RefusesNegative{}},
              {"c", toy::RefusesNegative{}},
              {"d", toy::RefusesNegative{}},
              {"e", toy::RefusesNegative{}}};
  const Session session(chain, {1, 64}, {.block_rows = 1});
  EXPECT_EQ(session.arena_bytes(), 2 * 64 * sizeof(float));
}

TEST(Session, ValuesUnderOtherShapesStandWhereTheFirstDoesWhoeverReadsIt) {
  Graph net;
  const Value a = net.add("a", nn::Tanh{}, {net.input()});
  const Value b = net.add("b", nn::Reshape({.shape = {-1, 8, 8}}), {a});
  const Value c = net.add("c", nn::Reshape({.shape = {-1, 64, 1}}), {a});
  for (const Value value : {b, c, a}) {
    const std::string name = nn::concat("sum", value.id);
    net.output(net.add(name, nn::Reduce({.dims = {1}}), {value}), name);
  }
  const Session session(net, {1, 64}, {.passes = {}, .block_rows = 1});
  EXPECT_EQ(session.arena_bytes(), 64 * sizeof(float));
}

TEST(Session, NothingIsWrittenOverAValueThatIsReadUnderAnotherShape) {
  Graph net;
  const Value a = net.add("a", nn::Tanh{}, {net.input()});
  const Value flat = net.add("flat", nn::Flatten{}, {a});
  const Value relu = net.add("relu", nn::ReLU{}, {a});  // in the place of a, were it not for flat
  const Value there = net.add("there", nn::Flatten{}, {relu});
  net.output(net.add("sum", nn::Add{}, {there, flat}));
  Session session(net, {1, 2, 2}, {.passes = {}});
  const Tensor x = nn::tensor({-1, 0, 1, -2}), expected = nn::apply(nn::Tanh{}, x);
  const Tensor y = session(nn::ConstTensorView(x.data(), Shape{1, 2, 2}, nn::DType::float32));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(y.f32()[i], expected.f32()[i] + std::max(expected.f32()[i], 0.0F));
  }
}

TEST(Session, RunsAUsersLayerWithWeightsScratchAndTwoOutputs) {
  toy::WeightedSumAndMax layer(3);
  layer.weight = nn::tensor({1, 2, 3});
  Graph net;
  const Value x = net.input("x");
  const std::vector<Value> both = net.add_all("stats", layer, {{x}});
  net.output(both[0], "sum");
  net.output(both[1], "max");
  Session session(net, {1, 3});
  const Tensor input = nn::tensor({{1, 1, 1}, {4, 0, -1}});
  Tensor sum({2, 1});
  Tensor max({2, 1});
  const std::array<nn::ConstTensorView, 1> inputs{input};
  const std::array<nn::TensorView, 2> outputs{sum, max};
  session.run(inputs, outputs);
  EXPECT_THAT(sum.f32(), testing::ElementsAre(6, 1));
  EXPECT_THAT(max.f32(), testing::ElementsAre(3, 4));
}

TEST(Session, IsUsableAfterARunThatThrew) {
  const Graph net{{"fc", affine(2, 2)}, {"check", toy::RefusesNegative{}}};
  Session session(net, {1, 2});
  Graph plain{{"fc", affine(2, 2)}};
  Session reference(plain, {1, 2});
  const Tensor good = [&] {  // an input whose first output is not negative
    for (int seed = 1;; ++seed) {
      Tensor x = integers({1, 2}, seed);
      if (reference(x).f32()[0] >= 0) return x;
    }
  }();
  const Tensor bad = [&] {
    for (int seed = 1;; ++seed) {
      Tensor x = integers({1, 2}, seed);
      if (reference(x).f32()[0] < 0) return x;
    }
  }();
  const std::vector<float> expected = values(session(good));
  EXPECT_THAT(
      [&] {
        session(integers({1, 3}));
      },
      ThrowsMessage<nn::Error>(
          StrEq("input 'input': expected float32 [N, 2], got float32 [1, 3]")));
  EXPECT_EQ(values(session(good)), expected);
  EXPECT_THAT([&] { session(bad); },
              ThrowsMessage<nn::Error>(
                  StrEq("layer 'check' (RefusesNegative): index out of range in self")));
  EXPECT_EQ(values(session(good)), expected);
  EXPECT_THROW(session.prepare({1, 3}), nn::Error);
  EXPECT_EQ(values(session(good)), expected);
}

TEST(Session, RefusesMemoryThatDoesNotFit) {
  Session session(Graph{{"fc", affine(2, 2)}}, {1, 2});
  Tensor x = integers({4, 2});
  Tensor short_output({3, 2});
  EXPECT_THAT([&] { session.run(x, short_output); },
              ThrowsMessage<nn::Error>(
                  StrEq("output 'output': expected float32 [4, 2], got float32 [3, 2]")));
  EXPECT_THAT([&] { session.run(x, x); },
              ThrowsMessage<nn::Error>(StrEq("output 'output': overlaps an input")));
  EXPECT_THAT(
      [&] {
        session.run(nn::ConstTensorView(nullptr, {4, 2}), x);
      },
      ThrowsMessage<nn::Error>(StrEq("input 'input': expected memory, got null")));
  EXPECT_THAT(
      [&] {
        session.run(Tensor({4, 2}, nn::DType::int64), x);
      },
      ThrowsMessage<nn::Error>(HasSubstr("expected float32 [N, 2], got int64 [4, 2]")));
}

TEST(Session, NamesEveryParameterWithoutAValue) {
  EXPECT_THAT(
      [] {
        Session(Graph{{"fc", toy::Affine(2, 2)}}, {1, 2});
      },
      ThrowsMessage<nn::Error>(
          StrEq("these parameters have no values: layer 'fc' (Affine): weight, "
                "bias: load a state dict first")));
}

TEST(Session, NamesTheLayerThatCannotTakeItsInput) {
  EXPECT_THAT(
      [] {
        Session(Graph{{"fc", affine(2, 3)}, {"fc2", affine(4, 1)}}, {1, 2});
      },
      ThrowsMessage<nn::Error>(StrEq("layer 'fc2' (Affine): expected input [*, 4], got [1, 3]")));
}

TEST(Session, PassesAnInputThroughAndGivesAValueTwice) {
  Graph net;
  const Value x = net.input("x");
  const Value y = net.add("clip", toy::Clip{}, {x});
  net.output(x, "same");
  net.output(y, "once");
  net.output(y, "twice");
  Session session(net, {1, 2}, {.block_rows = 1});
  const Tensor input = nn::tensor({{-1, 2}, {3, -4}});
  const std::array<nn::ConstTensorView, 1> inputs{input};
  const std::vector<Tensor> results = session(inputs);
  EXPECT_EQ(values(results[0]), (std::vector<float>{-1, 2, 3, -4}));
  EXPECT_EQ(values(results[1]), (std::vector<float>{0, 2, 3, 0}));
  EXPECT_EQ(values(results[2]), values(results[1]));
}

// Says where it found its input.
struct Witness {
  const void** seen;
  std::string_view kind() const { return "Witness"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(nn::ConstTensorView x, nn::TensorView y) const {
    if (*seen == nullptr) *seen = x.data();
    std::memcpy(y.data(), x.data(), x.nbytes());
  }
  bool rows_independent(const Shape&) const { return true; }
};

TEST(Session, ReadsAnInputUnderAnotherShapeWhereItStands) {
  const void* seen = nullptr;
  Graph net;
  const Value flat = net.add("flatten", nn::Flatten{}, {net.input("x")});
  const Value again = net.add("reshape", nn::Reshape({.shape = {-1, 3, 2}}), {flat});
  net.output(net.add("witness", Witness{&seen}, {again}), "y");
  net.output(flat, "flat");
  Session session(net, {2, 2, 3}, {.block_rows = 2});
  const Tensor input = integers({5, 2, 3});
  const std::array<nn::ConstTensorView, 1> inputs{input};
  const std::vector<Tensor> results = session(inputs);
  EXPECT_EQ(results[0].shape(), Shape({5, 3, 2}));
  EXPECT_EQ(results[1].shape(), Shape({5, 6}));
  EXPECT_EQ(values(results[0]), values(input));
  EXPECT_EQ(values(results[1]), values(input));

  seen = nullptr;
  Graph view;
  view.output(
      view.add("witness", Witness{&seen}, {view.add("flatten", nn::Flatten{}, {view.input("x")})}),
      "y");
  EXPECT_EQ(values(Session(view, {5, 2, 3})(input)), values(input));
  EXPECT_EQ(seen, input.data());
}

TEST(Session, AnInputWithoutTheBatchIsTheSameForAllRows) {
  // b is [4], the rows of a are [4]: toy::Sum refuses unequal shapes, so only a equal-shape graph
  // joins them.
  Graph net;
  const Value a = net.input("a");
  const Value b = net.input("b");
  net.output(net.add("clip_a", toy::Clip{}, {a}), "a");
  net.output(net.add("clip_b", toy::Clip{}, {b}), "b");
  const std::array specs{nn::TensorSpec{{7, 4}}, nn::TensorSpec{{4}}};
  Session session(net, specs, {.block_rows = 3});
  const Tensor rows = integers({8, 4});
  const Tensor other = integers({4});
  const std::array<nn::ConstTensorView, 2> inputs{rows, other};
  const std::vector<Tensor> results = session(inputs);
  EXPECT_EQ(values(results[0]), values(nn::apply(toy::Clip{}, rows)));
  EXPECT_EQ(values(results[1]), values(nn::apply(toy::Clip{}, other)));
}

TEST(Session, MayBeMoved) {
  Session session(Graph{{"fc", affine(2, 2)}}, {1, 2});
  const Tensor x = integers({3, 2});
  const std::vector<float> expected = values(session(x));
  Session moved = std::move(session);
  EXPECT_EQ(values(moved(x)), expected);
}

TEST(Session, SharesWorkOnlyWhereItIsWorthIt) {
  const nn::SessionOptions two{.threads = 2};
  const Graph small{{"fc", affine(3, 4)}};
  EXPECT_EQ(Session(small, {1, 3}, two).threads(), 1);  // 12 products a row
  const Graph large{{"fc", affine(300, 400)}};
  EXPECT_EQ(Session(large, {1, 300}, two).threads(), 2);
  const Graph dependent{{"fc", affine(300, 400)}, {"softmax", nn::Softmax({.dim = 0})}};
  EXPECT_EQ(Session(dependent, {5, 300}, two).threads(), 2);  // within its layers
  EXPECT_THAT(
      [&] {
        Session(large, {1, 300}, {.threads = -1});
      },
      ThrowsMessage<nn::Error>(StrEq("SessionOptions: threads must be 0 or more, got -1")));
}

TEST(Session, ThrowsWhatALayerThrowsInAnotherThreadAndStaysUsable) {
  const Graph net{{"picky", toy::RefusesNegative{}}, {"clip", toy::Clip{}}};
  Session session(net, {1, 300 * 400}, {.threads = 2});
  ASSERT_EQ(session.threads(), 2);
  Tensor rows({9, 300 * 400});
  const Tensor expected = session(rows);
  rows.f32()[8 * 300 * 400] = -2;
  EXPECT_THAT([&] { session(rows); },
              ThrowsMessage<nn::Error>(
                  StrEq("layer 'picky' (RefusesNegative): index out of range in self")));
  rows.f32()[8 * 300 * 400] = 0;
  EXPECT_EQ(values(session(rows)), values(expected));
}

}  // namespace
