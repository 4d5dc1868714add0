#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include <models/wiring.h>
#include <nn/nn.h>

#include "../error_of.h"
#include "wiring_nets.h"

// How a test of one net is listed.
static void PrintTo(const WiringNet& net, std::ostream* out) { *out << net.name; }

namespace {

using models::Assumption;
using models::infer_wiring;
using models::Wiring;
using models::WiringOptions;
using nn::Shape;
using nn::StateDict;
using nn::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

// The largest |y − PyTorch's| / (1 + |PyTorch's|) of the net's inputs; infinite for other shapes.
double error_of_wiring(Wiring wiring, const WiringNet& net) {
  models::load(wiring, net.state_dict);
  const Tensor x = inputs_of(net);
  const Shape input = wiring.input.with(0, 3);
  if (input.numel() != x.numel()) return INFINITY;
  nn::Session session(wiring.graph, input);
  const Tensor y = session(x.view().reshaped(input));
  if (y.f32().size() != net.y.size()) return INFINITY;
  double worst = 0;
  for (std::size_t i = 0; i < net.y.size(); ++i) {
    const double error = std::abs(double{y.f32()[i]} - net.y[i]) / (1 + std::abs(net.y[i]));
    worst = std::max(worst, error);
  }
  return worst;
}

// As of log-probabilities in registry_test.cpp.
constexpr double tolerance = 1e-5;

// Does what was printed leave that value open, or was it taken?
bool printed(const Assumption* open, const std::string& value) {
  if (open == nullptr) return false;
  if (open->chosen == value || open->more > 0) return true;
  const auto listed = [&](const std::string& text) {
    return std::ranges::find(open->alternatives, text) != open->alternatives.end();
  };
  if (open->what != "without_activation") return listed(value);
  // A set: the layers that may have none are listed one by one.
  std::size_t begin = 0;
  while (begin < value.size()) {
    const std::size_t comma = std::min(value.find(',', begin), value.size());
    const std::string name = value.substr(begin, comma - begin);
    if (!listed(name) && open->chosen.find(name) == std::string::npos) return false;
    begin = comma + 1;
  }
  return true;
}

enum class Verdict { right_at_once, right_once_settled, open, refused, silently_wrong };

Verdict verdict_on(const WiringNet& net) {
  Wiring first;
  try {
    first = infer_wiring(net.state_dict);
  } catch (const nn::Error&) {
    return Verdict::refused;
  }
  if (error_of_wiring(first, net) < tolerance) return Verdict::right_at_once;
  if (net.refused) {
    return first.find("chain") != nullptr ? Verdict::open : Verdict::silently_wrong;
  }
  WiringOptions options;
  if (first.find("stride") != nullptr) options.stride = "1";  // unless the net's truth is another
  for (const auto& [option, value] : net.truth) set_option(options, option, value);
  const Wiring settled = infer_wiring(net.state_dict, options);
  for (const auto& [option, value] : net.truth) {
    // As the wiring writes it: "same" of 1,1.
    const Assumption* written = settled.find(option);
    if (!printed(first.find(option), written == nullptr ? value : written->chosen)) {
      ADD_FAILURE() << net.name << ": " << option << " = " << value << " was not left open";
      return Verdict::silently_wrong;
    }
  }
  return error_of_wiring(settled, net) < tolerance ? Verdict::right_once_settled
                                                   : Verdict::silently_wrong;
}

std::vector<WiringNet> all_nets() { return wiring_nets("nets.txt"); }

class EachNet : public testing::TestWithParam<WiringNet> {};
std::string name_of(const testing::TestParamInfo<WiringNet>& net) { return net.param.name; }
INSTANTIATE_TEST_SUITE_P(Wiring, EachNet, testing::ValuesIn(all_nets()), name_of);
INSTANTIATE_TEST_SUITE_P(Later, EachNet, testing::ValuesIn(wiring_nets("holdout.txt")), name_of);

TEST_P(EachNet, IsRightOnceThePrintedChoicesAreSettledOrRefusedOrOpen) {
  const WiringNet& net = GetParam();
  const Verdict verdict = verdict_on(net);
  if (net.refused) {
    EXPECT_TRUE(verdict == Verdict::refused || verdict == Verdict::open);
  } else {
    EXPECT_TRUE(verdict == Verdict::right_at_once || verdict == Verdict::right_once_settled);
  }
}

TEST(Wiring, OfFiftyThreeNetsNoneIsSilentlyWrongAndTwentyNineAreRightAtOnce) {
  std::map<Verdict, int> counts;
  for (const WiringNet& net : all_nets()) ++counts[verdict_on(net)];
  EXPECT_EQ(counts[Verdict::silently_wrong], 0);
  EXPECT_EQ(counts[Verdict::right_at_once], 29);
  EXPECT_EQ(counts[Verdict::right_once_settled], 12);
  EXPECT_EQ(counts[Verdict::refused], 11);
  EXPECT_EQ(counts[Verdict::open], 1);
}

// A state dict of zeros.
StateDict dict_of(std::initializer_list<std::pair<const char*, Shape>> tensors) {
  StateDict dict;
  for (const auto& [name, shape] : tensors) dict.set(name, Tensor(shape));
  return dict;
}

StateDict two_convolutions(std::int64_t flattened) {
  return dict_of({{"conv1.weight", {32, 1, 3, 3}},
                  {"conv2.weight", {64, 32, 3, 3}},
                  {"fc.weight", {10, flattened}}});
}

std::string graph_text(const StateDict& dict, const WiringOptions& options = {}) {
  return to_text(infer_wiring(dict, options).graph);
}

TEST(Wiring, IsAGraphWithTheNamesOfTheStateDict) {
  EXPECT_EQ(graph_text(two_convolutions(9216)),
            "(conv1): Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), bias=False)\n"
            "(conv1_activation): ReLU()\n"
            "(conv2): Conv2d(32, 64, kernel_size=(3, 3), stride=(1, 1), bias=False)\n"
            "(conv2_activation): ReLU()\n"
            "(conv2_pool): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, "
            "ceil_mode=False)\n"
            "(flatten): Flatten(start_dim=1, end_dim=-1)\n"
            "(fc): Linear(in_features=9216, out_features=10, bias=False)\n");
}

TEST(Wiring, SaysWhatCouldNotBePlacedWithItsSizes) {
  const std::string text = error_of([] { infer_wiring(two_convolutions(64 * 81 * 81)); });
  EXPECT_THAT(text, HasSubstr("no wiring fits its weights: 'fc' takes 419904 values = 64 channels "
                              "of 'conv2' · 81 · 81; from 28 × 28"));
  EXPECT_THAT(error_of([] { infer_wiring(two_convolutions(9217)); }),
              HasSubstr("'fc' [10, 9217] takes 9217 values, no multiple of the 64 channels that "
                        "'conv2' [64, 32, 3, 3] before it gives"));
}

TEST(Wiring, ListsPaddingAndPoolsThatFitAsWell) {
  const Wiring wiring = infer_wiring(dict_of({{"layer1.0.weight", {32, 1, 3, 3}},
                                              {"layer2.0.weight", {64, 32, 3, 3}},
                                              {"fc.weight", {10, 64 * 6 * 6}}}));
  const Assumption* padding = wiring.find("padding");
  ASSERT_NE(padding, nullptr);
  EXPECT_EQ(padding->chosen, "1,0");
  EXPECT_THAT(padding->alternatives, testing::Contains("0,1"));
  EXPECT_EQ(wiring.find("pool")->chosen, "max");
  EXPECT_THAT(wiring.find("pool")->alternatives, ElementsAre("avg"));
  EXPECT_EQ(wiring.find("activation")->chosen, "relu");
}

TEST(Wiring, WhatIsGivenIsTakenAndNotOpen) {
  const Wiring wiring = infer_wiring(two_convolutions(9216), {.activation = "tanh", .pool = "avg"});
  const Assumption* activation = wiring.find("activation");
  EXPECT_TRUE(activation->given);
  EXPECT_EQ(activation->chosen, "tanh");
  EXPECT_THAT(activation->alternatives, testing::IsEmpty());
  EXPECT_THAT(to_text(wiring.graph), HasSubstr("(conv2_pool): AvgPool2d(kernel_size=2"));
  EXPECT_THAT(to_text(wiring.graph), HasSubstr("(conv1_activation): Tanh()"));
}

TEST(Wiring, NumbersInNamesSayWhereThePoolsAre) {
  // Behind the first of two layers one place, behind the second two: an activation, and a pool.
  const std::string text = graph_text(dict_of({{"0.weight", {8, 1, 3, 3}},
                                               {"2.weight", {8, 8, 3, 3}},
                                               {"5.weight", {8, 8, 3, 3}},
                                               {"9.weight", {10, 8 * 7 * 7}}}));
  EXPECT_THAT(text, testing::Not(HasSubstr("(0_pool)")));
  EXPECT_THAT(text, HasSubstr("(2_pool)"));
  EXPECT_THAT(text, HasSubstr("(5_pool)"));
}

TEST(Wiring, NumbersThatLeaveNoPlaceForAnActivationGiveNone) {
  const Wiring wiring = infer_wiring(
      dict_of({{"0.weight", {32, 784}}, {"1.weight", {32, 32}}, {"3.weight", {10, 32}}}));
  EXPECT_EQ(wiring.find("without_activation")->chosen, "0");
  EXPECT_EQ(wiring.graph.find("0_activation"), nullptr);
  EXPECT_NE(wiring.graph.find("1_activation"), nullptr);
}

TEST(Wiring, AnActivationBehindTheLastConvolutionComesBeforeTheAverage) {
  const StateDict dict = dict_of({{"conv1.weight", {8, 1, 3, 3}}, {"conv2.weight", {10, 8, 3, 3}}});
  const Wiring wiring = infer_wiring(dict, {.output = "relu"});
  EXPECT_EQ(wiring.output, models::Output::logits);
  EXPECT_THAT(to_text(wiring.graph),
              testing::EndsWith("(output): ReLU()\n"
                                "(global_pool): AdaptiveAvgPool2d(output_size=(1, 1))\n"
                                "(flatten): Flatten(start_dim=1, end_dim=-1)\n"));
}

TEST(Wiring, OtherSizesOfPicturesThatFitAreListed) {
  const Wiring wiring = infer_wiring(dict_of({{"conv1.weight", {8, 3, 3, 3}},
                                              {"conv2.weight", {8, 8, 3, 3}},
                                              {"fc.weight", {10, 8 * 16 * 16}}}));
  EXPECT_EQ(wiring.find("input")->chosen, "3x32x32");
  EXPECT_THAT(wiring.find("input")->alternatives, testing::Contains("3x64x64"));
}

TEST(Wiring, TheOrderOfSortedNamesIsThatOfTheirNumbers) {
  StateDict dict;
  const auto add = [&](int layer, std::int64_t out, std::int64_t in) {
    dict.set(nn::concat("fc", layer, ".weight"), Tensor({out, in}));
  };
  add(1, 16, 784);
  add(10, 10, 16);
  for (int layer = 2; layer < 10; ++layer) add(layer, 16, 16);
  const nn::Graph graph = infer_wiring(dict).graph;
  EXPECT_EQ(graph.nodes().back().name, "fc10");
  EXPECT_EQ(graph.nodes()[1].name, "fc1");
}

TEST(Wiring, GivenLayersLeaveASecondHeadOut) {
  const StateDict dict =
      dict_of({{"body.weight", {32, 784}}, {"digit.weight", {10, 32}}, {"parity.weight", {2, 32}}});
  EXPECT_THAT(
      error_of([&] { infer_wiring(dict); }),
      HasSubstr("'parity' [2, 32] takes 32 values, and 'digit' [10, 32] before it gives 10"));
  Wiring wiring = infer_wiring(dict, {.layers = "body,digit"});
  EXPECT_THAT(wiring.unused, ElementsAre("parity.weight"));
  models::load(wiring, dict);
  nn::Session session(wiring.graph, wiring.input);
  EXPECT_EQ(session(Tensor(wiring.input)).shape(), (Shape{1, 10}));
}

TEST(Wiring, TakesTheInputsSizeFromTheUser) {
  EXPECT_EQ(infer_wiring(two_convolutions(64 * 14 * 14)).input, (Shape{1, 1, 28, 28}));
  const auto given = [](const Shape& input) {
    return infer_wiring(two_convolutions(64 * 14 * 14), {.input = input}).input;
  };
  EXPECT_EQ(given({1, 32, 32}), (Shape{1, 1, 32, 32}));
  EXPECT_EQ(given({1, 16, 16}), (Shape{1, 1, 16, 16}));
  EXPECT_THAT(error_of([&] {
                given({3, 32, 32});
              }),
              HasSubstr("takes pictures of 1 channel, got [3, 32, 32]"));
}

TEST(Wiring, RefusesOptionsThatMeanNothing) {
  const auto refusal = [](const char* option, const char* value) {
    return error_of([&] {
      WiringOptions options;
      set_option(options, option, value);
      infer_wiring(two_convolutions(9216), options);
    });
  };
  EXPECT_THAT(refusal("activation", "rely"), HasSubstr("activation: expected one of relu, tanh"));
  EXPECT_THAT(refusal("pool", "min"), HasSubstr("pool: expected max or avg, got 'min'"));
  EXPECT_THAT(refusal("padding", "1,1,1"), HasSubstr("padding: expected one value or 2"));
  EXPECT_THAT(refusal("padding", "-1"), HasSubstr("padding: expected numbers up to 4096"));
  EXPECT_THAT(refusal("pool_after", "conv9"), HasSubstr("'conv9' is no Conv2d or Linear"));
  EXPECT_THAT(refusal("pool_after", "fc"), HasSubstr("is no convolution"));
  EXPECT_THAT(refusal("stride", "0"), HasSubstr("stride: expected 1 or more"));
  EXPECT_THAT(refusal("order", "norm,pool"),
              HasSubstr("order: expected norm, activation and pool"));
  EXPECT_THAT(refusal("output", "x"), HasSubstr("output: expected logits"));
  EXPECT_THAT(refusal("head", "x"), HasSubstr("head: expected flatten"));
  EXPECT_THAT(refusal("eps", "x"), HasSubstr("eps: expected a number"));
  EXPECT_THAT(refusal("input", "28x28"), HasSubstr("input: expected channels x height x width"));
  EXPECT_THAT(refusal("colour", "x"), HasSubstr("a wiring has no option 'colour'"));
  EXPECT_THAT(refusal("padding", "2000"), HasSubstr("'fc' takes 9216 values"));
}

TEST(Wiring, LoadsAListOfTensorsUnderNamesOfItsOwn) {
  StateDict dict = dict_of({{"0", {4, 784}}, {"1", {4}}, {"2", {10, 4}}, {"3", {10}}});
  Wiring wiring = infer_wiring(dict);
  EXPECT_EQ(wiring.renamed[0], (std::pair<std::string, std::string>{"0", "layer0.weight"}));
  EXPECT_TRUE(models::load(wiring, dict).fits());
}

TEST(Wiring, TakesWeightsThatWeightNormTookApartAsWhole) {
  StateDict state;
  const auto set = [&](const char* name, const Shape& shape, const std::vector<float>& values) {
    Tensor tensor(shape);
    std::ranges::copy(values, tensor.f32().begin());
    state.set(name, std::move(tensor));
  };
  set("fc1.bias", {2}, {0.5F, -1});
  set("fc1.weight_g", {2, 1}, {10, 2});
  set("fc1.weight_v", {2, 2}, {3, 4, 0, -1});
  set("fc2.bias", {1}, {0});
  set("fc2.parametrizations.weight.original0", {1, 1}, {1});
  set("fc2.parametrizations.weight.original1", {1, 2}, {0, 7});
  Wiring wiring = infer_wiring(state);
  EXPECT_EQ(models::load(wiring, state).weight_norms.size(), 2U);
  std::map<std::string, std::vector<float>> values;
  for (const auto& [name, parameter, role] : wiring.graph.parameters()) {
    values[name].assign(parameter.f32().begin(), parameter.f32().end());
  }
  EXPECT_THAT(values["fc1.weight"], ElementsAre(6, 8, 0, -2));  // 10 · (3, 4) / 5, 2 · (0, -1)
  EXPECT_THAT(values["fc2.weight"], ElementsAre(0, 1));
}

TEST(Wiring, LeavesOutTheCountOfAveragedModel) {
  StateDict state;
  state.set("n_averaged", Tensor(Shape{}, nn::DType::int64));
  state.set("module.fc1.weight", Tensor(Shape{3, 2}));
  state.set("module.fc1.bias", Tensor(Shape{3}));
  state.set("module.fc2.weight", Tensor(Shape{1, 3}));
  Wiring wiring = infer_wiring(state);
  EXPECT_THAT(wiring.unused, ElementsAre("n_averaged"));
  models::load(wiring, state);
}

TEST(Wiring, RefusesLayersThatAreNoChainByNameAndShape) {
  EXPECT_THAT(error_of([] {
                infer_wiring(dict_of({{"conv.weight", {8, 1, 3}}}));
              }),
              HasSubstr("'conv.weight' has the sizes [8, 1, 3]"));
  EXPECT_THAT(error_of([] {
                infer_wiring(dict_of({{"layer1.0.conv1.weight", {8, 1, 3, 3}},
                                      {"layer1.0.conv2.weight", {8, 8, 3, 3}}}));
              }),
              HasSubstr("tell of a residual block"));
  EXPECT_THAT(error_of([] {
                infer_wiring(dict_of({{"conv1.weight", {8, 1, 3, 3}},
                                      {"a.weight", {2, 8}},
                                      {"b.weight", {8, 2}},
                                      {"conv2.weight", {8, 8, 3, 3}}}));
              }),
              HasSubstr("as squeeze-and-excitation does"));
  EXPECT_THAT(error_of([] {
                infer_wiring(dict_of({{"a.weight", {8, 1, 3, 3}},
                                      {"b.weight", {8, 1, 5, 5}},
                                      {"fc.weight", {10, 8 * 14 * 14}}}));
              }),
              HasSubstr("'b' [8, 1, 5, 5] takes 1 channel, 'a' [8, 1, 3, 3] before it gives 8"));
  EXPECT_THAT(error_of([] {
                infer_wiring(dict_of({{"fc.weight", {784, 10}}, {"fc.bias", {10}}}));
              }),
              HasSubstr("stored as [in_features, out_features]"));
  EXPECT_THAT(error_of([] {
                infer_wiring(dict_of({{"fc.weight", {10, 0}}}));
              }),
              HasSubstr("with no values"));
  EXPECT_THAT(error_of([] {
                infer_wiring(dict_of({{"mean", {3}}, {"fc.weight", {10, 4}}}));
              }),
              HasSubstr("'mean' [3] belongs to no layer"));
  EXPECT_THAT(error_of([] { infer_wiring(StateDict()); }), HasSubstr("holds no tensors"));
}

}  // namespace
