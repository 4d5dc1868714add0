// L: the stream that torch.save wrote before PyTorch 1.6.
#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;
using namespace pickle;

// The honest file's tensor on a storage '7'.
LegacyFile honest() {
  return {dict({{"w", tensor(stream_storage("7", 6), {2, 3}, {3, 1})}}),
          {{"7", 6, floats({0, 1, 2, 3, 4, 5})}}};
}

// `change` made to the honest file.
template <class Change>
std::string with(Change&& change) {
  LegacyFile file = honest();
  change(file);
  return file.bytes();
}

void parts(Cases& cases) {
  const auto add = [&](const std::string& id, const std::string& name, auto change,
                       const std::string& fragment) {
    cases.push_back(refused(id, name, with(change), {fragment}));
  };
  cases.push_back(accepted("L1", "honest", honest().bytes(), honest_tensors));
  add(
      "L1", "magic", [](auto& file) { file.magic[5] = '\0'; }, "byte 0: expected the magic number");
  add(
      "L1", "magic_of_64_bits", [](auto& file) { file.magic = integer(1); }, "");
  add(
      "L2", "older", [](auto& file) { file.version = "M\xE8\x03"; },
      "the version of the stream is 1000, expected 1001");
  add(
      "L2", "none", [](auto& file) { file.version = "N"; }, "the version of the stream is None");
  add(
      "L2", "real", [](auto& file) { file.version = "G\x40\x8F\x48"s + std::string(5, '\0'); },
      "the version of the stream is a");
  add(
      "L3", "big_endian", [](auto& file) { file.machine = LegacyFile::machine_facts(false, 8); },
      "a big-endian machine wrote the file");
  add(
      "L3", "long_of_2_bytes",
      [](auto& file) { file.machine = LegacyFile::machine_facts(true, 2); },
      "'long' is 2, expected 4 or 8");
  add(
      "L3", "no_dict", [](auto& file) { file.machine = "N"; }, "expected a dict, got None");
  add(
      "L3", "empty", [](auto& file) { file.machine = "}"; },
      "expected 'little_endian' to be a bool");
  add(
      "L3", "int_of_8_bytes",
      [](auto& file) {
        file.machine = dict({{"little_endian", "\x88"}, {"type_sizes", dict({{"int", "K\x08"}})}});
      },
      "'int' is 8, expected 4");

  // A cut inside of each part, and at its end.
  const LegacyFile file = honest();
  std::size_t end = 0;
  int part = 0;
  for (const std::string& opcodes :
       {file.magic, file.version, file.machine, file.program, file.listed_keys()}) {
    const std::string number = std::to_string(++part);
    const std::size_t begin = end;
    end += file.part(opcodes).size();
    cases.push_back(refused("L4", "inside_part_" + number,
                            file.bytes().substr(0, begin + (end - begin) / 2), {""}));
    cases.push_back(refused("L4", "behind_part_" + number, file.bytes().substr(0, end), {""}));
  }
  cases.push_back(refused("L4", "inside_the_count", file.bytes().substr(0, end + 4),
                          {"the file ends before storage '7'"}));
  cases.push_back(refused("L4", "inside_the_values", file.bytes().substr(0, end + 20),
                          {"storage '7' needs 24 bytes, the file has 12 more"}));
}

void storages(Cases& cases) {
  for (const auto& [name, count] : {std::pair{"less", std::int64_t{5}},
                                    {"more", std::int64_t{7}},
                                    {"minus_1", std::int64_t{-1}},
                                    {"2_60", std::int64_t{1} << 60},
                                    {"most_negative", INT64_MIN}}) {
    cases.push_back(
        refused("L5", name, with([&, n = count](auto& file) { file.storages[0].count = n; }),
                {"storage '7' has " + std::to_string(count) + " elements", "its tensors say 6"}));
  }
  cases.push_back(
      refused("L5", "2_60_in_both", with([](auto& file) {
                file.storages[0].count = 1LL << 60;
                file.program = dict({{"w", tensor(stream_storage("7", 1LL << 60), {1}, {1})}});
              }),
              {"storage '7' needs 4611686018427387904 bytes"}));
  const auto keys = [&](const std::string& name, const std::string& list,
                        const std::string& fragment) {
    cases.push_back(refused("L6", name, with([&](auto& file) { file.keys = list; }), {fragment}));
  };
  keys("absent", "]", "storage '7' is not in the list of storages");
  keys("twice", list({text("7"), text("7")}), "storage '7' is listed twice");
  keys("invented", list({text("7"), text("8")}), "storage '8' is listed, but no tensor has it");
  keys("number", list({"K\7"}), "the list of storages holds an int");
  keys("no_list", "N", "the list of storages is None");
  cases.push_back(refused("L7", "a_byte", honest().bytes() + "x",
                          {"1 bytes follow the last storage, expected none"}));
  cases.push_back(refused("L7", "a_stream", honest().bytes() + honest().bytes(),
                          {"bytes follow the last storage"}));
}

void others(Cases& cases) {
  for (const std::string member : {"sys_info", "pickle", "tensors", "storages"}) {
    std::string tar = member + std::string(257 - member.size(), '\0') + "ustar";
    tar.resize(2048);
    cases.push_back(
        refused("L8", "tar_of_" + member, tar, {"tar file of PyTorch before 0.1.10", "re-save"}));
  }
  cases.push_back(refused("L8", "other_tar",
                          "model.pt" + std::string(249, '\0') + "ustar" + std::string(2000, '\0'),
                          {"a tar archive; unpack it first"}));
  cases.push_back(
      refused("L9", "bare_pickle", proto() + dict({{"w", "K\1"}}) + ".", {"a bare Python pickle"}));
  cases.push_back(
      refused("L9", "bare_pickle_that_runs",
              proto() + call("os", "system", {text("touch " + marker().string())}) + ".",
              {"a bare Python pickle"}));
  cases.push_back(refused("L9", "no_tensors", with([](auto& file) {
                            file = LegacyFile{"K\1", {}};
                          }),
                          {"expected tensors, the file holds an int"}));
  for (const auto& [name, part] : {std::pair{"runs_in_the_tensors", &LegacyFile::program},
                                   {"runs_in_the_magic", &LegacyFile::magic},
                                   {"runs_in_the_version", &LegacyFile::version},
                                   {"runs_in_the_machine", &LegacyFile::machine},
                                   {"runs_in_the_keys", &LegacyFile::keys}}) {
    LegacyFile file = honest();
    file.*part = call("os", "system", {text("touch " + marker().string())}) + "0" +
                 (file.*part == "" ? "]" : file.*part);
    const bool magic = part == &LegacyFile::magic;
    cases.push_back(
        refused("L9", name, file.bytes(), {magic ? "bare Python pickle" : "nothing was executed"}));
  }
  const auto view = [](std::int64_t offset, std::int64_t count) {
    return with([&](auto& file) {
      const std::string by = tuple({text("8"), integer(offset), integer(count)});
      file.program = dict(
          {{"w", tensor(stream_storage("7", 6, "FloatStorage", by), {count < 1 ? 1 : 2}, {1})}});
    });
  };
  cases.push_back(accepted("L10", "honest_view", view(2, 3), "w float32 [2]: 2 3\n"));
  for (const auto& [name, offset, count] :
       {std::tuple{"negative_offset", std::int64_t{-1}, std::int64_t{2}},
        {"offset_beyond", std::int64_t{7}, std::int64_t{0}},
        {"end_beyond", std::int64_t{5}, std::int64_t{2}},
        {"negative_count", std::int64_t{0}, std::int64_t{-1}},
        {"sum_wraps", INT64_MAX, INT64_MAX}}) {
    cases.push_back(refused("L10", name, view(offset, count), {"storage '7': a view of"}));
  }
  cases.push_back(
      refused("L10", "tensor_beyond_the_view", view(0, 1), {"reach beyond the storage"}));
  cases.push_back(
      refused("L10", "no_tuple", with([](auto& file) {
                file.program =
                    dict({{"w", tensor(stream_storage("7", 6, "FloatStorage", "K\1"), {6}, {1})}});
              }),
              {"expected None or (key, offset, count)"}));
}

}  // namespace

Cases legacy_cases() {
  Cases cases;
  parts(cases);
  storages(cases);
  others(cases);
  return cases;
}

}  // namespace test::hostile
