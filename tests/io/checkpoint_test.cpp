// Which tensors of a checkpoint are its weights, and what else is said of it.
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
  EXPECT_EQ(facts.producer, "rushlight or another program, in PyTorch's form");
  EXPECT_EQ(open(checkpoint({{"w", vector("0", 1)}})).facts().weights_key, "");
  EXPECT_EQ(StateDict().facts().producer, "");
}

TEST(Checkpoint, TheItemsOfADequeAreNoPairs) {
  const std::string losses = call("collections", "deque", {}) + "(K\x01K\x02" + "e";
  const auto facts = open(checkpoint({{"losses", losses}, {"state_dict", a}})).facts();
  EXPECT_THAT(facts.extras, ElementsAre(Pair("losses", "collections.deque [1, 2]")));
}

TEST(Checkpoint, SkipUnknownTakesCallsOfUnknownFunctionsButNoDangerousOnes) {
  const auto with = [&](const std::string& extra) {
    return checkpoint({{"state_dict", a}, {"extra", extra}});
  };
  const OpenOptions skip{.skip_unknown = true};
  const TorchFile unknown = with(call("my.models", "build", {text("x")}));
  EXPECT_THAT(refused(unknown), AllOf(HasSubstr("my.models.build"), HasSubstr("--skip-unknown")));
  EXPECT_EQ(names_of(open(unknown, skip)), "a ");
  EXPECT_THAT(open(unknown, skip).facts().extras, Contains(Pair("extra", "my.models.build('x')")));
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

const OpenOptions all{.key = "*"};
const std::string w0 = vector("0", 1);
const std::string w1 = vector("1", 1);
// As torch.optim writes it.
const std::string optimizer = dict({{"state", "}(K\x01" + dict({{"exp_avg", w1}}) + "u"},
                                    {"param_groups", list({dict({{"lr", "K\x01"}})})}});

TEST(Checkpoint, P30FollowsSeveralKeys) {
  const StateDict state = open(checkpoint(
      {{"model", dict({{"state_dict", a}, {"step", "K\x05"}})}, {"optimizer", optimizer}}));
  EXPECT_EQ(names_of(state), "a ");
  EXPECT_EQ(state.facts().weights_key, "model.state_dict");
  EXPECT_THAT(state.facts().extras,
              ElementsAre(Pair("optimizer", "dict, 4 B of tensors"), Pair("model.step", "5")));
  EXPECT_EQ(state.facts().other_tensor_bytes, 4U);
}

TEST(Checkpoint, AsksWhichOfSeveralWeightsAreMeant) {
  EXPECT_THAT(refused(checkpoint({{"netG", a}, {"netD", b}, {"epoch", "K\x01"}})),
              AllOf(HasSubstr("several keys hold tensors"), HasSubstr("'netG' (a dict)"),
                    HasSubstr("--key netG, --key netD, or take all with --key '*'")));
  EXPECT_THAT(refused(checkpoint({{"model", a}, {"state_dict", b}})),
              HasSubstr("--key state_dict, --key model"));
  EXPECT_THAT(refused(checkpoint({{"net", dict({{"g", a}, {"d", b}})}})),
              AllOf(HasSubstr("under 'net'"), HasSubstr("--key net.g, --key net.d")));
  EXPECT_THAT(refused(checkpoint({{"model", a}, {"model_ema", b}})),
              HasSubstr("choose with --key model or --key model_ema"));
  EXPECT_EQ(names_of(open(checkpoint({{"model", a}, {"model_ema", b}}), {.key = "model_ema"})),
            "b ");
}

TEST(Checkpoint, OneModelUnderTwoUsualKeysIsNoChoice) {
  EXPECT_EQ(names_of(open(checkpoint({{"model", a}, {"state_dict", a}}))), "a ");
}

TEST(Checkpoint, AKindOfDictIsReadAsADict) {
  const std::string easy = global("easydict", "EasyDict") + ")\x81";
  const std::string weights = easy + "(" + text("w") + w0 + text("loss") + w1 + text("n") + "Nu";
  EXPECT_EQ(names_of(open(checkpoint({{"epoch", "K\x01"}, {"model", weights}}))), "w ");
  EXPECT_EQ(names_of(open({easy + "(" + text("net") + a + "u", {{"0", floats({1})}}})), "a ");
}

TEST(Checkpoint, WeightsUnderAnUnusualKeyAreMentioned) {
  const StateDict state = open(checkpoint({{"model", a}, {"discriminator", b}}));
  EXPECT_EQ(names_of(state), "a ");
  EXPECT_THAT(state.facts().notes, Contains(HasSubstr("--key discriminator takes them")));
}

TEST(Checkpoint, ADictMayMixTensorsAndDictsOfTensors) {
  const StateDict state = open(checkpoint({{"w", w0},
                                           {"head", dict({{"b", w1}, {"deep", list({w0, w1})}})},
                                           {"epoch", "K\x01"},
                                           {"train_loss", w1},
                                           {"optimizer", optimizer}}));
  EXPECT_EQ(names_of(state), "w head.b head.deep.0 head.deep.1 ");
  EXPECT_THAT(state.facts().extras,
              ElementsAre(Pair("epoch", "1"), Pair("train_loss", "tensor([2.])"),
                          Pair("optimizer", "dict, 4 B of tensors")));
}

TEST(Checkpoint, WhatBelongsToTheTrainingHoldsNoWeights) {
  for (const auto& key : {"optimizer", "optimizer_states", "g_optim", "lr_scheduler", "grad_scaler",
                          "rng_state", "cuda_rng_state_all", "callbacks", "loops", "train_loss"}) {
    EXPECT_EQ(names_of(open(checkpoint({{"encoder", a}, {key, list({w1})}}))), "a ") << key;
    EXPECT_EQ(names_of(open(checkpoint({{"encoder", a}, {key, dict({{"x", w1}})}}))), "a ") << key;
    EXPECT_EQ(names_of(open(checkpoint({{"encoder", a}, {key, w1}}))), "a ") << key;
  }
  EXPECT_EQ(names_of(open(checkpoint({{"encoder", a}, {"sgd", optimizer}}))), "a ");
  // In a dict of tensors alone every name is a parameter's.
  EXPECT_EQ(names_of(open(checkpoint({{"loss", w0}, {"rng", w1}}))), "loss rng ");
}

TEST(Checkpoint, AnOptimizerAloneIsNamed) {
  EXPECT_THAT(refused({optimizer, {{"1", floats({2})}}}),
              HasSubstr("the file holds the state of an optimizer (state, param_groups)"));
  EXPECT_THAT(refused(checkpoint({{"optimizer", optimizer}, {"epoch", "K\x01"}})),
              HasSubstr("only tensors of the training"));
  const TorchFile file = checkpoint({{"model", a}, {"optimizer", optimizer}});
  EXPECT_EQ(names_of(open(file, {.key = "optimizer"})), "state.1.exp_avg ");
}

TEST(Checkpoint, AStarTakesEveryTensorByItsPath) {
  EXPECT_EQ(names_of(open(checkpoint({{"netG", a}, {"netD", b}, {"optimizer", optimizer}}), all)),
            "netG.a netD.b optimizer.state.1.exp_avg ");
  EXPECT_EQ(names_of(open({w0, {{"0", floats({1})}}}, all)), "0 ");
}

TEST(Checkpoint, KeysAreFoundInListsAndWithDotsInThem) {
  const TorchFile lists = checkpoint({{"nets", list({a, tuple({b, "N"})})}});
  EXPECT_THAT(refused(lists), HasSubstr("--key nets.0, --key nets.1"));
  EXPECT_EQ(names_of(open(lists, {.key = "nets.0"})), "a ");
  EXPECT_EQ(names_of(open(lists, {.key = "nets.1.0"})), "b ");
  const TorchFile dots = checkpoint({{"v1.2", a}, {"v1", dict({{"x", b}})}});
  EXPECT_EQ(names_of(open(dots, {.key = "v1.2"})), "a ");
  EXPECT_EQ(names_of(open(dots, {.key = "v1.x"})), "b ");
  EXPECT_EQ(names_of(open(dots, {.key = "v1.2.a"})), "0 ");
}

TEST(Checkpoint, TensorsOfATupleAreFoundByIndex) {
  const std::vector<std::pair<std::string, std::string>> storages = {{"0", floats({1})},
                                                                     {"1", floats({2})}};
  EXPECT_EQ(names_of(open({tuple({w0, tuple({w1, w0})}), storages})), "0 1.0 1.1 ");
  EXPECT_EQ(names_of(open({tuple({a, optimizer}), storages})), "a ");
  const StateDict mixed = open({list({w0, "K\x07"}), storages});
  EXPECT_EQ(names_of(mixed), "0 ");
  EXPECT_THAT(mixed.facts().extras, ElementsAre(Pair("1", "7")));
}

TEST(Checkpoint, P19RefusesWhatContainsItself) {
  EXPECT_THAT(refused({"}q\x01(" + text("w") + w0 + text("x") + "h\x01u", {{"0", floats({1})}}}),
              HasSubstr("'x' contains itself"));
  EXPECT_THAT(
      refused({"}q\x01(" + text("w") + w0 + text("state_dict") + "h\x01u", {{"0", floats({1})}}}),
      HasSubstr("'state_dict' contains itself"));
  EXPECT_EQ(
      names_of(open({"}q\x01(" + text("w") + w0 + text("args") + "h\x01u", {{"0", floats({1})}}})),
      "w ");
}

TEST(Checkpoint, P20RefusesToListMultipliedDicts) {
  std::string program = dict({{"w", w0}});
  for (int i = 0; i < 40; ++i)
    program = "}(" + text("a") + program + "q\x01" + text("b") + "h\x01u";
  std::string message;
  const Cost cost = cost_of([&] {
    message = refused({"}(" + text("w") + w0 + text("x") + program + "u", {{"0", floats({1})}}});
  });
  EXPECT_THAT(message, HasSubstr("more than 65536 tensors"));
  EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
}

// What facts() shows of a value.
std::string shown(const std::string& program) {
  return open(checkpoint({{"state_dict", a}, {"x", program}})).facts().extras.at(0).second;
}
std::string latin1(const std::string& utf8) {
  return call("_codecs", "encode", {text(utf8), text("latin1")});
}
std::string numpy_dtype(const std::string& code, const std::string& order = "<") {
  return call("numpy", "dtype", {text(code), "\x89", "\x88"}) +
         tuple({"K\x03", text(order), "N", "N", "N", integer(-1), integer(-1), integer(0)}) + "b";
}

TEST(Checkpoint, FactsShowPlainValues) {
  EXPECT_EQ(shown("\x88"), "True");
  EXPECT_EQ(shown("N"), "None");
  EXPECT_EQ(shown(integer(-3)), "-3");
  EXPECT_EQ(shown("G" + std::string("\x3F\xB9\x99\x99\x99\x99\x99\x9A")), "0.1");
  EXPECT_EQ(shown(text("resnet18\x1B")), "resnet18\\x1b");
  EXPECT_EQ(shown(dict({{"lr", "K\x02"}, {"betas", tuple({"K\x01", text("x")})}})),
            "{lr: 2, betas: (1, 'x')}");
  EXPECT_EQ(shown(list(
                {"K\x01", "K\x02", "K\x03", "K\x04", "K\x05", "K\x06", "K\x07", "K\x08", "K\x09"})),
            "a list of 9, the last 9");
  EXPECT_EQ(shown(call("torch", "device", {text("cuda"), "K\x01"})), "cuda:1");
  EXPECT_EQ(shown(global("torch", "float16")), "torch.float16");
  EXPECT_EQ(shown(call("torch", "Size", {tuple({"K\x02", "K\x03"})})), "(2, 3)");
}

TEST(Checkpoint, FactsShowNumbersOfNumPy) {
  const auto scalar = [](const std::string& code, const std::string& data,
                         const std::string& order = "<") {
    return shown(call("numpy.core.multiarray", "scalar", {numpy_dtype(code, order), latin1(data)}));
  };
  EXPECT_EQ(scalar("f8", std::string("\0\0\0\0\0\0\xC3\xA0?", 9)), "0.5");
  EXPECT_EQ(scalar("f4", std::string("\xC3\x8D\xC3\x8C\xC3\x8C=", 7)), "0.1");
  EXPECT_EQ(scalar("i2", "\x01\x02"), "513");
  EXPECT_EQ(scalar("i2", "\x01\x02", ">"), "258");
  EXPECT_EQ(scalar("u1", "\xC3\xBF"), "255");
  EXPECT_EQ(scalar("b1", "\x01"), "True");
  EXPECT_EQ(scalar("f8", "\x01"), "a scalar of NumPy, float64");  // not its 8 bytes
  EXPECT_EQ(scalar("x8", "\x01"), "a scalar of NumPy, another type");
  const auto array = [](const std::vector<std::int64_t>& shape, const std::string& data) {
    return shown(call("numpy._core.multiarray", "_reconstruct",
                      {global("numpy", "ndarray"), tuple({integer(0)}), latin1("b")}) +
                 tuple({"K\x01", integers(shape), numpy_dtype("i1"), "\x89", latin1(data)}) + "b");
  };
  EXPECT_EQ(array({3}, "\x01\x02\x03"), "array of int8 [3]: 1, 2, 3");
  EXPECT_EQ(array({}, "\x05"), "5");
  EXPECT_EQ(array({5}, "\x01\x02\x03\x04\x05"), "array of int8 [5]");
  EXPECT_EQ(array({-1, 1LL << 40}, "\x01"), "array of int8 [-1, 1099511627776]");
}

TEST(Checkpoint, FactsShowObjectsOfTheStandardLibrary) {
  const std::string state = dict({{"lr", "K\x01"}, {"arch", text("vgg")}}) + "b";
  EXPECT_EQ(shown(global("argparse", "Namespace") + ")\x81" + state),
            "argparse.Namespace {lr: 1, arch: 'vgg'}");
  EXPECT_EQ(shown(global("pytorch_lightning.utilities.parsing", "AttributeDict") + ")\x81" + "(" +
                  text("lr") + "K\x01u"),
            "pytorch_lightning.utilities.parsing.AttributeDict {lr: 1}");
  EXPECT_EQ(shown(call("pathlib", "PosixPath", {text("/"), text("runs"), text("1")})), "/runs/1");
  EXPECT_EQ(shown(call("datetime", "datetime",
                       {latin1("\x07\xC3\xA8\x02\x03\x0C\x1E\x05" + std::string(3, '\0'))})),
            "2024-02-03 12:30:05");
  EXPECT_EQ(shown(call("functools", "partial", {global("my.models", "build")})),
            "functools.partial(my.models.build)");
  EXPECT_EQ(shown(global("torch.torch_version", "TorchVersion") + tuple({text("2.1.0")}) + "\x81"),
            "2.1.0");
}

TEST(Checkpoint, FactsStayShortAndCheap) {
  const std::string long_name(5000, 'n');
  EXPECT_LT(shown(text(long_name)).size(), 100U);
  EXPECT_LT(shown(dict({{long_name, text(long_name)}})).size(), 110U);
  std::string deep = "K\x01";
  for (int i = 0; i < 500; ++i) deep = list({deep});
  EXPECT_EQ(shown(deep), "[[[a list of 1]]]");
  std::string deep_object = global("my.config", "Node") + ")\x81";
  for (int i = 0; i < 300; ++i) {
    deep_object = global("my.config", "Node") + deep_object + "\x85\x81";
  }
  EXPECT_THAT(shown(deep_object), HasSubstr("(my.config.Node)))"));
  std::string many = "}(";
  for (int i = 0; i < 20'000; ++i) many += integer(i) + "N";
  const StateDict state =
      open({"}(" + text("w") + w0 + many.substr(2) + "u", {{"0", floats({1})}}});
  EXPECT_EQ(state.facts().extras.size(), 256U);
  EXPECT_THAT(state.facts().notes, Contains(HasSubstr("19744 more values")));
}

TEST(Checkpoint, FactsShowTensorsOfOneNumberWhereTheyAreCheapToRead) {
  const auto loss = [](std::size_t size, bool damaged) {
    TorchFile file =
        checkpoint({{"state_dict", a},
                    {"loss", tensor(storage("1", static_cast<std::int64_t>(size)), {}, {})}});
    file.storages[1].second = floats(std::vector<float>(size, 2));
    Zip zip = make_zip(file.items());
    if (damaged) zip.bytes[zip.data[5]] = '\x01';
    return StateDict::from_bytes(as_bytes(zip.bytes), "m.pt").facts().extras.at(0).second;
  };
  EXPECT_EQ(loss(1, false), "tensor(2.)");
  EXPECT_EQ(loss(1, true), "float32 tensor []");
  EXPECT_EQ(loss(1000, false), "float32 tensor []");
}

TEST(Checkpoint, ArraysOfNumPyAreNoTensorsAndSaidSo) {
  const std::string array = call("numpy.core.multiarray", "_reconstruct",
                                 {global("numpy", "ndarray"), tuple({integer(0)}), latin1("b")});
  EXPECT_THAT(refused({dict({{"w", array}}), {}}),
              AllOf(HasSubstr("arrays of NumPy"), HasSubstr("torch.from_numpy")));
}

TEST(Checkpoint, LightningIsNamedAsTheProducer) {
  const StateDict state =
      open(checkpoint({{"pytorch-lightning_version", text("2.4.0")}, {"state_dict", a}}));
  EXPECT_EQ(state.facts().producer,
            "rushlight or another program, in PyTorch's form, PyTorch Lightning 2.4.0");
}

}  // namespace
