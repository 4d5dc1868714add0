#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "zip_writer.h"

// Pickles and torch.save files, honest and hostile, as strings of opcodes.
namespace test::pickle {

inline std::string proto(int version = 2) { return {'\x80', static_cast<char>(version)}; }
inline std::string global(std::string_view module, std::string_view name) {
  std::string result = "c";
  return result.append(module).append("\n").append(name).append("\n");
}
inline std::string text(std::string_view value) {
  std::string result = "X";
  return result.append(u32(value.size())).append(value);
}
inline std::string integer(std::int64_t value) {
  return std::string("\x8A\x08", 2) + u64(static_cast<std::uint64_t>(value));
}
inline std::string tuple(const std::vector<std::string>& items) {
  std::string result = "(";
  for (const auto& item : items) result += item;
  return result + "t";
}
inline std::string integers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const auto value : values) items.push_back(integer(value));
  return tuple(items);
}
inline std::string list(const std::vector<std::string>& items) {
  std::string result = "](";
  for (const auto& item : items) result += item;
  return result + "e";
}
using Pairs = std::vector<std::pair<std::string, std::string>>;  // key (a text), value (opcodes)
inline std::string dict(const Pairs& pairs) {
  std::string result = "}(";
  for (const auto& [key, value] : pairs) result += text(key) + value;
  return result + "u";
}
inline std::string call(std::string_view module, std::string_view name,
                        const std::vector<std::string>& arguments) {
  return global(module, name) + tuple(arguments) + "R";
}
inline std::string ordered_dict() { return global("collections", "OrderedDict") + ")R"; }
inline std::string storage(std::string_view key, std::int64_t numel,
                           std::string_view type = "FloatStorage",
                           std::string_view location = "cpu") {
  const std::string module = type == "UntypedStorage" ? "torch.storage" : "torch";
  return tuple({text("storage"), global(module, type), text(key), text(location), integer(numel)}) +
         "Q";
}
inline std::string tensor(const std::string& of_storage, const std::vector<std::int64_t>& sizes,
                          const std::vector<std::int64_t>& strides, std::int64_t offset = 0) {
  return call(
      "torch._utils", "_rebuild_tensor_v2",
      {of_storage, integer(offset), integers(sizes), integers(strides), "\x89", ordered_dict()});
}
// [n] floats in a storage of their own.
inline std::string vector(std::string_view key, std::int64_t n) {
  return tensor(storage(key, n), {n}, {1});
}

// As in streams: with the view of the storage, None or another opcode string.
inline std::string stream_storage(std::string_view key, std::int64_t numel,
                                  std::string_view type = "FloatStorage",
                                  const std::string& view = "N") {
  const std::string module = type == "UntypedStorage" ? "torch.storage" : "torch";
  return tuple({text("storage"), global(module, type), text(key), text("cpu"), integer(numel),
                view}) +
         "Q";
}

}  // namespace test::pickle

namespace test {

struct TorchFile {
  std::string program;                                        // opcodes between PROTO and STOP
  std::vector<std::pair<std::string, std::string>> storages;  // key, bytes
  std::string byteorder = "little";
  std::string version = "3\n";
  int protocol = 2;

  std::vector<ZipItem> items() const {
    std::vector<ZipItem> all = {
        {"m/data.pkl", pickle::proto(protocol) + program + "."},
        {"m/.format_version", "1"},
        {"m/.storage_alignment", "64"},
        {"m/byteorder", byteorder},
    };
    for (const auto& [key, bytes] : storages) all.push_back({"m/data/" + key, bytes});
    all.push_back({"m/version", version});
    return all;
  }
  std::string bytes() const { return make_zip(items()).bytes; }
};

// The legacy stream; each part may be replaced by another.
struct LegacyFile {
  struct Storage {
    std::string key;
    std::int64_t count = 0;
    std::string bytes;
  };
  std::string program;            // opcodes between PROTO and STOP
  std::vector<Storage> storages;  // in the order of the list
  int protocol = 2;
  std::string magic = std::string("\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19", 12);
  std::string version = std::string("M\xE9\x03", 3);
  std::string machine = machine_facts(true, 8);
  std::string keys{};  // "": the keys of `storages`
  std::string rest{};

  static std::string machine_facts(bool little_endian, int long_size) {
    using namespace pickle;
    return dict(
        {{"protocol_version", std::string("M\xE9\x03", 3)},
         {"little_endian", little_endian ? "\x88" : "\x89"},
         {"type_sizes", dict({{"short", "K\x02"},
                              {"int", "K\x04"},
                              {"long", std::string("K") + static_cast<char>(long_size)}})}});
  }
  std::string part(const std::string& opcodes) const {
    return pickle::proto(protocol) + opcodes + ".";
  }
  std::string listed_keys() const {
    std::vector<std::string> texts;
    for (const Storage& storage : storages) texts.push_back(pickle::text(storage.key));
    return pickle::list(texts);
  }
  std::string bytes() const {
    std::string all = part(magic) + part(version) + part(machine) + part(program) +
                      part(keys.empty() ? listed_keys() : keys);
    for (const Storage& storage : storages) {
      all += u64(static_cast<std::uint64_t>(storage.count)) + storage.bytes;
    }
    return all + rest;
  }
};

}  // namespace test
