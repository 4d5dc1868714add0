// StateDict::share: which values a file in memory lends, and how long they stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "bytes.h"
#include "npy_writer.h"
#include "safetensors_writer.h"
#include "temporary_folder.h"
#include "torch_writer.h"

namespace {

using namespace test;
using nn::StateDict;
using testing::ElementsAre;
using testing::HasSubstr;

// Lent values are those of the file each time; a copy is new each time.
bool is_lent(const StateDict& state, const std::string& name) {
  const auto first = state.share(name);
  const auto second = state.share(name);
  EXPECT_EQ(first->spec(), state.read(name).spec());
  EXPECT_TRUE(std::ranges::equal(first->view().bytes(), state.read(name).view().bytes())) << name;
  return first->data() == second->data();
}

class Share : public testing::Test {
 protected:
  StateDict map(const std::string& bytes) const {
    return StateDict::open(folder_.file("file", bytes), {.mmap = true});
  }
  Folder folder_;
};

// Its storage begins at a multiple of 4, as torch.save sees to: a longer name moves it on.
const std::string torch_file = [] {
  const std::string values = floats({1, 2, 3, 4});
  std::string bytes;
  for (std::string name = "pad"; bytes.empty() || bytes.find(values) % 4 != 0; name += "d") {
    bytes = TorchFile{pickle::dict({{"w", pickle::vector("0", 4)},
                                    {"back", pickle::tensor(pickle::storage("0", 4), {2}, {2})},
                                    {name, pickle::tensor(pickle::storage("0", 4), {1}, {1})},
                                    {"end", pickle::tensor(pickle::storage("0", 4), {2}, {1}, 2)}}),
                      {{"0", values}}}
                .bytes();
  }
  return bytes;
}();

// With the header padded to a multiple of 8, as writers do, and `blanks` more.
std::string padded_safetensors(std::string header, const std::string& data,
                               std::size_t blanks = 0) {
  while (header.size() % 8 != 0) header += ' ';
  return safetensors(header.append(blanks, ' '), data);
}

TEST_F(Share, AMappedFileLendsItsValuesAndThoseOfViewsInOrder) {
  const StateDict state = map(torch_file);
  EXPECT_TRUE(is_lent(state, "w"));
  EXPECT_TRUE(is_lent(state, "end"));
  EXPECT_FALSE(is_lent(state, "back"));  // 1 and 3 do not stand side by side
  EXPECT_EQ(state.share("end")->data(), state.share("w")->data() + 8);
  EXPECT_THAT(state.share("back")->f32(), ElementsAre(1, 3));
}

TEST_F(Share, AFileThatIsReadLendsNothing) {
  const StateDict state = StateDict::open(folder_.file("file", torch_file));
  EXPECT_FALSE(is_lent(state, "w"));
}

TEST_F(Share, BytesInMemoryAreLent) {
  EXPECT_TRUE(is_lent(StateDict::from_bytes(as_bytes(torch_file), "m"), "w"));
}

TEST_F(Share, TheValuesStayWhenTheStateDictAndTheFileGo) {
  std::shared_ptr<const nn::Tensor> lent;
  {
    const StateDict state = map(torch_file);
    lent = state.share("w");
  }
  std::filesystem::remove(folder_ / "file");
  EXPECT_THAT(lent->f32(), ElementsAre(1, 2, 3, 4));
  nn::Tensor copy = *lent;
  copy.f32()[0] = 9;
  EXPECT_EQ(lent->f32()[0], 1);
}

TEST_F(Share, ValuesThatWereSetAreShared) {
  StateDict state = map(torch_file);
  state.set("w", nn::tensor({7}));
  EXPECT_TRUE(is_lent(state, "w"));
  EXPECT_THAT(state.share("w")->f32(), ElementsAre(7));
}

TEST_F(Share, DeflatedEntriesAreCopied) {
  auto items =
      TorchFile{pickle::dict({{"w", pickle::vector("0", 2)}}), {{"0", floats({1, 2})}}}.items();
  for (ZipItem& item : items) item.deflate = item.name == "m/data/0";
  EXPECT_FALSE(is_lent(map(make_zip(items).bytes), "w"));
}

TEST_F(Share, BoolsAreCopiedSinceAnyByteMayStandForTrue) {
  const StateDict state = map(safetensors(
      R"({"b":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", std::string("\2\0", 2)));
  EXPECT_FALSE(is_lent(state, "b"));
  EXPECT_THAT(state.share("b")->as<bool>(), ElementsAre(true, false));
}

TEST_F(Share, ValuesOfOddAddressesAreCopied) {
  const std::string header = R"({"i":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},)"
                             R"("f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
  const std::string data = std::string("x").append(floats({5}));
  for (std::size_t blanks = 0; blanks < 8; ++blanks) {
    EXPECT_EQ(is_lent(map(padded_safetensors(header, data, blanks)), "f"), blanks % 4 == 3);
  }
}

TEST_F(Share, BigEndianAndFortranArraysAreCopied) {
  EXPECT_TRUE(is_lent(map(npy_of("'<f4'", "(2,)", floats({1, 2}))), "0"));
  EXPECT_FALSE(is_lent(map(npy_of("'>f4'", "(2,)", floats({1, 2}))), "0"));
  EXPECT_FALSE(is_lent(map(npy(npy_header("'<f4'", "(2, 2)", "True"), floats({1, 2, 3, 4}))), "0"));
}

TEST_F(Share, ShardsAreMappedToo) {
  folder_.file(
      "one",
      padded_safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", floats({3})));
  const auto index = folder_.file("index.json", R"({"weight_map":{"a":"one"}})");
  EXPECT_TRUE(is_lent(StateDict::open(index, {.mmap = true}), "a"));
  EXPECT_FALSE(is_lent(StateDict::open(index), "a"));
}

TEST_F(Share, DamageIsFoundByVerifyAlone) {
  std::string bytes = torch_file;
  bytes[bytes.find(floats({1, 2, 3}))] ^= 1;
  const StateDict state = map(bytes);
  EXPECT_EQ(state.share("w")->f32()[1], 2);
  EXPECT_THAT(refusal([&] { state.read("w"); }), HasSubstr("checksum"));
  EXPECT_THAT(refusal([&] { state.verify(); }), HasSubstr("checksum"));
}

TEST_F(Share, ErrorsNameFileAndTensor) {
  EXPECT_THAT(refusal([&] { map(torch_file).share("v"); }), HasSubstr("there is no tensor 'v'"));
  EXPECT_THAT(refusal([&] { map(""); }), HasSubstr((folder_ / "file").string()));
  EXPECT_THAT(refusal([&] { StateDict::open(folder_.path(), {.mmap = true}); }),
              HasSubstr("this is a directory"));
}

}  // namespace
