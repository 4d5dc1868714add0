#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

namespace {

using nn::Graph;
using nn::StateDict;
using nn::Wrapper;
using testing::ElementsAre;
using testing::IsEmpty;

StateDict dict_of(const std::vector<std::string>& names) {
  StateDict dict;
  for (const std::string& name : names) dict.set(name, nn::Tensor({1, 1}));
  return dict;
}

Graph fc(const std::string& name) {
  return {{name, nn::Linear({.in_features = 1, .out_features = 1, .bias = false})}};
}

Graph two() { return {{"a", fc("0")}, {"b", fc("0")}}; }

// How two()'s names may come out of PyTorch.
TEST(Wrapper, IsFoundInEveryOrderAndAlsoInside) {
  const std::vector<std::pair<std::vector<std::string>, Wrapper>> cases{
      {{"a.0.weight", "b.0.weight"}, {}},
      {{"module.a.0.weight", "module.b.0.weight"}, {"module.", {}}},
      {{"_orig_mod.a.0.weight", "_orig_mod.b.0.weight"}, {"_orig_mod.", {}}},
      {{"model.a.0.weight", "model.b.0.weight"}, {"model.", {}}},
      {{"net.a.0.weight", "net.b.0.weight"}, {"net.", {}}},
      {{"module.model.net.a.0.weight", "module.model.net.b.0.weight"}, {"module.model.net.", {}}},
      {{"module._orig_mod.a.0.weight", "module._orig_mod.b.0.weight"}, {"module._orig_mod.", {}}},
      {{"_forward_module.model._orig_mod.a.0.weight", "_forward_module.model._orig_mod.b.0.weight"},
       {"_forward_module.model._orig_mod.", {}}},
      {{"a._orig_mod.0.weight", "b.0.weight"}, {"", {"_orig_mod"}}},
      {{"a.0._orig_mod.weight", "b.0._orig_mod.weight"}, {"", {"_orig_mod"}}},
      {{"a.module.0.weight", "b.0.weight"}, {"", {"module"}}},
      {{"_fsdp_wrapped_module.a._fsdp_wrapped_module.0.weight",
        "_fsdp_wrapped_module.b._fsdp_wrapped_module._checkpoint_wrapped_module.0.weight"},
       {"", {"_fsdp_wrapped_module", "_checkpoint_wrapped_module"}}},
      {{"model.a._orig_mod.0.weight", "model.b.0.weight"}, {"model.", {"_orig_mod"}}},
      {{"backbone.a.0.weight", "backbone.b.0.weight"}, {}},  // nothing but a rename
      {{"model.a.0.weight", "model.b.0.weight", "criterion.weight"}, {"model.", {}}},
  };
  const Graph graph = two();
  for (const auto& [names, wrapper] : cases) {
    const StateDict dict = dict_of(names);
    EXPECT_EQ(nn::find_wrapper(graph, dict), wrapper) << names[0];
    Graph filled = two();
    if (names.size() == 2 && !names[0].starts_with("backbone")) {
      EXPECT_EQ(nn::load(filled, dict).wrapper, wrapper) << names[0];
    }
  }
}

TEST(Wrapper, LeavesANetworkAloneThatHasTheWordsItself) {
  const std::vector<std::string> names{"model.module.weight", "model.net.weight",
                                       "model._orig_mod.0.weight"};
  const auto graph = [] {
    return Graph{{"model", Graph{{"module", fc("x").nodes()[0].layer},
                                 {"net", fc("x").nodes()[0].layer},
                                 {"_orig_mod", fc("0")}}}};
  };
  Graph net = graph();
  EXPECT_TRUE(nn::find_wrapper(net, dict_of(names)).empty());
  EXPECT_THAT(nn::load(net, dict_of(names)).matched, testing::ElementsAreArray(names));
  // And when it is wrapped all the same:
  std::vector<std::string> wrapped;
  for (const std::string& name : names) wrapped.push_back("module." + name);
  const nn::LoadReport report = nn::load(net, dict_of(wrapped));
  EXPECT_EQ(report.wrapper, (Wrapper{"module.", {}}));
  EXPECT_THAT(report.matched, testing::ElementsAreArray(names));
}

TEST(Wrapper, IsNotTakenAwayWhereTwoNamesWouldBeEqual) {
  const StateDict dict = dict_of({"module.a.0.weight", "module.b.0.weight", "a.0.weight"});
  EXPECT_TRUE(nn::find_wrapper(two(), dict).empty());
  EXPECT_TRUE(nn::find_wrapper(dict_of({"module.a._orig_mod.b", "module.a.b"})).empty());
}

TEST(Wrapper, OfNamesAloneIsWhatAllHaveInFront) {
  const auto found = [](const std::vector<std::string>& names) {
    return nn::find_wrapper(dict_of(names));
  };
  EXPECT_EQ(found({"module.model.a.b", "module.model.c.b"}), (Wrapper{"module.model.", {}}));
  EXPECT_EQ(found({"module.model.a.b", "module.c.b"}), (Wrapper{"module.", {}}));
  EXPECT_EQ(found({"module.a.b", "model.c.b"}), Wrapper{});
  EXPECT_EQ(found({"model.weight", "model.bias"}), (Wrapper{"model.", {}}));
  EXPECT_EQ(found({"net._orig_mod.weight", "net.x"}), (Wrapper{"net.", {"_orig_mod"}}));
  EXPECT_EQ(found({"a.module.weight"}), Wrapper{});
  EXPECT_EQ(found({}), Wrapper{});
  EXPECT_EQ(found({"weight", "module.bias"}), Wrapper{});
}

TEST(Wrapper, SaysWhoseWordsWereTakenAway) {
  EXPECT_THAT(nn::notes(nn::compare(two(), dict_of({"module.a.0.weight", "module.b.0.weight"}))),
              ElementsAre(nn::to_text(Wrapper{"module.", {}})));
  EXPECT_THAT(nn::notes(nn::compare(two(), dict_of({"a.0.weight", "b.0.weight"}))), IsEmpty());
  EXPECT_EQ(nn::to_text(Wrapper{"module.", {}}),
            "names are read without 'module.', which DataParallel adds");
  EXPECT_EQ(nn::to_text(Wrapper{"_orig_mod.module.model.", {"_orig_mod"}}),
            "names are read without '_orig_mod.', which torch.compile adds, 'module.', which "
            "DataParallel adds and 'model.', which an enclosing module adds");
}

TEST(Wrapper, ReportsTheNamesOfTheFileThatAreLeftOver) {
  Graph graph = two();
  StateDict dict =
      dict_of({"module.a.0.weight", "module.b.0.weight", "module.c", "ema.a.0.weight"});
  const nn::LoadReport report = nn::load(graph, dict, {.strict = false});
  EXPECT_THAT(report.matched, ElementsAre("a.0.weight", "b.0.weight"));
  EXPECT_THAT(report.unexpected, ElementsAre("module.c", "ema.a.0.weight"));
  EXPECT_THAT(report.missing, IsEmpty());
}

// AveragedModel counts beside the network that it wraps; without it the key has no reason.
TEST(Wrapper, OfAveragedWeightsHasACountOfNoUse) {
  Graph graph = two();
  const nn::LoadReport report =
      nn::compare(graph, dict_of({"n_averaged", "module.a.0.weight", "module.b.0.weight"}));
  EXPECT_TRUE(report.fits());
  EXPECT_THAT(nn::compare(graph, dict_of({"n_averaged", "a.0.weight", "b.0.weight"})).unexpected,
              ElementsAre("n_averaged"));
  EXPECT_EQ(nn::find_wrapper(dict_of({"n_averaged", "module.a.0.weight", "module.b.0.weight"})),
            (Wrapper{"module.", {}}));
}

// Each name has a prefix of its own. 65,536 are as many as a file may have: not looked through.
TEST(Wrapper, IsFoundAmongManyNames) {
  const std::vector<std::string> words{"module.", "net.", "model.", "_orig_mod."};
  const auto names = [&](std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) {
      std::string name;
      for (std::size_t bit = 0; bit < 16; bit += 2) name += words[i >> bit & 3];
      all.push_back(name + "a.0.weight");
    }
    return all;
  };
  EXPECT_EQ(nn::find_wrapper(two(), dict_of(names(4096))).unwrapped(names(1)[0]), "a.0.weight");
  EXPECT_TRUE(nn::find_wrapper(two(), dict_of(names(65536))).empty());
}

}  // namespace
