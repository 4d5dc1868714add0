#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/file.h>

namespace nn::io {

// What the central directory of a zip archive says about one entry.
struct ZipEntry {
  std::string name;
  std::uint64_t local_header = 0;  // its offset in the file
  std::uint64_t region_end = 0;    // where the next entry or the directory begins
  std::uint64_t compressed_size = 0;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;  // 0 for a non-empty entry: not computed (torch.save can write it so)
  std::uint16_t flags = 0;
  bool deflated = false;
};

// Entry flags that readers look at.
constexpr std::uint16_t zip_has_descriptor = 0x0008;  // sizes and CRC follow the data

// The entries in the order of the directory. Reads the end records and the directory only.
//
// Strict, so that no two readers can see two different archives: the end record closes the file,
// the directory touches it, counts agree, entries begin at byte 0 and do not overlap, names are
// unique relative paths, every entry is stored or deflated. Throws Error otherwise.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
std::vector<ZipEntry> read_zip_directory(const ByteSource& source);

// Throws Error unless the name is a relative path in UTF-8, of at most 1024 bytes and without empty
// parts, "." and "..". Names never reach the file system; the odd ones are refused all the same,
// for they are made to mislead other programs.
void check_zip_name(std::string_view name);

}  // namespace nn::io
