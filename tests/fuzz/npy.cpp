// npy and npz: whole files, and for npz also an array that is wrapped, so that no checksum and no
// directory stands in the way of changing it.
#include "../io/zip_writer.h"
#include "state_dicts.h"

namespace test::fuzz {

void npy(Bytes input) { open_twice(input); }

void npz(Bytes input) {
  const auto text = std::string(reinterpret_cast<const char*>(input.data()), input.size());
  if (text.starts_with("PK")) return open_twice(input);
  const Zip zip = make_zip({{"a.npy", text, false, true}}, ZipStyle::plain);
  open_twice(std::as_bytes(std::span(zip.bytes)));
}

}  // namespace test::fuzz
