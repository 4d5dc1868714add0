#include <cmath>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include <models/registry.h>

#include "../allocations.h"
#include "../golden.h"
#include "../sanitizers.h"
#include "formula.h"

namespace models {
// How a test of one network is listed.
static void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }
}  // namespace models

// Weights and inputs are those of formula.h.
namespace {

using nn::Tensor;

nn::Graph filled(const models::Model& model) {
  nn::Graph net = model.build();
  std::uint64_t seed = 0;
  for (auto& [name, parameter, role] : net.parameters()) {
    ++seed;
    if (role == nn::Role::counter) continue;
    parameter = formula_parameter(name, parameter.shape(), seed);
  }
  return net;
}

Tensor input(const models::Model& model) {
  Tensor x = formula(model.input_shape(3), 99);
  for (float& value : x.f32()) value *= 2;
  return x;
}

nn::StateDict state_dict_of(const nn::Graph& net) {
  nn::StateDict dict;
  for (const auto& [name, parameter, role] : net.parameters()) {
    if (role != nn::Role::counter) dict.set(name, *parameter.shared());
  }
  return dict;
}

// "conv1.weight [20, 1, 5, 5]", a line for each entry of state_dict() in PyTorch's order.
std::string state_text(const nn::Graph& net) {
  std::string text;
  for (const auto& [name, parameter, role] : net.parameters()) {
    text += nn::concat(name, " ", parameter.shape(), "\n");
  }
  return text;
}

std::string text_of(const Tensor& bytes) {
  const auto values = bytes.as<std::uint8_t>();
  return {values.begin(), values.end()};
}

class EachModel : public testing::TestWithParam<models::Model> {};

std::string name_of(const testing::TestParamInfo<models::Model>& info) {
  return std::string(info.param.name);
}
INSTANTIATE_TEST_SUITE_P(Registry, EachModel,
                         testing::ValuesIn(models::registry().begin(), models::registry().end()),
                         name_of);

// |y − y64| within 1e-5·(1 + |y|), the tolerance of log-probabilities; logits are of that size too.
TEST_P(EachModel, EqualsPyTorch) {
  const models::Model& model = GetParam();
  const std::string name(model.name);
  const nn::Graph net = filled(model);
  EXPECT_EQ(net.parameter_count(), golden("models.pt", name + ".parameters").as<std::int64_t>()[0]);
  EXPECT_EQ(state_text(net), text_of(golden("models.pt", name + ".state")));
  nn::Session session(net, model.input_shape());
  const Tensor y = session(input(model));
  const Tensor y64 = golden("models.pt", name + ".y64");
  ASSERT_EQ(y.shape(), y64.shape());
  for (std::size_t i = 0; i < y.f32().size(); ++i) {
    const double expected = y64.as<double>()[i];
    EXPECT_LE(std::abs(static_cast<double>(y.f32()[i]) - expected), 1e-5 * (1 + std::abs(expected)))
        << i;
  }
  const Tensor p = models::probabilities(model, y);
  const Tensor p64 = nn::functional::softmax(y64, 1);
  for (std::size_t i = 0; i < p.f32().size(); ++i) {
    EXPECT_NEAR(static_cast<double>(p.f32()[i]), p64.as<double>()[i], 1e-5) << i;
  }
}

constexpr int thread_counts[] = {1, 2, 4};

bool same_bits(nn::ConstTensorView a, nn::ConstTensorView b) {
  return a.spec() == b.spec() && std::memcmp(a.data(), b.data(), a.nbytes()) == 0;
}

// A row's bits depend neither on the batch nor on its place in it, nor on the threads.
TEST_P(EachModel, GivesARowTheSameBitsInEveryBatchOnEveryNumberOfThreads) {
  const models::Model& model = GetParam();
  constexpr std::int64_t most = 65;
  const nn::Graph net = filled(model);
  const Tensor x = formula(model.input_shape(most), 7);
  nn::Session alone(net, model.input_shape(), {.threads = 1});
  EXPECT_TRUE(alone.row_wise());
  Tensor expected({most, 10});
  for (std::int64_t row = 0; row < most; ++row)
    alone.run(x.view().rows(row, 1), expected.view().rows(row, 1));
  for (const int threads : thread_counts) {
    nn::Session session(net, model.input_shape(), {.threads = threads});
    EXPECT_EQ(session.threads(), threads);
    for (std::int64_t batch = 1; batch <= most; batch += sanitized ? 16 : 1) {
      const std::int64_t first = most - batch;
      ASSERT_TRUE(
          same_bits(session(x.view().rows(first, batch)), expected.view().rows(first, batch)))
          << batch << " rows, " << threads << " threads";
    }
  }
}

TEST_P(EachModel, GivesARowTheSameBitsInEveryBatchWithWeightsOfHalfSize) {
  const models::Model& model = GetParam();
  const Tensor x = formula(model.input_shape(65), 7);
  for (const nn::DType type : {nn::DType::float16, nn::DType::bfloat16}) {
    nn::Session session(filled(model), model.input_shape(), {.threads = 2, .weights = type});
    const Tensor all = session(x);
    for (const std::int64_t batch : {1, 2, 3, 12, 13, 64}) {
      const std::int64_t first = 65 - batch;
      EXPECT_TRUE(same_bits(session(x.view().rows(first, batch)), all.view().rows(first, batch)))
          << batch << " rows";
    }
  }
}

TEST_P(EachModel, ARowOfNaNLeavesItsNeighboursAlone) {
  const models::Model& model = GetParam();
  constexpr std::int64_t count = 33;
  const Tensor x = formula(model.input_shape(count), 7);
  for (const int threads : thread_counts) {
    nn::Session session(filled(model), model.input_shape(), {.threads = threads});
    const Tensor clean = session(x);
    for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{17}, count - 1}) {
      Tensor dirty = x;
      for (float& value : dirty.view().rows(bad, 1).f32()) value = NAN;
      const Tensor y = session(dirty);
      for (std::int64_t row = 0; row < count; ++row) {
        if (row == bad) {
          for (const float value : y.view().rows(row, 1).f32()) EXPECT_TRUE(std::isnan(value));
        } else {
          EXPECT_TRUE(same_bits(y.view().rows(row, 1), clean.view().rows(row, 1)))
              << row << " beside " << bad << ", " << threads << " threads";
        }
      }
    }
  }
}

TEST_P(EachModel, AThousandRunsAllocateNothing) {
  const models::Model& model = GetParam();
  nn::Session session(filled(model), model.input_shape(), {.threads = 1});
  const Tensor x = input(model);
  Tensor y({3, 10});
  session.run(x, y);
  const std::size_t before = allocation_count();
  for (int i = 0; i < 1000; ++i) session.run(x.view().rows(i % 3, 1), y.view().rows(0, 1));
  EXPECT_EQ(allocation_count(), before);
}

// As many rows as are worth two threads in the smallest network.
TEST_P(EachModel, AThousandRunsOnTwoThreadsAllocateNothing) {
  const models::Model& model = GetParam();
  nn::Session session(filled(model), model.input_shape(), {.threads = 2});
  ASSERT_EQ(session.threads(), 2);
  const Tensor x = formula(model.input_shape(8), 7);
  Tensor y({8, 10});
  session.run(x, y);
  const std::size_t before = allocation_count();
  for (int i = 0; i < (sanitized ? 50 : 1000); ++i) session.run(x, y);
  EXPECT_EQ(allocation_count(), before);
}

TEST_P(EachModel, IsToldByItsStateDict) {
  const models::Model& model = GetParam();
  EXPECT_EQ(models::fitting(state_dict_of(filled(model))).name, model.name);
  EXPECT_EQ(models::find(model.name)->name, model.name);
  EXPECT_EQ(model.labels.size(), 10U);
}

TEST(Registry, SaysWhatDoesNotFitTheNearestNetwork) {
  nn::StateDict dict = state_dict_of(filled(*models::find("mnist_convnet")));
  dict.set("fc2.weight", Tensor({11, 500}));
  dict.set("extra", Tensor({1}));
  EXPECT_THAT(
      [&] { models::fitting(dict); },
      testing::ThrowsMessage<nn::Error>(testing::AllOf(
          testing::HasSubstr("fits none of the known networks"),
          testing::HasSubstr("for the nearest, mnist_convnet:"),
          testing::HasSubstr("Unexpected key(s) in state_dict: \"extra\". "),
          testing::HasSubstr(
              "size mismatch for fc2.weight: copying a param with shape torch.Size([11, "
              "500]) from checkpoint, the shape in current model is torch.Size([10, 500])."))));
}

TEST(Registry, SaysWhenNoNameIsKnown) {
  nn::StateDict dict;
  dict.set("backbone.stem", Tensor({1}));
  EXPECT_THAT([&] { models::fitting(dict); },
              testing::ThrowsMessage<nn::Error>(testing::HasSubstr(
                  "its 1 tensors ('backbone.stem', …) have the names of none of the "
                  "known networks (mnist_convnet, ")));
}

TEST_P(EachModel, IsToldByTheStateDictOfAWrapperToo) {
  const models::Model& model = GetParam();
  const nn::StateDict plain = state_dict_of(filled(model));
  for (const char* prefix : {"module.", "_orig_mod.", "model.", "_orig_mod.module.net."}) {
    nn::StateDict wrapped;
    for (const auto& entry : plain.entries())
      wrapped.set(prefix + entry.name, plain.read(entry.name));
    EXPECT_EQ(models::fitting(wrapped).name, model.name) << prefix;
    nn::Graph net = model.build();
    EXPECT_EQ(nn::load(net, wrapped).wrapper.unwrapped(prefix + std::string("x")), "x");
  }
}

TEST(Registry, ComparesNoNetworkWithThousandsOfTensors) {
  nn::StateDict many;
  for (int i = 0; i < 5000; ++i) many.set("conv1.weight" + std::to_string(i), nn::tensor({1}));
  many.set("conv1.weight", nn::tensor({1}));  // which a known network has
  EXPECT_EQ(models::find_fitting(many), nullptr);
  EXPECT_EQ(models::nearest(many).model, nullptr);
  EXPECT_THAT([&] { models::fitting(many); },
              testing::ThrowsMessage<nn::Error>(testing::HasSubstr(
                  "its 5001 tensors ('conv1.weight0', …) are more than any of the known networks "
                  "has (mnist_convnet, ")));
}

TEST(Registry, ComparesAWrappedStateDictWithTheNearestNetwork) {
  nn::StateDict dict;
  dict.set("module.conv1.weight", Tensor({1}));
  EXPECT_THAT(
      [&] { models::fitting(dict); },
      testing::ThrowsMessage<nn::Error>(testing::AllOf(
          testing::HasSubstr("size mismatch for conv1.weight"),
          testing::HasSubstr("(names are read without 'module.', which DataParallel adds)"))));
}

// Of each layer that counts them, by its name.
std::map<std::string, std::int64_t> multiply_adds(const nn::Graph& net, const nn::Shape& input) {
  const std::vector<nn::TensorSpec> inputs{{input, nn::DType::float32}};
  const std::vector<nn::TensorSpec> specs = infer(net, inputs);
  std::map<std::string, std::int64_t> counts;
  for (const nn::Node& node : net.nodes()) {
    std::vector<nn::TensorSpec> in;
    for (const nn::Value value : node.inputs)
      in.push_back(specs[static_cast<std::size_t>(value.id)]);
    if (const std::int64_t count = node.layer.multiply_adds(in)) counts[node.name] = count;
  }
  return counts;
}

TEST(MnistConvnet, HasTheMultiplyAddsOfTheTutorialBeforeAndAfterThePasses) {
  const models::Model& model = *models::find("mnist_convnet");
  const std::map<std::string, std::int64_t> one{
      {"conv1", 288000}, {"conv2", 1600000}, {"fc1", 400000}, {"fc2", 5000}};
  const std::map<std::string, std::int64_t> three{
      {"conv1", 864000}, {"conv2", 4800000}, {"fc1", 1200000}, {"fc2", 15000}};
  const nn::Graph net = filled(model);
  EXPECT_EQ(multiply_adds(net, model.input_shape()), one);
  EXPECT_EQ(multiply_adds(net, model.input_shape(3)), three);
  const nn::Session session(net, model.input_shape());
  EXPECT_EQ(session.graph().find("pool1"), nullptr);  // fused into conv1
  EXPECT_EQ(multiply_adds(session.graph(), model.input_shape(3)), three);
}

TEST(Mlp, TakesAnySizes) {
  EXPECT_EQ(models::find("mlp")->build().parameter_count(),
            784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10);
}

}  // namespace
