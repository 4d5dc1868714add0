#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/io/crc32.h>
#include <nn/io/cursor.h>
#include <nn/io/inflater.h>
#include <nn/io/zip.h>

namespace nn::io {
namespace {

constexpr std::uint32_t local_signature = 0x04034B50;
constexpr std::uint32_t descriptor_signature = 0x08074B50;
constexpr std::uint32_t all_ones = 0xFFFFFFFF;
constexpr std::uint16_t zip64_extra = 0x0001;
constexpr std::uint64_t local_header_size = 30;
constexpr std::uint64_t usual_extra_size = 128;
constexpr std::uint64_t chunk_size = std::uint64_t{256} << 10;

// Sizes and CRC in the local header must be those of the directory, or, when a data descriptor
// follows, may be left open.
void check_local_sizes(const ZipEntry& entry, std::uint32_t crc, std::uint64_t compressed_size,
                       std::uint64_t size, Cursor extras) {
  const bool later = (entry.flags & zip_has_descriptor) != 0;
  const bool size64 = size == all_ones;
  const bool compressed_size64 = compressed_size == all_ones;
  while (!extras.done()) {
    if (extras.remaining() < 4) break;  // padding that zipalign leaves
    const std::uint16_t id = extras.u16();
    Cursor field(extras.take(extras.u16()));
    if (id != zip64_extra) continue;
    if (size64) size = field.u64();
    if (compressed_size64) compressed_size = field.u64();
    break;
  }
  const auto agrees = [&](std::uint64_t local, std::uint64_t central) {
    return local == central || (later && (local == 0 || local == all_ones));
  };
  if (!agrees(crc, entry.crc) || !agrees(compressed_size, entry.compressed_size) ||
      !agrees(size, entry.size)) {
    fail("the local header says ", compressed_size, " bytes for ", size, " with CRC ", crc,
         ", the directory ", entry.compressed_size, " for ", entry.size, " with CRC ", entry.crc);
  }
}

// The descriptor behind the data: CRC and sizes of 4 or 8 bytes, with or without its signature.
bool is_descriptor_of(const ZipEntry& entry, std::span<const std::byte> bytes) {
  const auto matches = [&](bool with_signature, bool wide) {
    const std::size_t length = (with_signature ? 4U : 0U) + (wide ? 20U : 12U);
    if (bytes.size() < length) return false;
    Cursor cursor(bytes);
    if (with_signature && cursor.u32() != descriptor_signature) return false;
    if (cursor.u32() != entry.crc) return false;
    const std::uint64_t compressed_size = wide ? cursor.u64() : cursor.u32();
    const std::uint64_t size = wide ? cursor.u64() : cursor.u32();
    return compressed_size == entry.compressed_size && size == entry.size;
  };
  return matches(true, false) || matches(true, true) || matches(false, false) ||
         matches(false, true);
}

// Inflates an entry into `out` from byte `offset` of it on and returns the checksum of the whole.
std::uint32_t inflate(Inflater& inflater, std::uint64_t size, std::uint64_t offset,
                      std::span<std::byte> out) {
  std::uint32_t crc = 0;
  std::vector<std::byte> scratch;
  for (std::uint64_t at = 0; at < size;) {
    // Up to `out`, through it, behind it: pieces that lie wholly inside are inflated in place.
    const std::uint64_t out_end = offset + out.size();
    const bool inside = at >= offset && at < out_end;
    const std::uint64_t end = at < offset ? offset : inside ? out_end : size;
    const auto length = static_cast<std::size_t>(std::min(chunk_size, end - at));
    std::span<std::byte> piece;
    if (inside) {
      piece = out.subspan(static_cast<std::size_t>(at - offset), length);
    } else {
      scratch.resize(length);
      piece = scratch;
    }
    inflater.read(piece);
    crc = crc32(piece, crc);
    at += length;
  }
  inflater.finish();
  return crc;
}

}  // namespace

ZipArchive::ZipArchive(std::shared_ptr<const ByteSource> source)
    : source_(std::move(source)), bulk_(source_), entries_(read_zip_directory(*source_)) {
  by_name_.reserve(entries_.size());
  for (const ZipEntry& entry : entries_) by_name_.emplace(entry.name, &entry);
  intact_ = std::make_unique<std::atomic<bool>[]>(entries_.size());
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

// Checks the local header (and descriptor) against the directory and says where the data is. The
// local extra field is known here only: PyTorch pads with it.
std::uint64_t ZipArchive::data_offset(const ZipEntry& entry) const {
  const std::uint64_t header_at = entry.local_header;
  // Mostly the name and the extra field are read along: torch.save pads to 64 bytes.
  const std::uint64_t guess = local_header_size + entry.name.size() + usual_extra_size;
  std::vector<std::byte> header =
      read_bytes(*source_, header_at, std::min(guess, entry.region_end - header_at));
  Cursor cursor(header, header_at);
  if (cursor.u32() != local_signature) fail("byte ", header_at, ": expected a local zip header");
  cursor.skip(2);  // version
  const std::uint16_t flags = cursor.u16();
  const std::uint16_t method = cursor.u16();
  cursor.skip(4);  // time and date
  const std::uint32_t crc = cursor.u32();
  const std::uint32_t compressed_size = cursor.u32();
  const std::uint32_t size = cursor.u32();
  const std::uint16_t name_length = cursor.u16();
  const std::uint16_t extra_length = cursor.u16();
  if (flags != entry.flags || method != (entry.deflated ? 8 : 0)) {
    fail("the local header has flags ", flags, " and method ", method,
         ", the directory others: flags ", entry.flags, " and method ", entry.deflated ? 8 : 0);
  }
  const std::uint64_t data = header_at + local_header_size + name_length + extra_length;
  if (!fits(data, entry.compressed_size, entry.region_end)) {
    fail("the data at byte ", data, " of ", entry.compressed_size,
         " bytes overlaps what begins at byte ", entry.region_end);
  }
  if (data - header_at > header.size()) {
    header = read_bytes(*source_, header_at, data - header_at);
  }
  const std::span rest = std::span<const std::byte>(header).subspan(
      local_header_size, std::size_t{name_length} + extra_length);
  if (const auto name = text_of(rest.first(name_length)); name != entry.name) {
    fail("the local header names it '", printable(name), "'");
  }
  check_local_sizes(entry, crc, compressed_size, size, Cursor(rest.subspan(name_length)));
  if ((flags & zip_has_descriptor) != 0) {
    const std::uint64_t end = data + entry.compressed_size;
    const auto available = std::min<std::uint64_t>(entry.region_end - end, 24);
    if (!is_descriptor_of(entry, read_bytes(*source_, end, available))) {
      fail("byte ", end, ": the data descriptor is missing or differs from the directory");
    }
  }
  return data;
}

std::vector<std::byte> ZipArchive::read(const ZipEntry& entry, std::uint64_t limit) const {
  if (entry.size > limit) {
    fail(printable(entry.name), ": ", entry.size, " bytes, expected at most ", limit);
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(entry.size));
  read(entry, 0, bytes, true);
  return bytes;
}

std::vector<std::byte> ZipArchive::peek(const ZipEntry& entry, std::uint64_t most) const {
  return at_place(printable(entry.name), [&] {
    const std::uint64_t data = data_offset(entry);
    const std::uint64_t length = std::min(most, entry.size);
    if (!entry.deflated) return read_bytes(*source_, data, length);
    std::vector<std::byte> bytes(static_cast<std::size_t>(length));
    Inflater(*source_, data, entry.compressed_size, Inflater::Kind::deflate).read(bytes);
    return bytes;
  });
}

std::optional<std::uint64_t> ZipArchive::find_data(const ZipEntry& entry) const {
  if (entry.deflated) return std::nullopt;
  return at_place(printable(entry.name), [&] { return data_offset(entry); });
}

void ZipArchive::verify_all(const ReadProgress& progress) const {
  for (const ZipEntry& entry : entries_) {
    verify(entry);
    if (progress) progress(entry.compressed_size);
  }
}

void ZipArchive::read(const ZipEntry& entry, std::uint64_t offset, std::span<std::byte> out) const {
  read(entry, offset, out, out.size() == entry.size);
}

void ZipArchive::read(const ZipEntry& entry, std::uint64_t offset, std::span<std::byte> out,
                      bool afresh) const {
  at_place(printable(entry.name), [&] {
    if (!fits(offset, out.size(), entry.size)) {
      fail("bytes ", offset, " to ", offset + out.size(), " wanted, there are ", entry.size);
    }
    const std::uint64_t data = data_offset(entry);
    auto& intact = intact_[static_cast<std::size_t>(&entry - entries_.data())];
    const bool has_checksum = entry.crc != 0 || entry.size == 0;
    std::uint32_t crc = 0;
    if (entry.deflated) {
      Inflater inflater(*source_, data, entry.compressed_size, Inflater::Kind::deflate);
      crc = inflate(inflater, entry.size, offset, out);
    } else {
      if (!afresh && (intact || !has_checksum)) return bulk_.read_at(data + offset, out);
      const std::uint64_t end = offset + out.size();
      crc = bulk_.crc_of(data, offset);
      crc = joined_crc32(crc, bulk_.read_with_crc(data + offset, out), out.size());
      crc = joined_crc32(crc, bulk_.crc_of(data + end, entry.size - end), entry.size - end);
    }
    if (has_checksum && crc != entry.crc) {
      fail("the checksum is ", crc, ", expected ", entry.crc,
           ": the data was damaged; copy or download the file again");
    }
    intact = true;
  });
}

}  // namespace nn::io
