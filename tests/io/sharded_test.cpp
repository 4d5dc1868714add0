#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nn/io/state_dict.h>

#include "bytes.h"
#include "cost.h"
#include "safetensors_writer.h"
#include "torch_writer.h"

namespace {

using namespace test;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// A file with a tensor of one float.
std::string shard(const std::string& tensor, float value) {
  return safetensors("{\"" + tensor + R"(":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                     floats({value}));
}

class Sharded : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "shards_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("one.safetensors", shard("a", 1));
    write("two.safetensors", shard("b", 2));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::filesystem::path index(const std::string& text) const { return write("i.json", text); }
  std::filesystem::path map(const std::string& text) const {
    return index("{\"weight_map\":" + text + "}");
  }
  std::string refused(const std::filesystem::path& path) const {
    const std::string message = refusal([&] { StateDict::open(path); });
    if (message != "accepted") {
      EXPECT_THAT(message, StartsWith(path.string() + ": "));
    }
    return message;
  }

  std::filesystem::path folder_;
};

TEST_F(Sharded, ReadsTheTensorsOfTheIndexFromTheirShards) {
  const StateDict state =
      StateDict::open(index(R"({"metadata":{"total_size":8,"x":[1.5,{"y":null}]},)"
                            R"("weight_map":{"b":"two.safetensors","a":"one.safetensors"}})"));
  EXPECT_EQ(state.format(), "sharded safetensors");
  ASSERT_EQ(state.entries().size(), 2U);
  EXPECT_EQ(state.entries()[0].name, "b");
  EXPECT_THAT(state.read("a").f32(), ElementsAre(1));
  EXPECT_THAT(state.read("b").f32(), ElementsAre(2));
  state.verify();
}

TEST_F(Sharded, TellsAnIndexByItsContent) {
  const auto path = write("weights.pt", "\n { \"weight_map\": {\"a\": \"one.safetensors\"}}\n");
  EXPECT_THAT(StateDict::open(path).read("a").f32(), ElementsAre(1));
}

TEST_F(Sharded, ShardsMayBeFilesOfTorchSaveAndLinks) {
  write("m.bin",
        TorchFile{pickle::dict({{"w", pickle::vector("0", 1)}}), {{"0", floats({7})}}}.bytes());
  std::filesystem::create_symlink(folder_ / "m.bin", folder_ / "link.bin");
  const StateDict state = StateDict::open(map(R"({"w":"link.bin"})"));
  EXPECT_EQ(state.format(), "sharded torch.save zip");
  EXPECT_THAT(state.read("w").f32(), ElementsAre(7));
}

TEST_F(Sharded, ATensorThatTheIndexDoesNotNameIsNotListed) {
  write("two.safetensors", safetensors(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                       R"("c":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                                       "xy"));
  const StateDict state = StateDict::open(map(R"({"c":"two.safetensors"})"));
  ASSERT_EQ(state.entries().size(), 1U);
  EXPECT_THAT(state.read("c").as<std::uint8_t>(), ElementsAre('y'));
}

TEST_F(Sharded, RefusesAVocabulary) {
  std::string text = "{\"a\":0";
  for (int i = 0; i < 300; ++i) text += ",\"" + std::to_string(i) + "\":1";
  EXPECT_THAT(refused(index(text + "}")), HasSubstr("not the index of a model's shards"));
}

TEST_F(Sharded, RefusesAnIndexOutOfOrder) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "a JSON file without weight_map, not the index of a model's shards"},
      {R"({"hidden_size":768,"vocab":["a"]})", "without weight_map"},
      {R"({"weight_map":{}})", "weight_map: expected tensors, it names none"},
      {R"({"weight_map":[]})", "weight_map: byte 14: expected an object"},
      {R"({"weight_map":{"a":1}})", "expected a string, got '1}}'"},
      {R"({"weight_map":{"a":null}})", "expected a string"},
      {R"({"weight_map":{"a":"one.safetensors"},"weight_map":{}})",
       "the key 'weight_map' occurs twice"},
      {R"({"metadata":{},"weight_map":{"a":"one.safetensors"},"\u006detadata":1})",
       "the key 'metadata' occurs twice"},
      {R"({"weight_map":{"a":"one.safetensors","\u0061":"one.safetensors"}})",
       "two tensors are named 'a'"},
      {R"({"weight_map":{"\u0000":"one.safetensors"}})", "contains NUL"},
      {R"({"weight_map":{"a":"one.safetensors"}} x)", "expected the end of the text, got 'x'"},
      {R"({"weight_map":{"a":"one.safetensors"})", "expected ',' or '}', got the end of the text"},
      {R"({"weight_map":{"a":"one.safetensors"},"m":01})", "expected ',' or '}'"},
      {"{\"\xFF\":1}", "the text is not UTF-8"},
      {"{\"a\":" + std::string(100'000, '['), "nested more than 64 deep"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_THAT(refused(index(text)), HasSubstr(expected)) << text.substr(0, 100);
  }
}

TEST_F(Sharded, RefusesNamesThatLeadOutOfTheFolder) {
  for (const auto& name : {"", ".", "..", "../one.safetensors", "/etc/passwd",
                           "sub/one.safetensors", "https://example.org/a", "..\\\\one.safetensors",
                           "one.safetensors\\u0000", "./one.safetensors"}) {
    EXPECT_THAT(refused(map(R"({"a":")" + std::string(name) + "\"}")),
                HasSubstr("expected the name of a file beside the index"))
        << name;
  }
  EXPECT_THAT(refused(map("{\"a\":\"" + std::string(256, 'x') + "\"}")),
              HasSubstr("expected the name of a file beside the index"));
}

TEST_F(Sharded, RefusesShardsThatAreMissingOrNotWhatTheIndexSays) {
  std::filesystem::create_directory(folder_ / "folder");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  write("cut.safetensors", shard("a", 1).substr(0, 60));
  write("note.txt", "random bytes");
  write("other.json", R"({"weight_map":{"a":"i.json"}})");
  std::filesystem::create_symlink(folder_ / "i.json", folder_ / "itself");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"three.safetensors",
       "No such file or directory; every shard of the index has to lie beside"},
      {"folder", "this is a directory"},
      {"pipe", "a pipe, socket or device"},
      {"two.safetensors", "tensor 'a' is in shard 'two.safetensors', which does not have it"},
      {"cut.safetensors", "shard 'cut.safetensors': header: the file says"},
      {"note.txt", "shard 'note.txt': the format is not recognised"},
      {"i.json", "shard 'i.json': expected a file of tensors, this is an index itself"},
      {"other.json", "this is an index itself"},
      {"itself", "this is an index itself"},
  };
  for (const auto& [name, expected] : cases) {
    EXPECT_THAT(refused(map(R"({"a":")" + name + "\"}")), HasSubstr(expected)) << name;
  }
}

TEST_F(Sharded, LimitsTensorsAndShardsAtLittleCost) {
  std::string many_tensors = R"({"t":"one.safetensors")";
  for (int i = 0; i < 100'000; ++i) {
    many_tensors += ",\"" + std::to_string(i) + "\":\"one.safetensors\"";
  }
  std::string many_shards = R"({"t":"s")";
  for (int i = 0; i < 1000; ++i) {
    many_shards += ",\"" + std::to_string(i) + "\":\"s" + std::to_string(i) + "\"";
  }
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {many_tensors + "}", "more than 65536 tensors, the limit"},
           {many_shards + "}", "more than 512 shards, the limit"}}) {
    const auto path = map(text);
    std::string message;
    const Cost cost = cost_of([&] { message = refused(path); });
    EXPECT_THAT(message, HasSubstr(expected));
    EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
  }
  EXPECT_THAT(refused(index("{\"" + std::string(17 << 20, ' '))), HasSubstr("(16 MiB) is read"));
}

TEST_F(Sharded, AnIndexThatIsNoFileHasNoShards) {
  EXPECT_EQ(
      refusal([] {
        StateDict::from_bytes(as_bytes(R"({"weight_map":{"a":"one.safetensors"}})"), "m");
      }),
      "m: an index names files beside it, these bytes are no file; open the index by its path");
}

TEST_F(Sharded, ErrorsNameTheShard) {
  const auto path = map(R"({"a":"one.safetensors"})");
  const StateDict state = StateDict::open(path);
  std::filesystem::resize_file(folder_ / "one.safetensors", 20);
  EXPECT_THAT(refusal([&] { state.read("a"); }),
              AllOf(StartsWith(path.string() + ": tensor 'a': shard 'one.safetensors': "),
                    HasSubstr("it was cut short meanwhile")));
  EXPECT_THAT(refusal([&] { state.verify(); }), HasSubstr("shard 'one.safetensors': "));
}

}  // namespace
