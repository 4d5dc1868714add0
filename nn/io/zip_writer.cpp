#include <algorithm>

#include <nn/io/bytes_writer.h>
#include <nn/io/crc32.h>
#include <nn/io/zip_directory.h>
#include <nn/io/zip_writer.h>

namespace nn::io {
namespace {

constexpr std::uint64_t all_ones32 = 0xFFFFFFFF;
constexpr std::uint64_t all_ones16 = 0xFFFF;
constexpr std::uint64_t alignment = 64;
constexpr std::uint64_t local_header_size = 30;
constexpr std::uint64_t extra_header_size = 4;
constexpr std::uint16_t zip64_extra = 0x0001;
constexpr std::uint16_t padding_extra = 0x4246;  // "FB", as PyTorch's
constexpr std::uint16_t utf8_names = 0x0800;
constexpr std::uint16_t version_plain = 20;
constexpr std::uint16_t version_zip64 = 45;
constexpr std::uint16_t made_by_unix = 3 << 8;
constexpr std::uint32_t regular_file = 0100644U << 16;  // as unzip sets it on the files
constexpr std::uint16_t first_of_january_1980 = 0x21;

bool too_large(std::uint64_t value) { return value >= all_ones32; }
std::uint32_t capped32(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min(value, all_ones32));
}
std::uint16_t capped16(std::uint64_t value) {
  return static_cast<std::uint16_t>(std::min(value, all_ones16));
}

// What both headers of an entry have in common, up to its sizes.
void put_common(BytesWriter& out, bool zip64, std::uint32_t crc, std::uint64_t size) {
  out.u16(zip64 ? version_zip64 : version_plain);
  out.u16(utf8_names);
  out.u16(0);  // stored
  out.u16(0);  // time
  out.u16(first_of_january_1980);
  out.u32(crc);
  out.u32(capped32(size));
  out.u32(capped32(size));
}

}  // namespace

void ZipWriter::add(std::string_view name, const Content& content) {
  check_zip_name(name);
  Entry entry{std::string(name), file_.position(), 0, 0};
  content([&](std::span<const std::byte> bytes) {
    entry.size += bytes.size();
    entry.crc = crc32(bytes, entry.crc);
  });
  write_local_header(entry);
  content([&](std::span<const std::byte> bytes) { file_.write(bytes); });
  entries_.push_back(std::move(entry));
}

void ZipWriter::add(std::string_view name, std::string_view text) {
  add(name, [&](const Take& take) { take(std::as_bytes(std::span(text))); });
}

void ZipWriter::write_local_header(const Entry& entry) {
  const bool zip64 = too_large(entry.size);
  BytesWriter extra;
  if (zip64) {
    extra.u16(zip64_extra);
    extra.u16(16);
    extra.u64(entry.size);
    extra.u64(entry.size);
  }
  const std::uint64_t unpadded =
      entry.local_header + local_header_size + entry.name.size() + extra.size() + extra_header_size;
  const std::uint64_t padding = (alignment - unpadded % alignment) % alignment;
  extra.u16(padding_extra);
  extra.u16(static_cast<std::uint16_t>(padding));
  for (std::uint64_t i = 0; i < padding; ++i) extra.u8('Z');

  BytesWriter header;
  header.u32(0x04034B50);
  put_common(header, zip64, entry.crc, entry.size);
  header.u16(static_cast<std::uint16_t>(entry.name.size()));
  header.u16(static_cast<std::uint16_t>(extra.size()));
  header.text(entry.name);
  header.text(extra.bytes());
  file_.write(header.bytes());
}

void ZipWriter::write_central_header(const Entry& entry) {
  // Only the fields whose places in the header are too small, in this order.
  BytesWriter fields;
  if (too_large(entry.size)) {
    fields.u64(entry.size);
    fields.u64(entry.size);
  }
  if (too_large(entry.local_header)) fields.u64(entry.local_header);
  const bool zip64 = fields.size() > 0;

  BytesWriter header;
  header.u32(0x02014B50);
  header.u16(made_by_unix | (zip64 ? version_zip64 : version_plain));
  put_common(header, zip64, entry.crc, entry.size);
  header.u16(static_cast<std::uint16_t>(entry.name.size()));
  header.u16(static_cast<std::uint16_t>(zip64 ? fields.size() + extra_header_size : 0));
  header.zeros(6);  // no comment, disk 0, no internal attributes
  header.u32(regular_file);
  header.u32(capped32(entry.local_header));
  header.text(entry.name);
  if (zip64) {
    header.u16(zip64_extra);
    header.u16(static_cast<std::uint16_t>(fields.size()));
    header.text(fields.bytes());
  }
  file_.write(header.bytes());
}

void ZipWriter::finish() {
  const std::uint64_t begin = file_.position();
  for (const Entry& entry : entries_) write_central_header(entry);
  const std::uint64_t end = file_.position();
  const std::uint64_t count = entries_.size();
  BytesWriter out;
  if (count >= all_ones16 || too_large(begin) || too_large(end - begin)) {
    out.u32(0x06064B50);  // zip64 end record, 56 bytes: 44 behind this number
    out.u64(44);
    out.u16(made_by_unix | version_zip64);
    out.u16(version_zip64);
    out.u32(0);  // this disk
    out.u32(0);  // the directory's disk
    out.u64(count);
    out.u64(count);
    out.u64(end - begin);
    out.u64(begin);
    out.u32(0x07064B50);  // its locator
    out.u32(0);
    out.u64(end);
    out.u32(1);  // disks
  }
  out.u32(0x06054B50);
  out.u16(0);
  out.u16(0);
  out.u16(capped16(count));
  out.u16(capped16(count));
  out.u32(capped32(end - begin));
  out.u32(capped32(begin));
  out.u16(0);  // comment
  file_.write(out.bytes());
}

}  // namespace nn::io
