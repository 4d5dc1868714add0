#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/script_classes.h>
#include <nn/io/state_dict.h>

#include "cost.h"
#include "torch_writer.h"

namespace {

using namespace test;
using namespace test::pickle;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// An archive of TorchScript with storages '0' and '1' of a float each.
struct ScriptFile {
  std::string data;               // opcodes
  std::string constants = "()t";  // opcodes
  std::string code{};             // of code/__torch__.py; "" for none

  std::string bytes() const {
    std::vector<ZipItem> items = {{"m/data/0", floats({1})},
                                  {"m/data/1", floats({2})},
                                  {"m/data.pkl", proto() + data + "."},
                                  {"m/constants/0", floats({3})},
                                  {"m/constants.pkl", proto() + constants + "."},
                                  {"m/version", "3\n"}};
    if (!code.empty()) items.push_back({"m/code/__torch__.py", code});
    return make_zip(items).bytes;
  }
};

std::string object(std::string_view name, const Pairs& attributes,
                   std::string_view module = "__torch__") {
  return global(module, name) + ")\x81" + dict(attributes) + "b";
}
StateDict open(const ScriptFile& file, const std::string& key = {}) {
  return StateDict::from_bytes(as_bytes(file.bytes()), "m.pt", {key, false});
}
std::string refused(const ScriptFile& file, const std::string& key = {}) {
  return refusal([&] { open(file, key); });
}
std::string names_of(const StateDict& state) {
  std::string names;
  for (const auto& entry : state.entries()) names += entry.name + " ";
  return names;
}
const std::string zero = vector("0", 1);
const std::string one = vector("1", 1);

TEST(TorchScript, NamesTensorsByTheirPathOfAttributes) {
  const std::string conv = object("Conv", {{"weight", zero}, {"training", "\x89"}});
  const StateDict state =
      open({object("Net", {{"scale", one},
                           {"nothing", "N"},
                           {"conv", conv},
                           {"block", object("Block", {{"0", conv}}, "__torch__.my.parts")}})});
  EXPECT_EQ(state.format(), "TorchScript archive");
  EXPECT_EQ(names_of(state), "scale conv.weight block.0.weight ");
  EXPECT_THAT(state.read("block.0.weight").f32(), ElementsAre(1));
  EXPECT_THAT(state.read("scale").f32(), ElementsAre(2));
  state.verify();
}

TEST(TorchScript, TheCodeTellsParametersAndBuffersFromOtherTensors) {
  ScriptFile file{object(
      "Net",
      {{"cache", one}, {"mean", one}, {"weight", zero}, {"point", object("Point", {{"x", one}})}})};
  EXPECT_EQ(names_of(open(file)), "cache mean weight point.x ");
  file.code =
      "class Net(Module):\n"
      "  __parameters__ = [\"weight\", ]\n"
      "  __buffers__ = [\"mean\", ]\n"
      "  cache : Tensor\n"
      "class Point:\n"
      "  x : Tensor\n";
  EXPECT_EQ(names_of(open(file)), "weight mean ");
}

TEST(TorchScript, AFrozenModuleListsItsConstantsByTheirIndex) {
  const std::string constant = vector("0", 1);
  const ScriptFile frozen{object("Net", {}), tuple({constant, "N", constant})};
  const StateDict state = open(frozen);
  EXPECT_EQ(names_of(state), "0 2 ");
  EXPECT_THAT(state.read("2").f32(), ElementsAre(3));
  EXPECT_EQ(state.facts().weights_key, "constants");
  EXPECT_THAT(state.facts().notes, ElementsAre(HasSubstr("each has its index")));
  EXPECT_THAT(refused({object("Net", {})}), HasSubstr("no parameters and its code no constant"));
  const std::string packed =
      global("__torch__.torch.classes.quantized", "Packed") + ")\x81" + tuple({zero, "N"}) + "b";
  EXPECT_THAT(refused({object("Net", {{"packed", packed}})}), HasSubstr("packed for quantised"));
}

TEST(TorchScript, AKeyMeansASubmoduleOrTheConstants) {
  const ScriptFile file{object("Net", {{"a", object("A", {{"w", zero}})}, {"v", one}}),
                        tuple({vector("0", 1)})};
  EXPECT_EQ(names_of(open(file)), "v a.w ");
  EXPECT_EQ(names_of(open(file, "a")), "w ");
  EXPECT_EQ(names_of(open(file, "constants")), "0 ");
  EXPECT_THAT(refused(file, "b"), HasSubstr("there is no submodule 'b'"));
}

TEST(TorchScript, ListsDictsAndEnumsAreInertAndTensorsInThemNoWeights) {
  const std::string jit = "torch.jit._pickle";
  const StateDict state = open({object(
      "Net",
      {{"sizes", call(jit, "build_intlist", {list({"K\x01"})})},
       {"factors", call(jit, "build_doublelist", {"]"})},
       {"flags", call(jit, "build_boollist", {"]"})},
       {"levels", call(jit, "build_tensorlist", {list({one})})},
       {"by_name", call(jit, "restore_type_tag", {dict({{"a", one}}), text("Dict[str, Tensor]")})},
       {"colour", call("__torch__", "Colour", {"K\x01"})},
       {"w", zero}})});
  EXPECT_EQ(names_of(state), "w ");
}

TEST(TorchScript, P7RefusesWhatRunsCodeAndInOrdinaryFilesTheNamesOfTorchScriptToo) {
  EXPECT_THAT(
      refused({object("Net", {{"w", zero}, {"x", call("os", "system", {text("true")})}})}),
      AllOf(HasSubstr("m/data.pkl"), HasSubstr("'os.system'"), HasSubstr("nothing was executed")));
  EXPECT_THAT(refused({object("Net", {{"w", zero}}), call("os", "system", {text("true")})}),
              AllOf(HasSubstr("m/constants.pkl"), HasSubstr("'os.system'")));
  EXPECT_THAT(refused({object("Net", {{"x", call("torch.jit._pickle", "build_other", {"]"})}})}),
              HasSubstr("'torch.jit._pickle.build_other'"));
  EXPECT_THAT(refused({object("Net", {{"x", call("my.code", "make", {"]"})}})}),
              HasSubstr("calls 'my.code.make'"));
  const TorchFile ordinary{call("torch.jit._pickle", "build_intlist", {"]"}), {}};
  EXPECT_THAT(refusal([&] { StateDict::from_bytes(as_bytes(ordinary.bytes()), "m.pt"); }),
              HasSubstr("'torch.jit._pickle.build_intlist', which can run code"));
}

TEST(TorchScript, Z25RefusesAMissingStorageOrPickle) {
  EXPECT_THAT(refused({object("Net", {{"w", vector("2", 1)}})}),
              HasSubstr("the entry 'm/data/2' is missing"));
  EXPECT_THAT(refused({object("Net", {{"w", zero}}), tuple({vector("1", 1)})}),
              HasSubstr("the entry 'm/constants/1' is missing"));
  EXPECT_THAT(refused({object("Net", {{"w", vector("0", 2)}})}),
              HasSubstr("m/data/0: 4 bytes, its 2 elements of 4 bytes need 8"));
  const std::string bytes =
      make_zip({{"m/constants.pkl", proto() + "()t."}, {"m/version", "3"}}).bytes;
  EXPECT_THAT(refusal([&] { StateDict::from_bytes(as_bytes(bytes), "m.pt"); }),
              HasSubstr("the entry 'm/data.pkl' is missing"));
}

TEST(TorchScript, P19P20RefusesModulesThatContainThemselvesOrMultiply) {
  // The object is on the memo before its attributes are set.
  const std::string loop = global("__torch__", "Net") + ")\x81q\x01" + "}(" + text("again") +
                           "h\x01" + text("w") + zero + "ub";
  std::string program = object("Leaf", {{"w", zero}}) + "q\x64";
  for (int level = 0; level < 40; ++level) {
    program += global("__torch__", "Pair") + ")\x81}(" + text("a") + "h\x64" + text("b") + "h\x64" +
               "ubq\x64";
  }
  for (const std::string& data : {loop, program}) {
    std::string message;
    const Cost cost = cost_of([&] { message = refused({data}); });
    EXPECT_THAT(message, StartsWith("m.pt: m/data.pkl"));
    EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
  }
}

TEST(TorchScript, RefusesTwoPathsOfOneName) {
  const std::string conv = object("Conv", {{"weight", zero}});
  EXPECT_THAT(refused({object("Net", {{"conv", conv}, {"conv.weight", one}})}),
              HasSubstr("two tensors are named 'conv.weight'"));
}

TEST(TorchScript, RefusesWhatIsNoModule) {
  EXPECT_THAT(refused({"K\x01"}), HasSubstr("expected a module of TorchScript"));
  EXPECT_THAT(refused({dict({{"w", zero}})}), HasSubstr("the file holds a dict"));
}

TEST(ScriptClasses, ReadsTheListsOfEachClassAndPassesOverTheRest) {
  const auto classes = nn::io::read_script_classes(
      "import x\n"
      "class A(Module):\r\n"
      "  __parameters__ = [\"weight\", \"bias\", ]\n"
      "  __buffers__ = []\n"
      "  def forward(self):\n"
      "    __buffers__ = [\"no\", ]\n"
      "class B:\n"
      "class C(Module):\n"
      "  __parameters__ = [\"a\\\"b\", ]\n"
      "  __buffers__ = [\"open");
  ASSERT_EQ(classes.size(), 3U);
  EXPECT_EQ(classes[0].name, "A");
  EXPECT_TRUE(classes[0].is_module);
  EXPECT_THAT(*classes[0].parameters, ElementsAre("weight", "bias"));
  EXPECT_THAT(*classes[0].buffers, ElementsAre());
  EXPECT_EQ(classes[1].name, "B");
  EXPECT_FALSE(classes[1].is_module);
  EXPECT_FALSE(classes[1].parameters);
  EXPECT_FALSE(classes[2].parameters);
  EXPECT_FALSE(classes[2].buffers);
  EXPECT_TRUE(nn::io::read_script_classes("").empty());
}

}  // namespace
