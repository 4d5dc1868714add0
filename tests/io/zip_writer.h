#pragma once

#include <string>
#include <vector>

#include "bytes.h"

namespace test {

struct ZipItem {
  std::string name;
  std::string data;
  bool deflate = false;
  bool without_crc = false;
};

// A zip file as torch.save writes it (data descriptors, zip64 end record) with the offsets of its
// parts, so that a test can damage one.
struct Zip {
  std::string bytes;
  std::vector<std::size_t> local;    // local headers
  std::vector<std::size_t> data;     // the entries' bytes
  std::vector<std::size_t> central;  // directory entries
  std::size_t zip64_end = 0;
  std::size_t locator = 0;
  std::size_t end = 0;

  // Fields of local and central headers by their offset in the header.
  std::string with_local(std::size_t entry, std::size_t field, std::string_view by) const {
    return patched(bytes, local[entry] + field, by);
  }
  std::string with_central(std::size_t entry, std::size_t field, std::string_view by) const {
    return patched(bytes, central[entry] + field, by);
  }
};

enum class ZipStyle {
  torch,  // descriptors, padding in the local extra field, zip64 end record
  plain,  // none of them
};

Zip make_zip(const std::vector<ZipItem>& items, ZipStyle style = ZipStyle::torch);

std::string deflated(std::string_view data);
// The same, open at its end: more such parts may follow, or an empty last block, "\3\0".
std::string deflated_in_part(std::string_view data);
std::string gzipped(std::string_view data);

}  // namespace test
