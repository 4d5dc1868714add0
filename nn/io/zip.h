#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nn/io/bulk_reader.h>
#include <nn/io/file.h>
#include <nn/io/zip_directory.h>

namespace nn::io {

// A zip archive: its directory, read on opening, and the bytes of its entries on demand, decoded
// and with their checksum verified. Immutable for the caller; threads may share one.
class ZipArchive {
 public:
  // Throws Error when the directory is not in order (zip_directory.h).
  explicit ZipArchive(std::shared_ptr<const ByteSource> source);

  const std::vector<ZipEntry>& entries() const { return entries_; }
  // Nothing when there is no such entry.
  const ZipEntry* find(std::string_view name) const;
  const std::shared_ptr<const ByteSource>& source() const { return source_; }

  // REQUIRES, for all below: `entry` is one of entries().

  // The whole entry. Throws Error when it is larger than `limit`, before allocating.
  std::vector<std::byte> read(const ZipEntry& entry, std::uint64_t limit) const;
  // Bytes [offset, offset + out.size()) of the entry, straight into `out`. The checksum covers the
  // entry, so the whole of it is read; but once a stored entry is known to be intact, or has no
  // checksum, a part of it is all that is read.
  void read(const ZipEntry& entry, std::uint64_t offset, std::span<std::byte> out) const;
  // The first bytes of the entry, at most `most`, without its checksum: what is read later checks
  // it.
  std::vector<std::byte> peek(const ZipEntry& entry, std::uint64_t most) const;
  // Where the bytes of an entry stand, at a place in the archive that is in order; nothing when it is
  // deflated.
  std::optional<std::uint64_t> find_data(const ZipEntry& entry) const;
  // Reads the entry and compares its checksum.
  void verify(const ZipEntry& entry) const { read(entry, 0, {}, true); }
  void verify_all(const ReadProgress& progress) const;

 private:
  void read(const ZipEntry& entry, std::uint64_t offset, std::span<std::byte> out,
            bool afresh) const;
  std::uint64_t data_offset(const ZipEntry& entry) const;

  std::shared_ptr<const ByteSource> source_;
  BulkReader bulk_;
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string_view, const ZipEntry*> by_name_;
  std::unique_ptr<std::atomic<bool>[]> intact_;  // by index of the entry
};

}  // namespace nn::io
