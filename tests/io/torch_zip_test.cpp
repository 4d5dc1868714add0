#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "cost.h"
#include "torch_writer.h"

namespace {

using namespace test;
using namespace test::pickle;
using nn::DType;
using nn::Shape;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

StateDict open(const std::string& bytes) { return StateDict::from_bytes(as_bytes(bytes), "m.pt"); }
StateDict open(const TorchFile& file) { return open(file.bytes()); }

std::string refused(const TorchFile& file) {
  return refusal([&] { open(file); });
}
// A file with one tensor 'w' on a storage of 6 floats 0 … 5.
TorchFile file_of(const std::string& tensor_program) {
  return {dict({{"w", tensor_program}}), {{"0", floats({0, 1, 2, 3, 4, 5})}}};
}
TorchFile file_of(const std::vector<std::int64_t>& sizes, const std::vector<std::int64_t>& strides,
                  std::int64_t offset = 0) {
  return file_of(tensor(storage("0", 6), sizes, strides, offset));
}
std::vector<float> values_of(const TorchFile& file) {
  const nn::Tensor tensor = open(file).read("w");
  return {tensor.f32().begin(), tensor.f32().end()};
}
std::string names_of(const TorchFile& file) {
  std::string names;
  const StateDict state = open(file);
  for (const auto& entry : state.entries()) names += entry.name + " ";
  return names;
}

TEST(TorchZip, ReadsATensorOfAHandMadeFile) {
  const StateDict state = open(file_of({2, 3}, {3, 1}));
  EXPECT_EQ(state.format(), "torch.save zip");
  EXPECT_EQ(state.source(), "m.pt");
  ASSERT_EQ(state.entries().size(), 1U);
  EXPECT_EQ(state.entries()[0].name, "w");
  EXPECT_EQ(state.entries()[0].dtype, "float32");
  EXPECT_EQ(state.entries()[0].shape, Shape({2, 3}));
  EXPECT_EQ(state.entries()[0].bytes, 24U);
  EXPECT_THAT(state.read("w").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  state.verify();
  EXPECT_THAT(refusal([&] { state.read("v"); }), StartsWith("m.pt: there is no tensor 'v'"));
}

TEST(TorchZip, CopiesShareTheFileAndSetReplacesOnlyInOne) {
  const StateDict original = open(file_of({2}, {1}));
  StateDict copy = original;
  copy.set("w", nn::tensor({7}));
  copy.set("b", nn::tensor({8, 9}));
  EXPECT_THAT(original.read("w").f32(), ElementsAre(0, 1));
  EXPECT_FALSE(original.contains("b"));
  EXPECT_THAT(copy.read("w").f32(), ElementsAre(7));
  EXPECT_THAT(copy.read("b").f32(), ElementsAre(8, 9));
  EXPECT_EQ(copy.find("w")->shape, Shape({1}));
}

TEST(TorchZip, BuildsAStateDictInCode) {
  StateDict state;
  EXPECT_TRUE(state.entries().empty());
  EXPECT_EQ(state.format(), "in memory");
  state.set("w", nn::tensor({1}));
  EXPECT_THAT(state.read("w").f32(), ElementsAre(1));
  state.verify();
}

TEST(TorchZip, Z11RefusesDamagedValuesWhenTheyAreRead) {
  const Zip zip = make_zip(file_of({6}, {1}).items());
  const StateDict state = open(patched(zip.bytes, zip.data[4] + 7, "\x40"));
  EXPECT_THAT(refusal([&] { state.read("w"); }),
              AllOf(StartsWith("m.pt: tensor 'w': m/data/0: the checksum is"),
                    HasSubstr("download the file again")));
  EXPECT_THAT(refusal([&] { state.verify(); }), StartsWith("m.pt: m/data/0: the checksum"));
}

TEST(TorchZip, Z18RefusesTwoTopFolders) {
  auto items = file_of({6}, {1}).items();
  items.push_back({"other/x", ""});
  EXPECT_THAT(refusal([&] { open(make_zip(items).bytes); }), HasSubstr("expected one folder"));
}

TEST(TorchZip, Z25RefusesAMissingPickleVersionOrStorage) {
  for (const auto& [entry, reason] : std::vector<std::pair<std::string, std::string>>{
           {"m/data.pkl", "zip archive without data.pkl"},
           {"m/version", "the entry 'm/version' is missing"},
           {"m/data/0", "the entry 'm/data/0' is missing"}}) {
    auto items = file_of({6}, {1}).items();
    std::erase_if(items, [&missing = entry](const ZipItem& item) { return item.name == missing; });
    EXPECT_THAT(refusal([&] { open(make_zip(items).bytes); }), HasSubstr(reason));
  }
}

TEST(TorchZip, Z26SwapsBigEndianStoragesByElement) {
  TorchFile file = file_of({2}, {1});
  file.storages[0].second = std::string("\x3F\x80\0\0\x40\0\0\0", 8) + std::string(16, '\0');
  file.byteorder = "big";
  EXPECT_THAT(values_of(file), ElementsAre(1, 2));
  file.byteorder = "middle";
  EXPECT_THAT(refused(file), HasSubstr("m/byteorder: byte order 'middle'"));
  TorchFile doubles{dict({{"w", tensor(storage("0", 2, "DoubleStorage"), {2}, {1})}}),
                    {{"0", std::string("\x3F\xF0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0", 16)}},
                    "big"};
  EXPECT_THAT(open(doubles).read("w").as<double>(), ElementsAre(1, 2));
  TorchFile bytes{
      dict({{"w", tensor(storage("0", 2, "ByteStorage"), {2}, {1})}}), {{"0", "\x01\x02"}}, "big"};
  EXPECT_THAT(open(bytes).read("w").as<std::uint8_t>(), ElementsAre(1, 2));
}

TEST(TorchZip, Z27RefusesANewerOrUnreadableVersion) {
  TorchFile file = file_of({6}, {1});
  for (const auto& version : {"11\n", "0\n", "", "x\n", "3x\n", "-1\n", "99999999999999999999\n"}) {
    file.version = version;
    EXPECT_THAT(refused(file), HasSubstr("m/version: format version")) << version;
  }
  file.version = "10";
  EXPECT_EQ(refused(file), "accepted");
  auto items = file.items();
  items[1].data = "2";
  EXPECT_THAT(refusal([&] { open(make_zip(items).bytes); }), HasSubstr("m/.format_version"));
}

TEST(TorchZip, Z28RefusesANestedArchiveInPlaceOfAStorage) {
  TorchFile file = file_of({6}, {1});
  file.storages[0].second = make_zip({{"r/a", "x"}}).bytes;
  EXPECT_THAT(refused(file), HasSubstr("its 6 elements of 4 bytes need 24"));
}

TEST(TorchZip, AReZippedDeflatedFileReadsTheSame) {
  auto items = file_of({3, 2}, {1, 3}).items();
  for (auto& item : items) item.deflate = true;
  const StateDict state = open(make_zip(items, ZipStyle::plain).bytes);
  EXPECT_THAT(state.read("w").f32(), ElementsAre(0, 3, 1, 4, 2, 5));
}

TEST(TorchZip, P22P24RefusesSizesThatAreNoInts) {
  for (const auto& size : {std::string("\x88"), std::string("N"), text("2"),
                           "G" + std::string("\x7F\xF8\0\0\0\0\0\0", 8),
                           std::string("\x8A\xFF") + std::string(255, '\x01')}) {
    const auto file = file_of(call("torch._utils", "_rebuild_tensor_v2",
                                   {storage("0", 6), "K\x01" + std::string("0N0") + integer(0),
                                    tuple({size}), integers({1}), "\x89", ordered_dict()}));
    EXPECT_THAT(refused(file), HasSubstr("expected an int")) << size;
  }
}

TEST(TorchZip, P26RefusesPersistentIdsOfAnotherForm) {
  const std::string type = global("torch", "FloatStorage");
  for (const auto& id :
       {text("0"), tuple({}), tuple({text("storage"), type, text("0"), text("cpu")}),
        tuple({text("module"), type, text("0"), text("cpu"), integer(6)}),
        tuple({text("storage"), text("x"), text("0"), text("cpu"), integer(6)}),
        tuple({text("storage"), type, "K\x01", text("cpu"), integer(6)}),
        tuple({text("storage"), type, text("0"), text("cpu"), "\x88"}),
        tuple({text("storage"), type, text("0"), text("cpu"), integer(6), "N"})}) {
    EXPECT_THAT(refused(file_of(tensor(id + "Q", {6}, {1}))), HasSubstr("a persistent id is"));
  }
}

TEST(TorchZip, P28SaysWhatAFileWithoutTensorsHolds) {
  EXPECT_THAT(refused({"K\x01", {}}), HasSubstr("the file holds an int"));
  EXPECT_THAT(refused({"N", {}}), HasSubstr("the file holds None"));
  EXPECT_THAT(refused({text("x"), {}}), HasSubstr("the file holds a string"));
  EXPECT_THAT(refused({"]", {}}), HasSubstr("an empty list"));
  EXPECT_THAT(refused({list({"N", "K\x01"}), {}}),
              HasSubstr("a list with '0' (None), '1' (an int)"));
  EXPECT_EQ(names_of({vector("0", 1), {{"0", floats({1})}}}), "0 ");
  EXPECT_EQ(names_of({tuple({vector("0", 1), vector("0", 1)}), {{"0", floats({1})}}}), "0 1 ");
}

TEST(TorchZip, P29RefusesAnEmptyDict) {
  EXPECT_THAT(refused({"}", {}}), HasSubstr("there is an empty dict"));
}

TorchFile checkpoint(const Pairs& pairs) {
  return {dict(pairs), {{"0", floats({1})}, {"1", floats({2})}}};
}

TEST(TorchZip, P30FindsTheWeightsOfACheckpoint) {
  const std::string a = dict({{"a", vector("0", 1)}});
  const std::string b = dict({{"b", vector("1", 1)}});
  EXPECT_EQ(names_of(checkpoint({{"epoch", "K\x01"}, {"state_dict", a}})), "a ");
  EXPECT_EQ(names_of(checkpoint({{"loss", vector("1", 1)}, {"model", a}})), "a ");
  EXPECT_EQ(names_of(checkpoint({{"w", vector("1", 1)}, {"optimizer", a}})), "w ");
  EXPECT_EQ(names_of(checkpoint({{"generator", a}, {"epoch", "K\x01"}})), "a ");
  EXPECT_THAT(refused(checkpoint({{"encoder", a}, {"decoder", b}})),
              AllOf(HasSubstr("several keys hold tensors"), HasSubstr("'encoder' (a dict)")));
  EXPECT_THAT(refused(checkpoint({{"model", a}, {"model_ema", b}})),
              HasSubstr("under 'model' and averaged ones under 'model_ema'"));
  EXPECT_EQ(names_of(checkpoint({{"params_ema", a}})), "a ");
  EXPECT_THAT(refused(checkpoint({{"epoch", "K\x01"}, {"lr", "N"}})),
              HasSubstr("there is a dict with 'epoch' (an int), 'lr' (None)"));
}

TEST(TorchZip, MetadataOfAnOrderedDictIsIgnored) {
  const std::string metadata = dict({{"_metadata", dict({{"", dict({{"version", "K\x01"}})}})}});
  const std::string state =
      ordered_dict() + "(" + text("w") + vector("0", 1) + "u" + metadata + "b";
  EXPECT_EQ(names_of({state, {{"0", floats({1})}}}), "w ");
}

TEST(TorchZip, IntegerKeysBecomeNames) {
  EXPECT_EQ(names_of({"}(K\x05" + vector("0", 1) + "u", {{"0", floats({1})}}}), "5 ");
  EXPECT_THAT(refused({"}(K\x05" + vector("0", 1) + text("5") + vector("0", 1) + "u",
                       {{"0", floats({1})}}}),
              HasSubstr("two tensors are named '5'"));
}

TEST(TorchZip, T1T3RefusesAViewBeyondItsStorage) {
  EXPECT_THAT(refused(file_of({1}, {1}, 6)),
              StartsWith("m.pt: m/data.pkl: tensor 'w': sizes [1] with strides [1] from element 6 "
                         "reach beyond the storage of 6 elements"));
  EXPECT_THAT(refused(file_of({7}, {1})), HasSubstr("reach beyond"));
  EXPECT_EQ(refused(file_of({6}, {1})), "accepted");
  EXPECT_EQ(refused(file_of({1}, {1}, 5)), "accepted");
}

TEST(TorchZip, T2RefusesANegativeOrHugeOffset) {
  EXPECT_THAT(refused(file_of({1}, {1}, -1)), HasSubstr("offset -1 is negative"));
  EXPECT_THAT(refused(file_of({1}, {1}, INT64_MAX)), HasSubstr("reach beyond"));
  EXPECT_THAT(refused(file_of({1}, {1}, 1LL << 62)), HasSubstr("reach beyond"));
}

TEST(TorchZip, T4T5RefusesNegativeAndOverflowingSizes) {
  const std::int64_t large = 1LL << 32;
  EXPECT_THAT(refused(file_of({-1}, {1})), HasSubstr("negative dimension -1"));
  EXPECT_THAT(refused(file_of({large, large}, {1, 1})), HasSubstr("multiplication overflow"));
  EXPECT_THAT(refused(file_of({large, large, 0}, {1, 1, 1})), HasSubstr("multiplication overflow"));
}

TEST(TorchZip, T6T7T8RefusesWrongStrides) {
  EXPECT_THAT(refused(file_of({2}, {-1}, 1)), HasSubstr("stride -1 is negative"));
  EXPECT_THAT(refused(file_of({2}, {6})), HasSubstr("reach beyond"));
  EXPECT_THAT(refused(file_of({3, 3}, {1LL << 62, 1LL << 62})), HasSubstr("reach beyond"));
  EXPECT_THAT(refused(file_of({2, 3}, {1})), HasSubstr("2 dimensions, the strides 1"));
  EXPECT_THAT(values_of(file_of({1, 2}, {999, 1})), ElementsAre(0, 1));
}

TEST(TorchZip, T9TakesExpansionsButNoBombs) {
  EXPECT_THAT(values_of(file_of({3, 2}, {0, 1})), ElementsAre(0, 1, 0, 1, 0, 1));
  const StateDict state = open(file_of({1LL << 40}, {0}));
  Cost cost;
  EXPECT_THAT(refusal([&] { cost = cost_of([&] { state.read("w"); }); }),
              HasSubstr("repeats 24 bytes to 4398046511104"));
  EXPECT_THAT(refused(file_of({1LL << 31, 1LL << 30}, {0, 0})),
              HasSubstr("Storage size calculation overflowed"));
}

TEST(TorchZip, T10T11GathersOverlappingAndTransposedViews) {
  EXPECT_THAT(values_of(file_of({2, 3}, {1, 1})), ElementsAre(0, 1, 2, 1, 2, 3));
  EXPECT_THAT(values_of(file_of({3, 2}, {1, 3})), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(values_of(file_of({2}, {2}, 1)), ElementsAre(1, 3));
}

TEST(TorchZip, T12T13RefusesACountOtherThanTheBytes) {
  EXPECT_THAT(refused(file_of(tensor(storage("0", 5), {2}, {1}))),
              HasSubstr("m/data/0: 24 bytes, its 5 elements of 4 bytes need 20"));
  EXPECT_THAT(refused(file_of(tensor(storage("0", 7), {2}, {1}))), HasSubstr("need 28"));
  EXPECT_THAT(refused(file_of(tensor(storage("0", -1), {2}, {1}))), HasSubstr("-1 elements"));
  EXPECT_THAT(refused(file_of(tensor(storage("0", 1LL << 61), {2}, {1}))), HasSubstr("overflow"));
}

TEST(TorchZip, T14RefusesUnknownAndContradictingStorageTypes) {
  EXPECT_THAT(refused(file_of(tensor(storage("0", 6, "FunnyStorage"), {6}, {1}))),
              HasSubstr("'torch.FunnyStorage' is not a class of storages"));
  EXPECT_THAT(refused(file_of(tensor(storage("0", 6, "DoubleStorage"), {6}, {1}))),
              HasSubstr("need 48"));
  const TorchFile two{dict({{"a", tensor(storage("0", 6), {6}, {1})},
                            {"b", tensor(storage("0", 6, "IntStorage"), {6}, {1})}}),
                      {{"0", floats({0, 1, 2, 3, 4, 5})}}};
  EXPECT_THAT(refused(two), HasSubstr("storage '0' is described in two different ways"));
}

TEST(TorchZip, T15RefusesKeysThatAreNoNames) {
  for (const auto& key :
       {std::string("../../x"), std::string("/x"), std::string(), std::string("0\0", 2),
        std::string(1 << 20, '0'), std::string(".."), std::string("."), std::string("a\\b"),
        std::string("a\nb"), std::string(129, 'k')}) {
    EXPECT_THAT(refused(file_of(tensor(storage(key, 6), {6}, {1}))),
                HasSubstr("expected a key of 1 to 128 bytes without '/'"));
  }
}

TEST(TorchZip, TakesKeysThatAreNumbersNamesOrAddresses) {
  for (const auto& key : {"0", "94273168429856", "conv1.weight", "layer 1", "cl\u00e9"}) {
    const TorchFile file{dict({{"w", tensor(storage(key, 6), {6}, {1})}}),
                         {{key, floats({0, 1, 2, 3, 4, 5})}}};
    EXPECT_THAT(values_of(file), ElementsAre(0, 1, 2, 3, 4, 5)) << key;
  }
}

TEST(TorchZip, T16TakesAnyDeviceButNoGarbage) {
  for (const auto& device : {"cuda:0", "mps", "xla:15", "privateuseone"}) {
    EXPECT_EQ(refused(file_of(tensor(storage("0", 6, "FloatStorage", device), {6}, {1}))),
              "accepted");
  }
  for (const auto& device : {"", "CUDA 0", "cuda:", "cuda:x", "a/b"}) {
    EXPECT_THAT(refused(file_of(tensor(storage("0", 6, "FloatStorage", device), {6}, {1}))),
                HasSubstr("is not a device"));
  }
}

TEST(TorchZip, T17RefusesMoreThan32Dimensions) {
  const std::vector<std::int64_t> ones(10'000, 1);
  EXPECT_THAT(refused(file_of(ones, ones)), HasSubstr("at most 32"));
  const std::vector<std::int64_t> few(32, 1);
  EXPECT_THAT(values_of(file_of(few, few)), ElementsAre(0));
}

TEST(TorchZip, T18TakesEmptyTensorsAndScalars) {
  EXPECT_THAT(values_of(file_of({0, 3}, {99, 99}, 1000)), ElementsAre());
  EXPECT_THAT(values_of(file_of({}, {}, 4)), ElementsAre(4));
}

TEST(TorchZip, T19MakesBoolsZeroOrOne) {
  const TorchFile file{dict({{"w", tensor(storage("0", 4, "BoolStorage"), {4}, {1})}}),
                       {{"0", std::string("\0\1\2\xFF", 4)}}};
  const nn::Tensor tensor = open(file).read("w");
  EXPECT_THAT(as_bytes(std::string("\0\1\1\1", 4)),
              testing::ElementsAreArray(tensor.view().bytes()));
}

TEST(TorchZip, T22ListsTensorsOfOtherKindsAndReadsTheirNeighbours) {
  const std::string of_class = call(
      "torch._tensor", "_rebuild_from_type_v2",
      {global("torch._utils", "_rebuild_tensor_v2"), global("my.tensors", "Special"),
       tuple({storage("0", 1), integer(0), integers({1}), integers({1}), "\x89", ordered_dict()}),
       "N"});
  const std::string complex = tensor(storage("1", 1, "ComplexFloatStorage"), {1}, {1});
  const StateDict state =
      open({dict({{"special", of_class}, {"complex", complex}, {"plain", vector("0", 1)}}),
            {{"0", floats({1})}, {"1", floats({1, 2})}}});
  EXPECT_EQ(state.entries().size(), 3U);
  EXPECT_EQ(state.find("complex")->dtype, "complex64");
  EXPECT_THAT(refusal([&] { state.read("special"); }), HasSubstr("'my.tensors.Special'"));
  EXPECT_THAT(
      refusal([&] { state.read("complex"); }),
      StartsWith("m.pt: tensor 'complex': it cannot be used: its element type is complex64"));
  EXPECT_THAT(state.read("plain").f32(), ElementsAre(1));
}

TEST(TorchZip, T23TensorsMayShareAStorage) {
  const TorchFile file{dict({{"a", tensor(storage("0", 6), {2, 3}, {3, 1})},
                             {"b", tensor(storage("0", 6), {2}, {1}, 4)}}),
                       {{"0", floats({0, 1, 2, 3, 4, 5})}}};
  const StateDict state = open(file);
  EXPECT_THAT(state.read("b").f32(), ElementsAre(4, 5));
  EXPECT_THAT(state.read("a").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(state.read("b").f32(), ElementsAre(4, 5));
}

TEST(TorchZip, ReadsParametersWithStateAndUntypedStorages) {
  const std::string data = vector("0", 1);
  const std::string with_state =
      call("torch._utils", "_rebuild_parameter_with_state", {data, "\x88", ordered_dict(), "}"});
  const std::string v3 = call("torch._utils", "_rebuild_tensor_v3",
                              {storage("1", 8, "UntypedStorage"), integer(0), integers({2}),
                               integers({1}), "\x89", ordered_dict(), global("torch", "float32")});
  const StateDict state =
      open({dict({{"p", with_state}, {"u", v3}}), {{"0", floats({1})}, {"1", floats({2, 3})}}});
  EXPECT_THAT(state.read("p").f32(), ElementsAre(1));
  EXPECT_THAT(state.read("u").f32(), ElementsAre(2, 3));
}

TEST(TorchZip, RefusesMoreThan65536TensorsAtLittleCost) {
  const std::string one = vector("0", 1);
  std::string program = one.substr(0, one.size() - 1);  // function and arguments
  const std::size_t split = program.find('(');
  program.insert(split, "q\x01");
  program += "q\x02" + std::string("R");
  for (int i = 0; i < 100'000; ++i) program += "0h\x01h\x02R";
  const std::string bytes = TorchFile{program, {{"0", floats({1})}}}.bytes();
  std::string message;
  const Cost cost = cost_of([&] { message = refusal([&] { open(bytes); }); });
  EXPECT_THAT(message, HasSubstr("more than 65536 tensors"));
  EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
}

TEST(TorchZip, P10RefusesRebuildsWithOtherArguments) {
  const std::string s = storage("0", 6);
  const auto v2 = [](const std::vector<std::string>& arguments) {
    return file_of(call("torch._utils", "_rebuild_tensor_v2", arguments));
  };
  const std::string zero = integer(0);
  const std::string six = integers({6});
  const std::string one = integers({1});
  const std::string hooks = ordered_dict();
  EXPECT_EQ(refused(v2({s, zero, six, one, "\x89", hooks})), "accepted");
  EXPECT_EQ(refused(v2({s, zero, six, one, "\x89", hooks, "N"})), "accepted");
  for (const auto& file :
       {v2({}), v2({s}), v2({s, zero, six, one}), v2({text("0"), zero, six, one, "\x89", hooks}),
        v2({s, "N", six, one, "\x89", hooks}), v2({s, zero, zero, one, "\x89", hooks}),
        v2({s, zero, six, zero, "\x89", hooks}), v2({s, zero, six, one, "N", hooks}),
        v2({s, zero, six, one, "\x89", "N"}), v2({s, zero, six, one, "\x89", hooks, "K\x01"}),
        file_of(call("torch._utils", "_rebuild_parameter", {"N", "\x88", hooks})),
        file_of(call("torch._tensor", "_rebuild_from_type_v2",
                     {global("os_like", "f"), global("torch", "Tensor"), ")", "N"})),
        file_of(call("torch._utils", "_rebuild_sparse_tensor", {text("torch.sparse_coo"), ")"}))}) {
    EXPECT_THAT(refused(file), HasSubstr("are not understood"));
  }
}

TEST(TorchZip, APlaceholderNeverBecomesATensor) {
  const std::string scalar = call("numpy.core.multiarray", "scalar", {text("x")});
  EXPECT_THAT(refused({dict({{"w", scalar}}), {}}), HasSubstr("'w' (an object)"));
  EXPECT_THAT(refused(file_of(
                  call("torch._utils", "_rebuild_parameter", {scalar, "\x88", ordered_dict()}))),
              HasSubstr("are not understood"));
}

TEST(TorchZip, MessagesEscapeControlBytesOfNames) {
  const TorchFile file{dict({{"a\x1B[31m", tensor(storage("0", 6), {7}, {1})}}),
                       {{"0", floats({0, 1, 2, 3, 4, 5})}}};
  EXPECT_THAT(refused(file), HasSubstr("tensor 'a\\x1b[31m'"));
}

}  // namespace
