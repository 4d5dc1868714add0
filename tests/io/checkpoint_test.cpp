// Which tensors of a checkpoint are its weights, and what else is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "torch_writer.h"

namespace {

using namespace test;
using namespace test::pickle;
using nn::OpenOptions;
using nn::StateDict;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

StateDict open(const TorchFile& file, const OpenOptions& options = {}) {
  return StateDict::from_bytes(as_bytes(file.bytes()), "m.pt", options);
}
std::string refused(const TorchFile& file, const OpenOptions& options = {}) {
  return refusal([&] { open(file, options); });
}
std::string names_of(const StateDict& state) {
  std::string names;
  for (const auto& entry : state.entries()) names += entry.name + " ";
  return names;
}
TorchFile checkpoint(const Pairs& pairs) {
  return {dict(pairs), {{"0", floats({1})}, {"1", floats({2})}}};
}
const std::string a = dict({{"a", vector("0", 1)}});
const std::string b = dict({{"b", vector("1", 1)}});

TEST(Checkpoint, TheKeySaysWhichWeights) {
  const TorchFile gan = checkpoint({{"netG", a}, {"netD", b}});
  EXPECT_EQ(names_of(open(gan, {.key = "netG"})), "a ");
  EXPECT_EQ(names_of(open(gan, {.key = "netD"})), "b ");
  EXPECT_EQ(open(gan, {.key = "netD"}).facts().weights_key, "netD");
  EXPECT_THAT(refused(gan, {.key = "netE"}),
              AllOf(HasSubstr("there is no key 'netE'"), HasSubstr("'netG' (a dict)")));
  const TorchFile nested = checkpoint({{"gan", dict({{"g", a}, {"d", b}})}});
  EXPECT_EQ(names_of(open(nested, {.key = "gan.d"})), "b ");
}

TEST(Checkpoint, AKeyIsRefusedWhereThereIsNoCheckpoint) {
  const std::string path = RUSHLIGHT_SOURCE_DIR "/tests/golden/io/state_dict.safetensors";
  EXPECT_THAT(refusal([&] { StateDict::open(path, {.key = "model"}); }),
              HasSubstr("leave the key out"));
}

TEST(Checkpoint, FactsSayWhereTheWeightsWereAndWhatElseThereIs) {
  const auto facts =
      open(checkpoint({{"epoch", "K\x0C"}, {"state_dict", a}, {"arch", text("r")}})).facts();
  EXPECT_EQ(facts.weights_key, "state_dict");
  EXPECT_THAT(facts.extras, ElementsAre(Pair("epoch", "12"), Pair("arch", "r")));
  EXPECT_EQ(facts.producer, "PyTorch 2.6 or later");
  EXPECT_EQ(open(checkpoint({{"w", vector("0", 1)}})).facts().weights_key, "");
  EXPECT_EQ(StateDict().facts().producer, "");
}

TEST(Checkpoint, SkipUnknownTakesCallsOfUnknownFunctionsButNoDangerousOnes) {
  const auto with = [&](const std::string& extra) {
    return checkpoint({{"state_dict", a}, {"extra", extra}});
  };
  const OpenOptions skip{.skip_unknown = true};
  const TorchFile unknown = with(call("my.models", "build", {text("x")}));
  EXPECT_THAT(refused(unknown), AllOf(HasSubstr("my.models.build"), HasSubstr("--skip-unknown")));
  EXPECT_EQ(names_of(open(unknown, skip)), "a ");
  EXPECT_THAT(open(unknown, skip).facts().extras, Contains(Pair("extra", "an object")));
  for (const auto& [module, name] : {std::pair("os", "system"), std::pair("builtins", "eval"),
                                     std::pair("posix", "system"), std::pair("torch", "load")}) {
    EXPECT_THAT(refused(with(call(module, name, {text("x")})), skip),
                HasSubstr("nothing was executed"));
  }
}

TEST(Checkpoint, ASkippedCallNeverBecomesATensor) {
  const std::string made = call("my.models", "tensor", {text("x")});
  EXPECT_THAT(refused({dict({{"w", made}}), {}}, {.skip_unknown = true}),
              HasSubstr("'w' (an object)"));
  EXPECT_THAT(refused({dict({{"w", call("torch._utils", "_rebuild_parameter",
                                        {made, "\x88", ordered_dict()})}}),
                       {}},
                      {.skip_unknown = true}),
              HasSubstr("are not understood"));
}

}  // namespace
