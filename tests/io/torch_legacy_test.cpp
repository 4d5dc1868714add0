#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>
#include <nn/io/torch_legacy.h>

#include "cost.h"
#include "torch_writer.h"

namespace {

using namespace test;
using namespace test::pickle;
using nn::Shape;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

StateDict open(const std::string& bytes) { return StateDict::from_bytes(as_bytes(bytes), "m.pt"); }
StateDict open(const LegacyFile& file) { return open(file.bytes()); }
std::string refused(const std::string& bytes) {
  return refusal([&] { open(bytes); });
}
std::string refused(const LegacyFile& file) { return refused(file.bytes()); }

const std::vector<float> numbers = {0, 1, 2, 3, 4, 5};

// A file with one tensor 'w' on a storage '7' of 6 floats 0 … 5.
LegacyFile file_of(const std::string& tensor_program) {
  return {dict({{"w", tensor_program}}), {{"7", 6, floats(numbers)}}};
}
LegacyFile whole() { return file_of(tensor(stream_storage("7", 6), {2, 3}, {3, 1})); }
// (key, offset, count) of the part of a storage.
std::string view(std::int64_t offset, std::int64_t count) {
  return tuple({text("8"), integer(offset), integer(count)});
}
LegacyFile viewed(const std::string& by, const std::vector<std::int64_t>& sizes,
                  std::int64_t offset = 0) {
  return file_of(tensor(stream_storage("7", 6, "FloatStorage", by), sizes, {1}, offset));
}

TEST(TorchLegacy, ReadsATensorOfAHandMadeStream) {
  const StateDict state = open(whole());
  EXPECT_EQ(state.format(), "torch.save legacy stream");
  ASSERT_EQ(state.entries().size(), 1U);
  EXPECT_EQ(state.entries()[0].name, "w");
  EXPECT_EQ(state.entries()[0].shape, Shape({2, 3}));
  EXPECT_THAT(state.read("w").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  state.verify();
}

TEST(TorchLegacy, ReadsStoragesInTheOrderOfTheList) {
  const LegacyFile file{dict({{"a", tensor(stream_storage("11", 1), {1}, {1})},
                              {"b", tensor(stream_storage("9", 2), {2}, {1})},
                              {"c", tensor(stream_storage("11", 1), {}, {})}}),
                        {{"9", 2, floats({1, 2})}, {"11", 1, floats({3})}}};
  EXPECT_THAT(open(file).read("a").f32(), ElementsAre(3));
  EXPECT_THAT(open(file).read("b").f32(), ElementsAre(1, 2));
  EXPECT_THAT(open(file).read("c").f32(), ElementsAre(3));
}

TEST(TorchLegacy, ReadsPicklesOfProtocols2To5) {
  LegacyFile file = whole();
  for (const int protocol : {2, 3, 4, 5}) {
    file.protocol = protocol;
    EXPECT_EQ(refused(file), "accepted");
  }
  // Protocol 4 puts the number into a frame.
  file.magic = "\x95" + u64(13) + file.magic;
  EXPECT_EQ(refused(file), "accepted");
}

TEST(TorchLegacy, CountsUntypedStoragesInBytes) {
  const auto v3 = [](const std::string& storage) {
    return call("torch._utils", "_rebuild_tensor_v3",
                {storage, integer(2), integers({4}), integers({1}), "\x89", ordered_dict(),
                 global("torch", "float32")});
  };
  LegacyFile file{dict({{"w", v3(stream_storage("7", 24, "UntypedStorage"))}}),
                  {{"7", 24, floats(numbers)}}};
  EXPECT_THAT(open(file).read("w").f32(), ElementsAre(2, 3, 4, 5));
  file.storages[0].count = 6;
  EXPECT_THAT(refused(file), HasSubstr("storage '7' has 6 elements, its tensors say 24"));
}

TEST(TorchLegacy, ReadsAViewOfAStorageByItsMetadata) {
  EXPECT_THAT(open(viewed(view(2, 3), {2}, 1)).read("w").f32(), ElementsAre(3, 4));
  EXPECT_THAT(open(viewed(view(2, 3), {3})).read("w").f32(), ElementsAre(2, 3, 4));
  EXPECT_THAT(open(viewed(view(6, 0), {0})).read("w").f32(), ElementsAre());
}

TEST(TorchLegacy, L10RefusesViewsBeyondTheirStorage) {
  EXPECT_THAT(refused(viewed(view(2, 3), {4})),
              HasSubstr("reach beyond the storage of 3 elements"));
  EXPECT_THAT(refused(viewed(view(2, 3), {3}, 1)), HasSubstr("reach beyond"));
  for (const auto& [offset, count] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {0, 7}, {6, 1}, {7, 0}, {-1, 2}, {0, -1}, {INT64_MAX, INT64_MAX}, {1, INT64_MAX}}) {
    EXPECT_THAT(refused(viewed(view(offset, count), {1})), HasSubstr("storage '7': a view of"))
        << offset;
  }
  for (const auto& by : {text("8"), tuple({text("8"), integer(0)}), std::string("K\x01"),
                         tuple({text("8"), integer(0), "N"}), tuple({"N", "K\0", "K\0"})}) {
    EXPECT_THAT(refused(viewed(by, {1})), HasSubstr("expected None or (key, offset, count)"));
  }
}

TEST(TorchLegacy, L1RefusesAnotherMagicNumber) {
  LegacyFile file = whole();
  file.magic[4] = '\x9D';
  EXPECT_THAT(refused(file),
              StartsWith("m.pt: byte 0: expected the magic number 0x1950a86a20f9469cfc6c"));
}

TEST(TorchLegacy, L2RefusesAnotherVersion) {
  LegacyFile file = whole();
  for (const auto& [version, shown] : std::vector<std::pair<std::string, std::string>>{
           {std::string("M\xE8\x03", 3), "1000"}, {"N", "None"}, {text("1001"), "a string"}}) {
    file.version = version;
    EXPECT_THAT(refused(file), HasSubstr("the version of the stream is " + shown));
  }
}

TEST(TorchLegacy, L3RefusesAnotherByteOrderOrOtherTypeSizes) {
  LegacyFile file = whole();
  file.machine = LegacyFile::machine_facts(true, 4);
  EXPECT_EQ(refused(file), "accepted");
  file.machine = LegacyFile::machine_facts(true, 2);
  EXPECT_THAT(refused(file), HasSubstr("'long' is 2, expected 4 or 8"));
  file.machine = LegacyFile::machine_facts(false, 8);
  EXPECT_THAT(refused(file), HasSubstr("a big-endian machine wrote the file"));
  file.machine = "N";
  EXPECT_THAT(refused(file), HasSubstr("expected a dict, got None"));
  file.machine = "}";
  EXPECT_THAT(refused(file), HasSubstr("expected 'little_endian' to be a bool"));
  file.machine = dict({{"little_endian", "\x88"}, {"type_sizes", "K\x04"}});
  EXPECT_THAT(refused(file), HasSubstr("expected 'type_sizes' to be a dict, got an int"));
  file.machine = dict({{"little_endian", "\x88"}, {"type_sizes", dict({{"int", "K\x08"}})}});
  EXPECT_THAT(refused(file), HasSubstr("'int' is 8, expected 4"));
  file.machine = dict({{"little_endian", "\x88"}});
  EXPECT_EQ(refused(file), "accepted");
}

TEST(TorchLegacy, L4RefusesEveryTruncation) {
  const std::string bytes = whole().bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THAT(refused(bytes.substr(0, length)), StartsWith("m.pt: ")) << length;
  }
  const std::size_t data = bytes.size() - 24;
  EXPECT_THAT(refused(bytes.substr(0, 15)),
              HasSubstr("the version at byte 15: the file ends here"));
  EXPECT_THAT(refused(bytes.substr(0, data - 8)), HasSubstr("the file ends before storage '7'"));
  EXPECT_THAT(refused(bytes.substr(0, data + 23)),
              HasSubstr("storage '7' needs 24 bytes, the file has 23 more"));
}

TEST(TorchLegacy, L5RefusesACountOtherThanTheTensors) {
  LegacyFile file = whole();
  for (const std::int64_t count :
       {std::int64_t{5}, std::int64_t{7}, std::int64_t{-1}, std::int64_t{1} << 60, INT64_MIN}) {
    file.storages[0].count = count;
    EXPECT_THAT(refused(file), HasSubstr("elements, its tensors say 6")) << count;
  }
  const std::int64_t many = std::int64_t{1} << 60;
  file = file_of(tensor(stream_storage("7", many), {1}, {1}));
  file.storages[0].count = many;
  Cost cost;
  std::string message;
  cost = cost_of([&] { message = refused(file); });
  EXPECT_THAT(message, HasSubstr("storage '7' needs 4611686018427387904 bytes, the file has 24"));
  EXPECT_LT(cost.peak_bytes, std::size_t{1} << 20);
  EXPECT_THAT(refused(file_of(tensor(stream_storage("7", many * 4), {1}, {1}))),
              HasSubstr("the bytes of"));
}

TEST(TorchLegacy, L6RefusesAListThatOmitsRepeatsOrInventsAStorage) {
  LegacyFile file = whole();
  file.keys = "]";
  EXPECT_THAT(refused(file), HasSubstr("storage '7' is not in the list of storages"));
  file.keys = list({text("7"), text("7")});
  EXPECT_THAT(refused(file), HasSubstr("storage '7' is listed twice"));
  file.keys = list({text("7"), text("8")});
  EXPECT_THAT(refused(file), HasSubstr("storage '8' is listed, but no tensor has it"));
  file.keys = list({"K\x07"});
  EXPECT_THAT(refused(file), HasSubstr("the list of storages holds an int"));
  file.keys = "N";
  EXPECT_THAT(refused(file), HasSubstr("the list of storages is None"));
}

TEST(TorchLegacy, L7RefusesBytesBehindTheLastStorage) {
  LegacyFile file = whole();
  file.rest = std::string(3, '\0');
  EXPECT_THAT(refused(file), HasSubstr("3 bytes follow the last storage"));
}

TEST(TorchLegacy, L9SaysWhatAStreamWithoutTensorsHolds) {
  EXPECT_THAT(refused(LegacyFile{"K\x01", {}}), HasSubstr("the file holds an int"));
  EXPECT_THAT(refused(LegacyFile{global("posix", "system") + tuple({text("true")}) + "R", {}}),
              AllOf(HasSubstr("'posix.system'"), HasSubstr("nothing was executed")));
}

TEST(TorchLegacy, RefusesIdsOfArchivesAndOtherForms) {
  EXPECT_THAT(refused(file_of(tensor(storage("7", 6), {6}, {1}))),
              HasSubstr("expected ('storage', class, key, location, count, view)"));
  const std::string of_class =
      tuple({text("module"), global("my.models", "Net"), text("net.py"), text("class Net")}) + "Q";
  // The id stands for the class, which makes nothing but a placeholder.
  EXPECT_THAT(refused(LegacyFile{dict({{"w", of_class + ")\x81}b"}}), {}}),
              HasSubstr("'w' (an object)"));
  const std::string of_module =
      tuple({text("module"), text("my.models"), text("net.py"), text("class Net")}) + "Q";
  EXPECT_THAT(refused(file_of(of_module + ")\x81}b")), HasSubstr("NEWOBJ of a storage"));
}

TEST(TorchLegacy, ReadsParametersAndVariablesAsPyTorch01To03WroteThem) {
  const std::string data = tensor(stream_storage("7", 6), {6}, {1});
  const std::string state = tuple({"\x88", "\x89", ordered_dict()}) + "b";
  for (const auto& program :
       {call("torch.nn.parameter", "Parameter", {data}) + state,
        call("torch.autograd.variable", "Variable", {data}) + state,
        global("torch.nn.parameter", "Parameter") + tuple({data}) + "\x81" + state,
        call("torch.nn.parameter", "Parameter", {data, "\x88"})}) {
    EXPECT_THAT(open(file_of(program)).read("w").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  }
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {}, {"N"}, {data, "N"}, {data, "\x88", "N"}, {text("w")}}) {
    EXPECT_THAT(refused(file_of(call("torch.nn.parameter", "Parameter", arguments))),
                HasSubstr("arguments of 'torch.nn.parameter.Parameter' are not understood"));
  }
  EXPECT_THAT(refused(file_of(data + tuple({"\x88"}) + "b")), HasSubstr("BUILD of a tensor"));
}

TEST(TorchLegacy, OpeningReadsThePicklesAndTheCountsAlone) {
  class Counting final : public nn::io::ByteSource {
   public:
    explicit Counting(std::string bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const override { return bytes_.size(); }
    const std::string& name() const override { return name_; }
    void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      read += out.size();
      std::memcpy(out.data(), bytes_.data() + offset, out.size());
    }
    mutable std::uint64_t read = 0;

   private:
    std::string bytes_;
    std::string name_ = "m.pt";
  };
  constexpr std::int64_t many = 1 << 20;
  const LegacyFile file{
      dict({{"large", tensor(stream_storage("7", many), {many}, {1})},
            {"small", tensor(stream_storage("8", 1), {1}, {1})}}),
      {{"7", many, std::string(std::size_t{4} << 20, '\1')}, {"8", 1, floats({5})}}};
  const auto source = std::make_shared<Counting>(file.bytes());
  const auto container = nn::io::open_torch_legacy(source, {});
  EXPECT_LT(source->read, std::uint64_t{64} << 10);
  source->read = 0;
  EXPECT_THAT(container->read(1).f32(), ElementsAre(5));
  EXPECT_EQ(source->read, 4U);
}

TEST(TorchLegacy, ReadsAPickleLongerThanTheFirstWindow) {
  LegacyFile file = whole();
  std::string notes;
  for (int i = 0; i < 40; ++i)
    notes += text("note" + std::to_string(i)) + text(std::string(1000, 'x'));
  file.program = file.program.substr(0, file.program.size() - 1) + notes + "u";
  EXPECT_THAT(open(file).read("w").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  file.program.pop_back();
  EXPECT_THAT(refused(file), HasSubstr("the pickle of the tensors at byte"));
}

TEST(TorchLegacy, APickleBeyondTheLimitIsRefusedAtLittleCost) {
  LegacyFile file = whole();
  file.program = text(std::string(std::size_t{17} << 20, 'x')) + "0" + file.program;
  const std::string bytes = file.bytes();
  std::string message;
  const Cost cost = cost_of([&] { message = refused(bytes); });
  EXPECT_THAT(message, HasSubstr("at most 16777216 bytes of a pickle are read"));
  EXPECT_LT(cost.peak_bytes, bytes.size() + (std::size_t{64} << 20));
}

}  // namespace
