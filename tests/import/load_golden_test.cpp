#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <nn/nn.h>

#include "../error_of.h"

// What PyTorch says and saves where names or shapes do not fit: tools/make_load_golden.py.
namespace {

using nlohmann::json;
using nn::Graph;
using nn::StateDict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests" / "golden" / "load";

Graph block(std::int64_t in, std::int64_t out) {
  return {{"0", nn::Conv2d({.in_channels = in, .out_channels = out, .kernel_size = 3})},
          {"1", nn::BatchNorm2d({.num_features = out})},
          {"2", nn::ReLU{}}};
}

// The script's Net.
Graph net() {
  return {{"features",
           Graph{{"0", block(1, 4)}, {"1", nn::MaxPool2d({.kernel_size = 2})}, {"2", block(4, 6)}}},
          {"flatten", nn::Flatten{}},
          {"fc1", nn::Linear({.in_features = 6, .out_features = 5})},
          {"fc2", nn::Linear({.in_features = 5, .out_features = 3, .bias = false})}};
}

StateDict dict_of(const json& keys) {
  StateDict dict;
  for (const json& key : keys) {
    const auto sizes = key[1].get<std::vector<std::int64_t>>();
    dict.set(key[0], nn::Tensor(nn::Shape(std::span<const std::int64_t>(sizes))));
  }
  return dict;
}

TEST(LoadGolden, SaysWhatPyTorchSaysAndOnlyThenMore) {
  std::ifstream file(folder / "messages.json");
  const json messages = json::parse(file);
  ASSERT_GE(messages.size(), 12U);
  for (const json& message : messages) {
    const std::string text = message["text"];
    Graph graph = net();
    const StateDict dict = dict_of(message["keys"]);
    const std::string error =
        error_of([&] { nn::load(graph, dict, {.strict = message["strict"]}); });
    if (text.empty()) {
      EXPECT_EQ(error, "(no error)") << message["case"];
      continue;
    }
    const std::string first = "Error(s) in loading state_dict for Net:";
    ASSERT_THAT(text, StartsWith(first));
    const std::string ours = "(in memory): Error(s) in loading state_dict:";
    EXPECT_THAT(error, StartsWith(ours + text.substr(first.size()))) << message["case"];
  }
}

// Each is the state dict of one net, wrapped in another way.
TEST(LoadGolden, ReadsWhatWrappersSave) {
  const StateDict plain = StateDict::open(folder / "plain.pt");
  const std::vector<std::pair<const char*, nn::Wrapper>> cases{
      {"plain", {}},
      {"data_parallel", {"module.", {}}},
      {"compiled", {"_orig_mod.", {}}},
      {"compiled_data_parallel", {"_orig_mod.module.", {}}},
      {"data_parallel_compiled", {"module._orig_mod.", {}}},
      {"lightning", {"model.", {}}},
      {"lightning_compiled", {"model._orig_mod.", {}}},
      {"averaged", {"module.", {}}},
      {"parts", {"", {"module", "_orig_mod"}}},
  };
  for (const auto& [name, wrapper] : cases) {
    const StateDict file = StateDict::open(folder / (std::string(name) + ".pt"));
    Graph graph = net();
    const nn::LoadReport report = nn::load(graph, file);
    EXPECT_EQ(report.wrapper, wrapper) << name;
    EXPECT_TRUE(report.fits());
    for (const auto& [parameter_name, parameter, role] : graph.parameters()) {
      if (role == nn::Role::counter) continue;
      EXPECT_THAT(parameter.f32(), testing::ElementsAreArray(plain.read(parameter_name).f32()));
    }
  }
}

// Computed in double here and in float32 there: 4 ulp are the sums' share.
TEST(LoadGolden, JoinsTheWeightsThatWeightNormTookApart) {
  const StateDict joined = StateDict::open(folder / "joined.pt");
  for (const std::string name :
       {"weight_norm", "weight_norm_columns", "weight_norm_all", "parametrized"}) {
    Graph graph = net();
    const nn::LoadReport report = nn::load(graph, StateDict::open(folder / (name + ".pt")));
    ASSERT_TRUE(report.fits());
    EXPECT_EQ(report.weight_norms.size(), name == "parametrized" ? 1U : 2U);
    for (const nn::WeightNorm& norm : report.weight_norms) {
      const auto parameters = graph.parameters();
      const auto found = std::ranges::find(parameters, norm.weight, &Graph::NamedParameter::name);
      const auto ours = found->parameter.f32();
      const nn::Tensor theirs = joined.read(name + "." + norm.weight);
      ASSERT_EQ(found->parameter.shape(), theirs.shape());
      for (std::size_t i = 0; i < ours.size(); ++i) {
        EXPECT_NEAR(ours[i], theirs.f32()[i], 0x4p-23 * std::abs(theirs.f32()[i])) << name << i;
      }
    }
    EXPECT_THAT(nn::notes(report).back(),
                HasSubstr("computed from the two tensors that weight_norm keeps"));
  }
}

}  // namespace
