#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_set>

#include <nn/checked.h>
#include <nn/io/cursor.h>
#include <nn/io/inflater.h>
#include <nn/io/utf8.h>
#include <nn/io/zip_directory.h>

namespace nn::io {
namespace {

constexpr std::uint32_t entry_signature = 0x02014B50;
constexpr std::uint32_t zip64_end_signature = 0x06064B50;
constexpr std::uint32_t zip64_locator_signature = 0x07064B50;
constexpr std::size_t end_size = 22;
constexpr std::size_t zip64_end_size = 56;
constexpr std::size_t zip64_locator_size = 20;
constexpr std::size_t entry_size = 46;
constexpr std::size_t local_header_size = 30;
constexpr std::uint16_t zip64_extra = 0x0001;

constexpr std::uint32_t all_ones = 0xFFFFFFFF;
constexpr std::uint64_t most_entries = 65535;
constexpr std::uint64_t largest_directory = std::uint64_t{32} << 20;
constexpr std::size_t longest_name = 1024;
// Bits 1 and 2 tell the effort of the compressor, 11 that the name is UTF-8.
constexpr std::uint16_t known_flags = zip_has_descriptor | 0x0006 | 0x0800;

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
};

std::uint32_t u32_at(std::span<const std::byte> bytes, std::size_t offset) {
  return Cursor(bytes.subspan(offset)).u32();
}

// The offset of the end record in `tail`, the last bytes of the file: the one record that, with its
// comment, reaches exactly to the end of the file.
std::size_t find_end(std::span<const std::byte> tail) {
  constexpr std::string_view signature = "PK\x05\x06";
  const std::string_view text = text_of(tail);
  std::optional<std::size_t> found;
  for (std::size_t i = text.find(signature); i != std::string_view::npos;
       i = text.find(signature, i + 1)) {
    if (i + end_size > tail.size()) break;
    const std::size_t comment = Cursor(tail.subspan(i + 20)).u16();
    const bool closes_file = i + end_size + comment == tail.size();
    if (found) fail("zip: the comment at the end contains a second end record");
    if (closes_file) found = i;
  }
  if (!found) {
    fail(
        "zip: no end record at the end of the file: it was cut short or bytes were added behind "
        "it; copy or download it again");
  }
  return *found;
}

// A field that stands in both end records must be equal or left to the zip64 one.
void check_agree(std::string_view what, std::uint64_t classic, std::uint64_t marker,
                 std::uint64_t zip64) {
  if (classic != zip64 && classic != marker) {
    fail("zip: the end record says ", classic, " for the ", what, ", the zip64 one ", zip64);
  }
}

Directory read_zip64_end(const ByteSource& source, std::uint64_t locator_at) {
  std::array<std::byte, zip64_locator_size> locator_bytes{};
  source.read_at(locator_at, locator_bytes);
  Cursor locator(locator_bytes);
  locator.skip(4);
  const std::uint32_t disk = locator.u32();
  const std::uint64_t record_at = locator.u64();
  const std::uint32_t disks = locator.u32();
  if (disk != 0 || disks > 1) fail("zip: split archives are not read");
  if (!fits(record_at, zip64_end_size, locator_at)) {
    fail("zip: the zip64 locator points to byte ", record_at, ", beyond itself at ", locator_at);
  }
  std::array<std::byte, zip64_end_size> record_bytes{};
  source.read_at(record_at, record_bytes);
  Cursor record(record_bytes);
  if (record.u32() != zip64_end_signature) {
    fail("zip: byte ", record_at, ": expected the zip64 end record");
  }
  if (record.u64() != locator_at - record_at - 12) {
    fail("zip: byte ", record_at, ": the zip64 end record does not reach to its locator");
  }
  record.skip(4);  // versions
  if (record.u32() != 0 || record.u32() != 0) fail("zip: split archives are not read");
  const std::uint64_t count_here = record.u64();
  Directory directory;
  directory.count = record.u64();
  directory.size = record.u64();
  directory.offset = record.u64();
  if (count_here != directory.count) fail("zip: split archives are not read");
  if (!fits(directory.offset, directory.size, record_at) ||
      directory.offset + directory.size != record_at) {
    fail("zip: the directory at byte ", directory.offset, " of ", directory.size,
         " bytes does not end at its end record at byte ", record_at);
  }
  return directory;
}

Directory find_directory(const ByteSource& source) {
  const std::uint64_t size = source.size();
  const auto tail_size = std::min<std::uint64_t>(size, end_size + 0xFFFF);
  const auto tail = read_bytes(source, size - tail_size, tail_size);
  const std::size_t end_in_tail = find_end(tail);
  const std::uint64_t end_at = size - tail_size + end_in_tail;

  Cursor end{std::span(tail).subspan(end_in_tail + 4)};
  const std::uint16_t disk = end.u16();
  const std::uint16_t directory_disk = end.u16();
  const std::uint16_t count_here = end.u16();
  Directory directory;
  directory.count = end.u16();
  directory.size = end.u32();
  directory.offset = end.u32();
  const auto zero_or_ones = [](std::uint16_t number) { return number == 0 || number == 0xFFFF; };
  if (!zero_or_ones(disk) || !zero_or_ones(directory_disk) || count_here != directory.count) {
    fail("zip: split archives are not read");
  }

  const bool has_zip64 = end_in_tail >= zip64_locator_size &&
                         u32_at(tail, end_in_tail - zip64_locator_size) == zip64_locator_signature;
  if (has_zip64) {
    const Directory zip64 = read_zip64_end(source, end_at - zip64_locator_size);
    check_agree("number of entries", directory.count, 0xFFFF, zip64.count);
    check_agree("size of the directory", directory.size, all_ones, zip64.size);
    check_agree("offset of the directory", directory.offset, all_ones, zip64.offset);
    directory = zip64;
  } else if (!fits(directory.offset, directory.size, end_at) ||
             directory.offset + directory.size != end_at) {
    fail("zip: the directory at byte ", directory.offset, " of ", directory.size,
         " bytes does not end at the end record at byte ", end_at);
  }
  if (directory.count > most_entries) {
    fail("zip: ", directory.count, " entries; at most ", most_entries, " are read");
  }
  if (directory.size > largest_directory) {
    fail("zip: the directory has ", directory.size, " bytes; at most ", largest_directory,
         " are read");
  }
  if (directory.count > directory.size / entry_size) {
    fail("zip: the directory of ", directory.size, " bytes cannot hold ", directory.count,
         " entries");
  }
  return directory;
}

// Replaces the fields that did not fit 32 bits by those of the zip64 extra, which holds exactly
// them, in this order.
void read_zip64_extra(Cursor extras, ZipEntry& entry, std::string_view shown) {
  const bool size = entry.size == all_ones;
  const bool compressed_size = entry.compressed_size == all_ones;
  const bool local_header = entry.local_header == all_ones;
  bool seen = false;
  while (!extras.done()) {
    if (extras.remaining() < 4) {
      fail("zip: entry '", shown, "': ", extras.remaining(), " stray bytes in the extra field");
    }
    const std::uint16_t id = extras.u16();
    const std::uint16_t length = extras.u16();
    Cursor field(extras.take(length));
    if (id != zip64_extra) continue;
    const std::size_t needed = (std::size_t{size} + compressed_size + local_header) * 8;
    if (seen || length != needed) {
      fail("zip: entry '", shown, "': expected one zip64 field of ", needed, " bytes, got ",
           length);
    }
    seen = true;
    if (size) entry.size = field.u64();
    if (compressed_size) entry.compressed_size = field.u64();
    if (local_header) entry.local_header = field.u64();
  }
  if (!seen && (size || compressed_size || local_header)) {
    fail("zip: entry '", shown, "': the zip64 field is missing");
  }
}

ZipEntry read_entry(Cursor& cursor) {
  if (cursor.u32() != entry_signature) {
    fail("byte ", cursor.offset() - 4, ": expected another directory entry");
  }
  ZipEntry entry;
  cursor.skip(4);  // versions
  entry.flags = cursor.u16();
  const std::uint16_t method = cursor.u16();
  cursor.skip(4);  // time and date
  entry.crc = cursor.u32();
  entry.compressed_size = cursor.u32();
  entry.size = cursor.u32();
  const std::uint16_t name_length = cursor.u16();
  const std::uint16_t extra_length = cursor.u16();
  const std::uint16_t comment_length = cursor.u16();
  const std::uint16_t disk = cursor.u16();
  cursor.skip(6);  // attributes
  entry.local_header = cursor.u32();
  entry.name = text_of(cursor.take(name_length));
  check_zip_name(entry.name);
  const std::string shown = printable(entry.name);
  at_place("entry '" + shown + "'", [&] {
    const Cursor extras(cursor.take(extra_length), cursor.offset() - extra_length);
    cursor.skip(comment_length);
    read_zip64_extra(extras, entry, shown);
  });

  if ((entry.flags & 1U) != 0) fail("zip: entry '", shown, "' is encrypted; expected plain data");
  if ((entry.flags & ~unsigned{known_flags}) != 0) {
    fail("zip: entry '", shown, "': flags ", entry.flags, " are not understood");
  }
  if (method != 0 && method != 8) {
    fail("zip: entry '", shown, "': compression method ", method,
         "; expected 0 (stored) or 8 (deflated)");
  }
  entry.deflated = method == 8;
  if (disk != 0)
    fail("zip: entry '", shown, "' is on disk ", disk, "; split archives are not read");
  if (!entry.deflated && entry.compressed_size != entry.size) {
    fail("zip: entry '", shown, "': stored, but ", entry.compressed_size, " bytes become ",
         entry.size);
  }
  if (!inflated_size_is_possible(entry.size, entry.compressed_size)) {
    fail("zip: entry '", shown, "': ", entry.compressed_size, " bytes cannot inflate to ",
         entry.size);
  }
  if (entry.name.back() == '/' && entry.size != 0) {
    fail("zip: entry '", shown, "' is a folder with data");
  }
  return entry;
}

// Lays the entries out in the file: each may use the bytes up to the next one.
void check_layout(std::vector<ZipEntry>& entries, std::uint64_t directory_offset) {
  std::vector<std::uint32_t> by_offset(entries.size());
  std::iota(by_offset.begin(), by_offset.end(), 0U);
  std::ranges::sort(by_offset, {}, [&](std::uint32_t i) { return entries[i].local_header; });
  if (const auto& first = entries[by_offset.front()]; first.local_header != 0) {
    fail("zip: the first entry begins at byte ", first.local_header,
         "; bytes were put in front of the archive");
  }
  for (std::size_t k = 0; k < by_offset.size(); ++k) {
    ZipEntry& entry = entries[by_offset[k]];
    const bool last = k + 1 == by_offset.size();
    const std::uint64_t end = last ? directory_offset : entries[by_offset[k + 1]].local_header;
    const auto needed =
        checked_add<std::uint64_t>(local_header_size + entry.name.size(), entry.compressed_size);
    if (!needed || !fits(entry.local_header, *needed, end)) {
      fail("zip: entry '", printable(entry.name), "' at byte ", entry.local_header, " with ",
           entry.compressed_size, " bytes overlaps what begins at byte ", end);
    }
    entry.region_end = end;
  }
}

}  // namespace

void check_zip_name(std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    fail("zip: entry '", printable(name), "': ", why);
  };
  if (name.empty()) refuse("the name is empty");
  if (name.size() > longest_name) refuse("the name is longer than 1024 bytes");
  if (name.find('\0') != std::string_view::npos) refuse("the name contains a NUL byte");
  if (!is_utf8(name)) refuse("the name is not UTF-8");
  if (name.find('\\') != std::string_view::npos) refuse("the name contains a backslash");
  if (name.front() == '/' || (name.size() > 1 && name[1] == ':')) refuse("the name is absolute");
  if (name.back() == '/') name.remove_suffix(1);  // a folder
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") {
      refuse("the name has an empty part, '.' or '..'");
    }
    begin = end + 1;
  }
}

std::vector<ZipEntry> read_zip_directory(const ByteSource& source) {
  const Directory directory = find_directory(source);
  const auto bytes = read_bytes(source, directory.offset, directory.size);
  Cursor cursor(bytes, directory.offset);
  std::vector<ZipEntry> entries;
  entries.reserve(static_cast<std::size_t>(directory.count));
  at_place("zip directory", [&] {
    for (std::uint64_t i = 0; i < directory.count; ++i) entries.push_back(read_entry(cursor));
  });
  if (!cursor.done()) {
    fail("zip: the directory says ", directory.count, " entries, but has ", cursor.remaining(),
         " more bytes");
  }
  if (entries.empty()) fail("zip: the archive has no entries");
  std::unordered_set<std::string_view> names;
  names.reserve(entries.size());
  for (const ZipEntry& entry : entries) {
    if (!names.insert(entry.name).second) {
      fail("zip: two entries are named '", printable(entry.name), "'");
    }
  }
  check_layout(entries, directory.offset);
  return entries;
}

}  // namespace nn::io
