// Whole files, and pickles that are wrapped in a file with two storages, so that no checksum and
// no directory stands in the way of changing them.
#include "../io/torch_writer.h"
#include "state_dicts.h"

namespace test::fuzz {
namespace {

std::string wrapped(std::string program, bool big_endian) {
  const std::string values(16, '\x3F');
  std::vector<ZipItem> items = {{"m/data.pkl", std::move(program)},
                                {"m/byteorder", big_endian ? "big" : "little"},
                                {"m/data/0", values},
                                {"m/data/1", values},
                                {"m/version", "3"}};
  for (ZipItem& item : items) item.without_crc = true;
  return make_zip(items, ZipStyle::plain).bytes;
}

}  // namespace

void torch_zip(Bytes input) {
  const std::string text(reinterpret_cast<const char*>(input.data()), input.size());
  if (text.starts_with("PK")) return open_twice(input);
  const bool big_endian = !text.empty() && text[0] == '\x81';
  const std::string file = wrapped(big_endian ? "\x80" + text.substr(1) : text, big_endian);
  open_twice(std::as_bytes(std::span(file)));
}

}  // namespace test::fuzz
