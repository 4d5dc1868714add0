// Whole archives, and pickles that are wrapped in one with two storages: what stands behind the
// bytes FE FE is the module's code, from which attributes are told.
#include "../io/torch_writer.h"
#include "state_dicts.h"

namespace test::fuzz {

void torch_script(Bytes input) {
  const std::string text(reinterpret_cast<const char*>(input.data()), input.size());
  if (text.starts_with("PK")) return open_twice(input);
  const std::size_t code = text.find("\xFE\xFE");
  const std::string values(16, '\x3F');
  std::vector<ZipItem> items = {{"m/data.pkl", text.substr(0, code)},
                                {"m/data/0", values},
                                {"m/data/1", values},
                                {"m/constants.pkl", pickle::proto() + "()t."},
                                {"m/version", "3"}};
  if (code != std::string::npos) items.push_back({"m/code/__torch__.py", text.substr(code + 2)});
  for (ZipItem& item : items) item.without_crc = true;
  const std::string file = make_zip(items, ZipStyle::plain).bytes;
  open_twice(std::as_bytes(std::span(file)));
}

}  // namespace test::fuzz
