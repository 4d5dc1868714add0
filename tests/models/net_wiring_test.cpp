#include <algorithm>
#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <models/net_wiring.h>
#include <nn/nn.h>

#include "../error_of.h"
#include "../golden.h"
#include "../io/cost.h"

// Texts, weights and answers are those of tools/make_net_text_golden.py.
namespace {

using models::Assumption;
using models::Wiring;
using nn::Tensor;
using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

std::filesystem::path text_file(const std::string& name) {
  return std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/net_text" / (name + ".txt");
}

Tensor formula(const nn::Shape& shape, std::uint64_t seed) {
  Tensor tensor(shape);
  std::uint64_t index = seed * 1000003;
  for (float& value : tensor.f32()) {
    auto hashed = static_cast<std::uint32_t>(index++ * 2654435761U);
    hashed ^= hashed >> 15;
    hashed *= 2246822519U;
    value = static_cast<float>(hashed >> 8) * 0x1p-24F - 0.5F;
  }
  return tensor;
}

std::uint64_t number_of(const std::string& name) {
  std::uint32_t value = 2166136261U;
  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 16777619U;
  return value % 1000000;
}

void fill(nn::Graph& net) {
  for (auto& [name, parameter, role] : net.parameters()) {
    if (role == nn::Role::counter) continue;
    Tensor values = formula(parameter.shape(), number_of(name));
    const nn::Shape& shape = parameter.shape();
    const auto fan_in = shape.rank() > 1 ? static_cast<double>(shape.numel(1, shape.rank())) : 4.0;
    const auto gain =
        static_cast<float>(std::exp2(std::nearbyint(std::log2(2 * std::sqrt(3 / fan_in)))));
    const bool variance = name.ends_with("running_var");
    for (float& value : values.f32()) value = variance ? value + 1 : value * gain;
    parameter = std::move(values);
  }
}

// "activation: relu (tanh, sigmoid)"
std::string line_of(const Assumption& assumption) {
  std::string text = assumption.what + ": " + assumption.chosen;
  for (std::size_t i = 0; i < assumption.alternatives.size(); ++i) {
    text += (i == 0 ? " (" : ", ") + assumption.alternatives[i];
  }
  return assumption.alternatives.empty() ? text : text + ")";
}

std::vector<std::string> lines_of(const Wiring& wiring) {
  std::vector<std::string> lines;
  for (const Assumption& assumption : wiring.assumed) lines.push_back(line_of(assumption));
  return lines;
}

// |y − y64| within 1e-5·(1 + |y|), as for the nets of the registry.
bool answers_as_pytorch(Wiring wiring, const std::string& name) {
  fill(wiring.graph);
  const auto shape = golden("net_text/expected.pt", name + ".input");
  const auto sizes = shape.as<std::int64_t>();
  EXPECT_EQ(wiring.input, nn::Shape(sizes));
  Tensor x = formula(nn::Shape(sizes).with(0, 2), 99);
  for (float& value : x.f32()) value *= 2;
  Tensor y = nn::Session(std::move(wiring.graph), x.shape())(x);
  // A softmax as a function is not printed; it changes no order of classes.
  const Tensor expected = golden("net_text/expected.pt", name + ".y64");
  const auto off = [&](const Tensor& values) {
    double most = 0;
    const auto wanted = expected.as<double>();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto value = static_cast<double>(values.f32()[i]);
      most = std::max(most, std::fabs(value - wanted[i]) / (1 + std::fabs(wanted[i])));
    }
    return most;
  };
  if (y.shape() != expected.shape()) return false;
  const double least = std::min(
      {off(y), off(nn::functional::softmax(y, 1)), off(nn::functional::log_softmax(y, 1))});
  return least < 1e-5;
}

struct Case {
  std::string name;
  std::vector<std::string> assumed;
  models::WiringOptions options = {};
};

const std::string in_order = "chain: each layer with weights once, in the order printed";
const std::string any_activation = "activation: relu (tanh, sigmoid, leaky_relu, gelu, silu)";
const std::string max_pool = "pool: max (avg)";

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"sequential_mlp", {}},
      {"bare_sequential", {}},
      {"NeuralNetwork", {}},
      {"TutorialNet",
       {in_order, any_activation, "without_activation: none (conv1, conv2, fc1)", max_pool}},
      {"ExamplesNet",
       {in_order, any_activation, "without_activation: none (conv1, conv2, fc1)", max_pool}},
      {"OldExamplesNet",
       {in_order, any_activation, "without_activation: none (conv1, conv2, fc1)", max_pool}},
      {"CifarNet", {in_order, any_activation, "without_activation: none (conv1, conv2, fc1, fc2)"}},
      {"LeNet5", {in_order}},
      {"TanhLeNet",
       {in_order, "activation: tanh", "without_activation: none (c1, c3, f5, f6)", "pool: avg"},
       {.activation = "tanh", .pool = "avg"}},
      {"BlocksNet", {in_order}},
      {"NormsBehind",
       {in_order, "norm_after: conv1,conv2 (bn1 after conv2)", any_activation,
        "without_activation: none (conv1, conv2, fc1)",
        "order: norm,activation,pool (activation,norm,pool)", max_pool}},
      {"ToolsBehind",
       {in_order, "activation: leaky_relu=0.1", "without_activation: none (conv1, conv2, fc1)"}},
      {"InOrder", {in_order}},
      {"SmallVgg", {in_order, "input: 3x32x32 (3x28x28)"}},
      {"ListOfLinears",
       {in_order, any_activation,
        "without_activation: none (first, hidden.0, hidden.1, hidden.2)"}},
      {"Blocks",
       {in_order, "input: 1x28x28 (1x32x32)",
        "pool_after: none (stem.conv,body.1.conv, body.1.conv, stem.conv)"}},
      {"SeparableNet",
       {in_order, any_activation, "without_activation: conv2.depthwise (conv1, conv2.pointwise)",
        "pool_after: conv2.pointwise (conv2.depthwise, conv1)", max_pool}},
      {"GlobalMean",
       {in_order, any_activation, "without_activation: none (conv1, conv2)",
        "input: 3x32x32 (3x28x28)", "pool_after: none (conv1,conv2, conv2, conv1)"}},
      {"every_argument", {}},
      {"unflattened", {}},
      {"prelu_convnet", {}},
      {"data_parallel",
       {in_order, any_activation,
        "without_activation: none (module.conv1, module.conv2, module.fc1)", max_pool}},
      {"LitModel", {}},
      {"MissingModule", {in_order, any_activation, "without_activation: none (fc1)"}},
      {"FullyConvolutional", {"input: 1x28x28 (1x32x32)"}},
  };
  return all;
}

TEST(NetWiring, AnswersAsPyTorchOnceTheOpenChoicesAreSettled) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Wiring wiring = models::wire(models::read_net(text_file(c.name)), c.options);
    EXPECT_THAT(lines_of(wiring), ElementsAreArray(c.assumed));
    EXPECT_TRUE(answers_as_pytorch(std::move(wiring), c.name));
  }
}

TEST(NetWiring, ReadsAnOlderPyTorchsWords) {
  for (const char* name :
       {"Blocks", "BlocksNet", "ListOfLinears", "NormsBehind", "every_argument"}) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(answers_as_pytorch(
        models::wire(models::read_net(text_file(std::string("old/") + name))), name));
  }
}

std::string refusal(const std::string& text, const models::WiringOptions& options = {}) {
  return error_of([&] { models::wire(models::parse_net(text, "net.txt"), options); });
}

TEST(NetWiring, KeepsAPaddingByOtherThanZeros) {
  const Wiring wiring =
      models::wire(models::parse_net("Sequential(\n"
                                     "  (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1), "
                                     "padding=(1, 1), padding_mode=reflect)\n"
                                     "  (1): ReLU()\n)\n",
                                     "net.txt"));
  EXPECT_THAT(wiring.graph.find("0")->layer.extra_repr(), HasSubstr("padding_mode=reflect"));
}

TEST(NetWiring, RefusesByNameAndLineWhatIsNoChainOfKnownLayers) {
  const auto refused = [](const std::string& name) {
    return error_of([&] { models::wire(models::read_net(text_file("refused/" + name))); });
  };
  EXPECT_THAT(refused("residual"), HasSubstr("line 3: 'BasicBlock' is by its name no chain"));
  EXPECT_THAT(refused("lstm"), HasSubstr("line 2: layer 'lstm' (LSTM): expected one of Adaptive"));
  EXPECT_THAT(refused("transposed"), HasSubstr("line 2: layer '0' (ConvTranspose2d): expected"));
  EXPECT_THAT(refused("lazy"), HasSubstr("line 3: LazyLinear does not know its sizes yet"));
  EXPECT_THAT(refused("script"), HasSubstr("line 3: this is a TorchScript module"));
}

TEST(NetWiring, SaysWhichArgumentItCannotTake) {
  const auto layer = [](const std::string& text) {
    return refusal(nn::concat("Sequential(\n(0): ", text, "\n)"));
  };
  EXPECT_THAT(layer("Conv2d(1, 2)"),
              HasSubstr("line 2: layer '0' (Conv2d): expected the argument kernel_size"));
  EXPECT_THAT(layer("Conv2d(1, x, kernel_size=3)"),
              HasSubstr("argument out_channels: expected a whole number, got 'x'"));
  EXPECT_THAT(layer("Conv2d(1, 2, kernel_size=(3, 3, 3))"), HasSubstr("one or two numbers"));
  EXPECT_THAT(layer("Conv2d(1, 2, 3, kernel_size=3)"), HasSubstr("expected no argument '3'"));
  EXPECT_THAT(layer("Conv2d(1, 2, kernel_size=3, kernel_size=3)"), HasSubstr("is given twice"));
  EXPECT_THAT(layer("Conv2d(1, 2, kernel_size=3, colour=1)"), HasSubstr("colour=1 is not known"));
  EXPECT_THAT(layer("Conv2d(1, 2, kernel_size=99999999999999999999)"),
              HasSubstr("kernel_size: expected a whole number"));
  EXPECT_THAT(layer("Conv2d(-1, 2, kernel_size=3)"), HasSubstr("in_channels must be positive"));
  EXPECT_THAT(layer("Conv2d(1, 9223372036854775807, kernel_size=(9223372036854775807, 3))"),
              HasSubstr("Conv2d"));
  EXPECT_THAT(layer("Linear(in_features=784, out_features=10, bias=Maybe)"),
              HasSubstr("bias: expected True or False, got 'Maybe'"));
  EXPECT_THAT(layer("ReLU(5)"), HasSubstr("expected no argument '5'"));
  EXPECT_THAT(layer("GELU(approximate='x')"), HasSubstr("either none or tanh"));
  EXPECT_THAT(layer("\x1b[2J()"), Not(HasSubstr("\x1b")));
}

TEST(NetWiring, RefusesSizesThatDoNotMeet) {
  EXPECT_THAT(
      refusal("Sequential(\n(0): Linear(in_features=784, out_features=5, bias=True)\n"
              "(1): Linear(in_features=6, out_features=5, bias=True)\n)"),
      HasSubstr("net.txt: line 3: layer '1' (Linear) gets [1, 5] for pictures [1, 1, 28, 28]"));
  EXPECT_THAT(refusal("Sequential(\n(0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))\n"
                      "(1): Linear(in_features=1352, out_features=5, bias=True)\n)"),
              HasSubstr("line 3: layer '1' (Linear) gets [1, 2, 26, 26]"));
  EXPECT_THAT(refusal("Net(\n(c): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))\n"
                      "(f): Linear(in_features=1000, out_features=5, bias=True)\n)"),
              HasSubstr("line 3: layer 'f' (Linear) gets [1, 1352]"));
  EXPECT_THAT(refusal("Net(\n(f): Linear(in_features=13, out_features=5, bias=True)\n)"),
              HasSubstr("no square picture: say what goes in with --input"));
  EXPECT_THAT(refusal("Net(\n(a): ReLU()\n)"), HasSubstr("holds no layer with weights (Net)"));
  EXPECT_THAT(refusal("Linear(in_features=784, out_features=5, bias=True)"),
              HasSubstr("a single layer"));
  EXPECT_THAT(refusal("Net(\n(a): Linear(in_features=784, out_features=5, bias=True)\n"
                      "(b): Linear(in_features=5, out_features=5, bias=True)\n)",
                      {.activation = "swish"}),
              HasSubstr("got 'swish'"));
}

TEST(NetWiring, TakesTheInputThatItIsTold) {
  const std::string text =
      "Net(\n(f): Linear(in_features=18, out_features=5, bias=True)\n"
      "(g): Linear(in_features=5, out_features=5, bias=True)\n)";
  const Wiring wiring =
      models::wire(models::parse_net(text), {.activation = "gelu", .input = nn::Shape{2, 3, 3}});
  EXPECT_EQ(wiring.input, nn::Shape({1, 2, 3, 3}));
  EXPECT_EQ(nn::to_text(wiring.graph),
            "(flatten): Flatten(start_dim=1, end_dim=-1)\n"
            "(f): Linear(in_features=18, out_features=5, bias=True)\n"
            "(f_activation): GELU(approximate='none')\n"
            "(g): Linear(in_features=5, out_features=5, bias=True)\n");
}

TEST(NetWiring, PutsThingsWhereItIsTold) {
  const auto wired = [](const models::WiringOptions& options) {
    return models::wire(models::read_net(text_file("NormsBehind")), options);
  };
  const Wiring wiring = wired({.without_activation = "conv1", .norm_after = "conv2,conv1"});
  EXPECT_THAT(nn::to_text(wiring.graph),
              AllOf(HasSubstr("(conv1): Conv2d(1, 8"), Not(HasSubstr("conv1_activation"))));
  EXPECT_LT(nn::to_text(wiring.graph).find("(bn2)"), nn::to_text(wiring.graph).find("(conv2)"));
  EXPECT_THAT(error_of([&] { wired({.norm_after = "conv1"}); }),
              HasSubstr("norm_after: expected a layer for each of 2 BatchNorms"));
  EXPECT_THAT(error_of([&] { wired({.norm_after = "fc1,conv1"}); }),
              HasSubstr("norm_after: layer 'bn1' cannot follow 'fc1'"));
  EXPECT_THAT(error_of([&] { wired({.pool_after = "conv2"}); }),
              HasSubstr("pool_after: with pools after conv2 the layers' sizes do not meet"));
  const models::PrintedNet separable = models::read_net(text_file("SeparableNet"));
  const Wiring pooled = models::wire(separable, {.pool_after = "conv1"});
  EXPECT_LT(nn::to_text(pooled.graph).find("(pool1)"),
            nn::to_text(pooled.graph).find("(conv2.depthwise)"));
}

TEST(NetWiring, PutsActivationsBeforeNormsWhereItIsTold) {
  const auto printed = models::read_net(text_file("NormsBehind"));
  const auto kinds = [&](const std::string& order) {
    std::vector<std::string> all;
    const Wiring wiring = models::wire(printed, {.order = order});
    for (std::size_t i = 0; i < 4; ++i) all.push_back(wiring.graph.nodes()[i].layer.kind());
    return all;
  };
  EXPECT_THAT(kinds(""), ElementsAre("Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"));
  EXPECT_THAT(kinds("activation,norm,pool"),
              ElementsAre("Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d"));
  EXPECT_THAT(error_of([&] { kinds("activation,pool,norm"); }),
              HasSubstr("expected norm,activation,pool or activation,norm,pool, got "
                        "'activation,pool,norm'"));
}

TEST(NetWiring, SaysWhatPrintHidesOfAveragePools) {
  const Wiring wiring = models::wire(
      models::parse_net("Sequential(\n(0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))\n"
                        "(1): AvgPool2d(kernel_size=3, stride=3, padding=1)\n(2): Flatten()\n"
                        "(3): Linear(in_features=162, out_features=5, bias=True)\n)"));
  EXPECT_THAT(lines_of(wiring),
              ElementsAre("1.count_include_pad: True (False)", "1.ceil_mode: False (True)"));
}

TEST(NetWiring, CostsLittleWhateverTheTextClaims) {
  const auto cost = [](const std::string& text) {
    return test::cost_of([&] { refusal(text); }).peak_bytes;
  };
  constexpr std::size_t bound = std::size_t{64} << 20;
  std::string wide = "Net(\n";
  for (int i = 0; i < 3999; ++i) {
    wide += nn::concat("(c", i, "): Conv2d(1, 1, kernel_size=(1, 1), stride=(1, 1))\n");
  }
  EXPECT_LT(cost(wide + ")"), bound);
  std::string pools = "Net(\n";
  for (int i = 0; i < 16; ++i) {
    pools += nn::concat("(c", i, "): Conv2d(1, 1, kernel_size=(1, 1), stride=(1, 1))\n");
  }
  pools += "(a): AdaptiveAvgPool2d(output_size=1)\n(f): Linear(in_features=1, out_features=5)\n)";
  EXPECT_LT(cost(pools), bound);
  EXPECT_LT(cost("Net(\n(a): Conv2d(9223372036854775807, 1, kernel_size=(1, 1))\n)"), bound);
  EXPECT_LT(cost("Net(\n(a): Conv2d(1, 1, kernel_size=(1, 1), padding=(999999, 999999))\n"
                 "(b): Linear(in_features=9, out_features=9)\n)"),
            bound);
  EXPECT_LT(cost("Net(\n(a): Linear(in_features=9223372036854775807, out_features=9)\n)"), bound);
}

}  // namespace
