// Whole pickled modules: torch.save(model).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "cost.h"
#include "torch_writer.h"

namespace {

using namespace test;
using namespace test::pickle;
using nn::OpenOptions;
using nn::StateDict;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

const std::string w0 = vector("0", 1);
const std::string w1 = vector("1", 1);

std::string set_of(const std::vector<std::string>& names) {
  std::vector<std::string> items;
  for (const auto& name : names) items.push_back(text(name));
  return call("__builtin__", "set", {list(items)});
}

struct Parts {
  Pairs parameters = {};
  Pairs buffers = {};
  Pairs modules = {};
  std::vector<std::string> not_persistent = {};
};

std::string module(const Parts& parts, const std::string& name = "Net") {
  return global("my.models", name) + ")\x81" +
         dict({{"training", "\x89"},
               {"_parameters", dict(parts.parameters)},
               {"_buffers", dict(parts.buffers)},
               {"_non_persistent_buffers_set", set_of(parts.not_persistent)},
               {"_forward_hooks", ordered_dict()},
               {"_modules", dict(parts.modules)}}) +
         "b";
}

StateDict open(const std::string& program, const OpenOptions& options = {}) {
  const TorchFile file{program, {{"0", floats({1})}, {"1", floats({2})}}};
  return StateDict::from_bytes(as_bytes(file.bytes()), "m.pt", options);
}
std::string refused(const std::string& program) {
  return refusal([&] { open(program); });
}
std::string names_of(const StateDict& state) {
  std::string names;
  for (const auto& entry : state.entries()) names += entry.name + " ";
  return names;
}

TEST(ModuleWalk, FindsWhatStateDictWouldReturn) {
  const std::string norm = module({.parameters = {{"weight", w0}, {"bias", "N"}},
                                   .buffers = {{"running_mean", w1}, {"cache", w1}},
                                   .not_persistent = {"cache"}});
  const std::string inner = module({.modules = {{"0", norm}, {"1", module({})}}});
  const StateDict state =
      open(module({.parameters = {{"scale", w0}},
                   .buffers = {{"position", w1}},
                   .modules = {{"body", inner}, {"none", "N"}, {"head", norm}}}));
  EXPECT_EQ(names_of(state),
            "scale position body.0.weight body.0.running_mean head.weight head.running_mean ");
  EXPECT_THAT(state.read("head.running_mean").f32(), testing::ElementsAre(2));
  EXPECT_THAT(state.facts().notes,
              Contains(AllOf(HasSubstr("my.models.Net"), HasSubstr("nothing was executed"))));
}

TEST(ModuleWalk, FindsModulesOfOldPyTorchWithoutTheSetOfBuffers) {
  const std::string old = global("my.models", "Net") + ")\x81" +
                          dict({{"_parameters", dict({{"w", w0}})},
                                {"_buffers", dict({{"b", w1}})},
                                {"_modules", ordered_dict()}}) +
                          "b";
  EXPECT_EQ(names_of(open(old)), "w b ");
}

TEST(ModuleWalk, TakesAModuleOutOfACheckpoint) {
  const std::string net = module(
      {.parameters = {{"w", w0}}, .modules = {{"sub", module({.parameters = {{"v", w1}}})}}});
  const std::string checkpoint = dict({{"epoch", "K\x03"}, {"model", net}, {"ema", "N"}});
  const StateDict state = open(checkpoint);
  EXPECT_EQ(names_of(state), "w sub.v ");
  EXPECT_EQ(state.facts().weights_key, "model");
  EXPECT_THAT(state.facts().extras, Contains(testing::Pair("epoch", "3")));
  EXPECT_EQ(names_of(open(checkpoint, {.key = "model.sub"})), "v ");
  EXPECT_EQ(names_of(open(checkpoint, {.key = "*"})), "model.w model.sub.v ");
}

TEST(ModuleWalk, AModuleBesideItsStateDictIsNoChoice) {
  const std::string both =
      dict({{"model", module({.parameters = {{"w", w0}}})}, {"state_dict", dict({{"w", w0}})}});
  EXPECT_EQ(open(both).facts().weights_key, "state_dict");
}

TEST(ModuleWalk, FindsAModuleInAnObject) {
  const std::string trainer =
      global("my.training", "Trainer") + ")\x81" +
      dict({{"net", module({.parameters = {{"w", w0}}})}, {"lr", "K\x01"}}) + "b";
  const StateDict state = open(trainer);
  EXPECT_EQ(names_of(state), "w ");
  EXPECT_EQ(state.facts().weights_key, "net");
}

TEST(ModuleWalk, SharedModulesHaveAllTheirNames) {
  const std::string shared = module({.parameters = {{"w", w0}}}) + "q\x01";
  EXPECT_EQ(names_of(open(module({.modules = {{"a", shared}, {"b", "h\x01"}}}))), "a.w b.w ");
}

TEST(ModuleWalk, LeavesOutWhatIsNoTensorAndSaysSo) {
  const std::string odd = call("numpy.core.multiarray", "scalar", {text("x")});
  const StateDict state =
      open(module({.parameters = {{"w", w0}, {"odd", odd}}, .modules = {{"m", odd}}}));
  EXPECT_EQ(names_of(state), "w ");
  EXPECT_THAT(state.facts().notes,
              AllOf(Contains("parameter or buffer 'odd' is an object and was left out"),
                    Contains("submodule 'm' is an object and was left out")));
}

TEST(ModuleWalk, RefusesModulesThatContainThemselves) {
  const std::string name = "q\x01" + dict({{"_parameters", dict({{"w", w0}})},
                                           {"_modules", "}(" + text("again") + "h\x01u"}});
  EXPECT_THAT(refused(global("my.models", "Net") + ")\x81" + name + "b"),
              HasSubstr("is longer than 1024 bytes"));
}

TEST(ModuleWalk, RefusesMultipliedModulesAtLittleCost) {
  std::string program = module({});
  for (int i = 0; i < 40; ++i) {
    program = module({.modules = {{"a", program + "q\x01"}, {"b", "h\x01"}}});
  }
  program = module({.parameters = {{"w", w0}}, .modules = {{"m", program}}});
  std::string message;
  const Cost cost = cost_of([&] { message = refused(program); });
  EXPECT_THAT(message, HasSubstr("more than 65536 modules"));
  EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
}

TEST(ModuleWalk, AModuleWithoutTensorsIsSaidSo) {
  EXPECT_THAT(refused(module({})), HasSubstr("an object of the class 'my.models.Net'"));
}

TEST(ModuleWalk, WalksObjectsOfTorchScript) {
  const auto script = [](const Pairs& attributes) {
    return global("__torch__.my.models", "Net") + ")\x81" + dict(attributes) + "b";
  };
  EXPECT_EQ(names_of(open(
                script({{"training", "\x88"}, {"sub", script({{"weight", w0}})}, {"scale", w1}}))),
            "scale sub.weight ");
}

}  // namespace
