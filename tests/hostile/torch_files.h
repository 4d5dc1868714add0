#pragma once

#include "../io/torch_writer.h"

namespace test::hostile {

// A small honest file: w float32 [2, 3] of 0 … 5, on storage '0'.
inline TorchFile honest_file() {
  using namespace pickle;
  return {dict({{"w", tensor(storage("0", 6), {2, 3}, {3, 1})}}),
          {{"0", floats({0, 1, 2, 3, 4, 5})}}};
}
inline const std::string honest_tensors = "w float32 [2, 3]: 0 1 2 3 4 5\n";

// The file's entries by their place in TorchFile::items.
enum Entry : std::size_t {
  data_pkl,
  format_version,
  storage_alignment,
  byteorder,
  data_0,
  version
};

// A file of the given program between PROTO and STOP, with the storage of the honest file.
inline std::string file_of(const std::string& program) {
  TorchFile file = honest_file();
  file.program = program;
  return file.bytes();
}
// A file whose data.pkl is exactly these bytes.
inline std::string file_of_pickle(const std::string& whole) {
  auto items = honest_file().items();
  items[data_pkl].data = whole;
  return make_zip(items).bytes;
}
inline std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

}  // namespace test::hostile
