#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../error_of.h"

namespace {

using nn::Rename;
using nn::StateDict;
using testing::ElementsAre;

StateDict dict_of(std::initializer_list<const char*> names) {
  StateDict dict;
  float value = 0;
  for (const char* name : names) dict.set(name, nn::tensor({++value}));
  return dict;
}

std::vector<std::string> names_of(const StateDict& dict) {
  std::vector<std::string> names;
  for (const StateDict::Entry& entry : dict.entries()) names.push_back(entry.name);
  return names;
}

void rename(StateDict& dict, const std::vector<Rename>& renames) { nn::rename(dict, renames); }

TEST(StateDictRename, KeepsOrderAndValues) {
  StateDict dict = dict_of({"a", "b"});
  dict.rename("a", "c");
  EXPECT_THAT(names_of(dict), ElementsAre("c", "b"));
  EXPECT_THAT(dict.read("c").f32(), ElementsAre(1));
  EXPECT_FALSE(dict.contains("a"));
  dict.rename("b", "b");
  EXPECT_TRUE(dict.contains("b"));
}

TEST(StateDictRename, LeavesTheValuesOfAFileUnread) {
  StateDict file = StateDict::open(RUSHLIGHT_SOURCE_DIR "/weights/mnist_convnet.pt");
  const nn::Tensor before = file.read("fc2.bias");
  file.rename("fc2.bias", "head.bias");
  EXPECT_THAT(file.read("head.bias").f32(), testing::ElementsAreArray(before.f32()));
  EXPECT_EQ(file.entries()[7].name, "head.bias");
}

TEST(StateDictRename, RefusesAnUnknownNameAndATakenOne) {
  StateDict dict = dict_of({"a", "b"});
  EXPECT_EQ(error_of([&] { dict.rename("x", "y"); }),
            "(in memory): there is no tensor 'x' to rename among its 2");
  EXPECT_EQ(error_of([&] { dict.rename("a", "b"); }),
            "(in memory): tensor 'a' cannot be renamed to 'b': there is another tensor of that "
            "name");
  EXPECT_EQ(error_of([&] {
              dict.rename({"c", "c"});
            }),
            "(in memory): tensors 'a' and 'b' would both be called 'c'");
  EXPECT_THAT(names_of(dict), ElementsAre("a", "b"));
  EXPECT_TRUE(dict.contains("a") && dict.contains("b"));
}

TEST(StateDictRename, ExchangesNamesAllAtOnce) {
  StateDict dict = dict_of({"a", "b"});
  dict.rename({"b", "a"});
  EXPECT_THAT(dict.read("b").f32(), ElementsAre(1));
  EXPECT_THAT(dict.read("a").f32(), ElementsAre(2));
}

TEST(Rename, TakesATensorAModuleOrAPrefix) {
  StateDict dict = dict_of({"features.0.weight", "features.0.bias", "features.01", "gamma"});
  rename(dict, {{"features.0", "conv1"}, {"gamma", "norm.weight"}});
  EXPECT_THAT(names_of(dict),
              ElementsAre("conv1.weight", "conv1.bias", "features.01", "norm.weight"));
  rename(dict, {{"conv1.", ""}, {"norm.", "a.b."}});
  EXPECT_THAT(names_of(dict), ElementsAre("weight", "bias", "features.01", "a.b.weight"));
}

TEST(Rename, GoesOnWithTheNamesThatTheOneBeforeGave) {
  StateDict dict = dict_of({"module.a.weight", "module.b.weight"});
  rename(dict, {{"module", ""}, {"a", "c"}, {"b", "a"}, {"c", "b"}});
  EXPECT_THAT(names_of(dict), ElementsAre("b.weight", "a.weight"));
}

TEST(Rename, RefusesWhatMeetsNothingAndNamesTheNearest) {
  StateDict dict = dict_of({"conv1.weight", "conv1.bias", "fc.weight"});
  EXPECT_EQ(
      error_of([&] {
        rename(dict, {{"conv2", "x"}});
      }),
      "(in memory): renaming conv2=x: no tensor is called 'conv2' or stands below it, nearest "
      "are 'conv1.weight', 'conv1.bias'");
  EXPECT_EQ(error_of([&] {
              rename(dict, {{"x", "y"}});
            }),
            "(in memory): renaming x=y: no tensor is called 'x' or stands below it");
}

TEST(Rename, RefusesTwoOfANameAndAnEmptyOneAndChangesNothing) {
  StateDict dict = dict_of({"a.weight", "b.weight", "a."});
  EXPECT_EQ(error_of([&] {
              rename(dict, {{"b", "c"}, {"a", "c"}});
            }),
            "(in memory): tensors 'a.weight' and 'c.weight' would both be called 'c.weight'");
  EXPECT_EQ(error_of([&] {
              rename(dict, {{"a", ""}});
            }),
            "(in memory): renaming a= would leave tensor 'a.' without a name");
  EXPECT_EQ(error_of([&] {
              rename(dict, {{"a.weight", ""}});
            }),
            "(in memory): renaming a.weight= would leave tensor 'a.weight' without a name");
  EXPECT_THAT(names_of(dict), ElementsAre("a.weight", "b.weight", "a."));
}

TEST(Rename, IsWrittenAsOldEqualsNew) {
  EXPECT_EQ(nn::parse_rename("module.="), (Rename{"module.", ""}));
  EXPECT_EQ(nn::parse_rename("a.b=c"), (Rename{"a.b", "c"}));
  EXPECT_EQ(nn::to_text(Rename{"a.b", "c"}), "a.b=c");
  for (const char* wrong : {"", "a", "=a", "a=b=c"}) {
    EXPECT_EQ(error_of([&] { nn::parse_rename(wrong); }),
              nn::concat("expected a rename as OLD=NEW, got '", wrong, "'"));
  }
}

}  // namespace
