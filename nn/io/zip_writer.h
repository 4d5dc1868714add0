#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/output_file.h>

namespace nn::io {

// Writes a zip archive entry by entry: stored, with checksums and sizes in front of the data, data
// on multiples of 64 bytes as torch.save aligns it, zip64 records as soon as a size, an offset or a
// count needs them. The same content gives the same bytes: entries have no time.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
class ZipWriter {
 public:
  explicit ZipWriter(OutputFile& file) : file_(file) {}

  // Gives the bytes of an entry, piece by piece and each time the same.
  using Take = std::function<void(std::span<const std::byte>)>;
  using Content = std::function<void(const Take& take)>;

  // An entry; its content is asked for twice, for the checksum and for the data. REQUIRES: no other
  // has its name. Throws Error when the file cannot be written or the name is not one that our
  // reader takes.
  void add(std::string_view name, const Content& content);
  void add(std::string_view name, std::string_view text);

  // Writes the directory. The file is not committed.
  void finish();

 private:
  struct Entry {
    std::string name;
    std::uint64_t local_header;
    std::uint64_t size;
    std::uint32_t crc;
  };
  void write_local_header(const Entry& entry);
  void write_central_header(const Entry& entry);

  OutputFile& file_;
  std::vector<Entry> entries_;
};

}  // namespace nn::io
