// The pull parser, driven by the text itself, with nlohmann's parser as the second opinion; and the
// index of a model's shards.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <nn/io/container.h>
#include <nn/io/json.h>
#include <nn/io/sharded.h>

#include "../io/bytes.h"
#include "../io/safetensors_writer.h"
#include "target.h"

namespace test::fuzz {
namespace {

std::string_view text_of(Bytes input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

// Nested no deeper than our limit. Strings may hold brackets: then it only seems deeper.
bool is_flat(std::string_view text) {
  std::size_t open = 0;
  for (const char c : text) open += c == '[' || c == '{';
  return open <= nn::io::JsonReader::max_depth;
}

// A folder with the two files that an index may name.
const std::filesystem::path& shards() {
  struct Folder {
    Folder() {
      std::string pattern = (std::filesystem::temp_directory_path() / "fuzz_XXXXXX").string();
      require(mkdtemp(pattern.data()) != nullptr, "no temporary folder");
      path = pattern;
      for (const std::string name : {"a", "b"}) {
        std::ofstream(path / name, std::ios::binary) << test::safetensors(
            "{\"" + name + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x");
      }
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  };
  static const Folder folder;
  return folder.path;
}

}  // namespace

void json(Bytes input) {
  const std::string_view text = text_of(input);
  const bool good = accepts([&] {
    nn::io::JsonReader reader(text);
    reader.skip();
    reader.finish();
  });
  // nlohmann skips a byte order mark and takes NUL for the end of the text.
  const bool same_rules =
      !text.starts_with("\xEF\xBB\xBF") && text.find('\0') == std::string_view::npos;
  require(same_rules || !good, "a text with a byte order mark or NUL is accepted");
  if (same_rules && is_flat(text)) {
    // Numbers beyond the range of double are an error to nlohmann, a number to the grammar.
    const auto ignored = [](int, nlohmann::json::parse_event_t, nlohmann::json&) { return true; };
    bool theirs = true;
    try {
      [[maybe_unused]] const auto parsed = nlohmann::json::parse(text, ignored);
    } catch (const nlohmann::json::out_of_range&) {
      return;
    } catch (const nlohmann::json::parse_error&) {
      theirs = false;
    }
    require(good == theirs, "nlohmann judges the text otherwise");
  }
  accepts([&] {
    nn::io::JsonReader reader(text);
    reader.begin_object();
    while (const auto key = reader.next_key()) {
      if (key->starts_with('n')) {
        reader.unsigned_integer();
      } else if (key->starts_with('s')) {
        reader.string();
      } else if (key->starts_with('a')) {
        reader.begin_array();
        while (reader.next_item()) reader.skip();
      } else if (!reader.take_null()) {
        reader.skip();
      }
    }
    reader.finish();
    require(good, "a text is well-formed key by key, not as a whole");
  });
}

void shard_index(Bytes input) {
  const auto source = nn::io::memory_source({input.begin(), input.end()}, "fuzz.json");
  accepts([&] {
    const auto container = nn::io::open_sharded(*source, shards() / "fuzz.json");
    for (std::size_t i = 0; i < container->entries().size(); ++i) {
      const std::string& name = container->entries()[i].name;
      require(name == "a" || name == "b", "a tensor that no shard has");
      container->read(i);
    }
    container->verify({});
  });
}

}  // namespace test::fuzz
