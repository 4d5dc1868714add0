// Z: the zip container of torch.save.
#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;

Zip torch_zip() { return make_zip(honest_file().items()); }
Zip plain_zip() { return make_zip(honest_file().items(), ZipStyle::plain); }

// Where the fields stand in an end record, a zip64 end record, a central and a local header.
enum End { disk = 4, count_here = 8, directory_size = 12, directory_offset = 16, comment = 20 };
enum Zip64 { size_of_record = 4, disk64 = 16, count64 = 24, size64 = 40, offset64 = 48 };
enum Central {
  flags = 8,
  method = 10,
  crc = 16,
  compressed = 20,
  size = 24,
  name_length = 28,
  extra_length = 30,
  disk_of_entry = 34,
  local_header = 42,
  name_of_entry = 46
};
enum Local {
  local_flags = 6,
  local_method = 8,
  local_crc = 14,
  local_compressed = 18,
  local_size = 22,
  local_extra_length = 28,
  local_name = 30
};

std::string with_item(std::size_t entry, const std::string& name, const std::string& data) {
  auto items = honest_file().items();
  if (!name.empty()) items[entry].name = name;
  if (!data.empty()) items[entry].data = data;
  return make_zip(items).bytes;
}
std::string with_more(const ZipItem& item) {
  auto items = honest_file().items();
  items.push_back(item);
  return make_zip(items).bytes;
}
std::string without(std::size_t entry) {
  auto items = honest_file().items();
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(entry));
  return make_zip(items).bytes;
}
std::string renamed_everywhere(const std::string& from, const std::string& to) {
  std::string bytes = plain_zip().bytes;
  for (std::size_t at = 0; (at = bytes.find(from, at)) != std::string::npos;) {
    bytes.replace(at, from.size(), to);
  }
  return bytes;
}
// The honest file with its storage deflated, so that the stream can be damaged.
Zip deflated_zip() {
  auto items = honest_file().items();
  items[data_0].deflate = true;
  return make_zip(items, ZipStyle::plain);
}
std::string with_stream(const std::string& stream, std::uint64_t inflated_size) {
  auto items = honest_file().items();
  items[data_0].data = stream;
  const Zip zip = make_zip(items, ZipStyle::plain);
  std::string bytes = zip.with_central(data_0, method, u16(8));
  bytes = patched(bytes, zip.central[data_0] + crc, u32(0));
  bytes = patched(bytes, zip.central[data_0] + size, u32(inflated_size));
  bytes = patched(bytes, zip.local[data_0] + local_method, u16(8));
  bytes = patched(bytes, zip.local[data_0] + local_crc, u32(0));
  return patched(bytes, zip.local[data_0] + local_size, u32(inflated_size));
}

void end_records(Cases& cases) {
  const Zip zip = torch_zip();
  const Zip plain = plain_zip();
  cases.push_back(refused("Z1", "no_end_record", zip.bytes.substr(0, zip.end), {"no end record"}));
  cases.push_back(refused("Z1", "no_directory", plain.bytes.substr(0, plain.central[0]),
                          {"no end record at the end of the file", "download it again"}));
  cases.push_back(refused("Z1", "end_record_alone", plain.bytes.substr(plain.end), {"zip: "}));
  cases.push_back(
      refused("Z2", "100_bytes_behind", zip.bytes + std::string(100, '\0'), {"no end record"}));
  cases.push_back(refused("Z2", "line_break_behind", zip.bytes + "\n", {"no end record"}));
  cases.push_back(refused("Z3", "bytes_in_front", "junk" + zip.bytes, {"not recognised"}));
  std::string moved = "PK\3\4" + plain.bytes;
  for (std::size_t i = 0; i < plain.central.size(); ++i) {
    moved = patched(moved, plain.central[i] + 4 + local_header, u32(plain.local[i] + 4));
  }
  moved = patched(moved, plain.end + 4 + directory_offset, u32(plain.central[0] + 4));
  cases.push_back(refused("Z3", "bytes_in_front_counted", moved,
                          {"the first entry begins at byte 4", "in front of the archive"}));
  for (const auto& [name, count] : {std::pair{"less", 5U}, {"more", 7U}, {"many", 60'000U}}) {
    cases.push_back(refused("Z4", name,
                            patched(plain.bytes, plain.end + count_here, u16(count) + u16(count)),
                            {"zip", count == 5   ? "says 5 entries"
                                    : count == 7 ? "zip directory: byte"
                                                 : "cannot hold 60000 entries"}));
  }
  const std::string ones = u32(0xFFFFFFFF);
  cases.push_back(refused("Z5", "offset_beyond",
                          patched(plain.bytes, plain.end + directory_offset, u32(0x7FFFFFFF)),
                          {"does not end at the end record"}));
  cases.push_back(refused("Z5", "size_beyond",
                          patched(plain.bytes, plain.end + directory_size, u32(0xFFFFFFF0)),
                          {"does not end at the end record"}));
  cases.push_back(refused("Z5", "count_contradicts",
                          patched(zip.bytes, zip.end + count_here, u16(5) + u16(5)),
                          {"the end record says 5", "the zip64 one 6"}));
  cases.push_back(refused("Z5", "size_contradicts",
                          patched(zip.bytes, zip.end + directory_size, u32(1)),
                          {"says 1 for the size of the directory"}));
  cases.push_back(refused("Z5", "offset_contradicts",
                          patched(zip.bytes, zip.end + directory_offset, u32(7)),
                          {"says 7 for the offset of the directory"}));
  cases.push_back(
      accepted("Z5", "all_ones",
               patched(zip.bytes, zip.end + count_here, u16(0xFFFF) + u16(0xFFFF) + ones + ones),
               honest_tensors));
  for (const auto& [name, at, by] :
       {std::tuple{"signature", zip.zip64_end, "XX"s},
        {"record_size_huge", zip.zip64_end + size_of_record, u64(~0ULL)},
        {"record_size_0", zip.zip64_end + size_of_record, u64(0)},
        {"counts_huge", zip.zip64_end + count64, u64(~0ULL) + u64(~0ULL)},
        {"directory_size_huge", zip.zip64_end + size64, u64(~0ULL)},
        {"directory_offset_huge", zip.zip64_end + offset64, u64(~0ULL)},
        {"sum_wraps", zip.zip64_end + size64, u64(~0ULL) + u64(200)},
        {"locator_beyond", zip.locator + 8, u64(~0ULL)},
        {"locator_at_itself", zip.locator + 8, u64(zip.locator)}}) {
    cases.push_back(refused("Z21", name, patched(zip.bytes, at, by), {"zip"}));
  }
  cases.push_back(refused("Z21", "field_missing", zip.with_central(data_0, compressed, ones + ones),
                          {"zip64 field is missing"}));
  cases.push_back(accepted(
      "Z23", "comment", patched(zip.bytes, zip.end + comment, u16(5)) + "hello", honest_tensors));
  const std::string record = zip.bytes.substr(zip.end);
  cases.push_back(refused("Z23", "second_end_record",
                          patched(zip.bytes, zip.end + comment, u16(record.size())) + record,
                          {"second end record"}));
  cases.push_back(refused("Z23", "longer_than_file",
                          patched(zip.bytes, zip.end + comment, u16(5)) + "hell",
                          {"no end record"}));
  cases.push_back(refused("Z24", "disk", patched(zip.bytes, zip.end + disk, u16(1)), {"split"}));
  cases.push_back(
      refused("Z24", "entry_disk", zip.with_central(0, disk_of_entry, u16(1)), {"split"}));
  cases.push_back(
      refused("Z24", "disks_of_locator", patched(zip.bytes, zip.locator + 16, u32(2)), {"split"}));
  cases.push_back(
      refused("Z24", "disk64", patched(zip.bytes, zip.zip64_end + disk64, u32(1)), {"split"}));
}

void headers(Cases& cases) {
  const Zip zip = torch_zip();
  const Zip plain = plain_zip();
  cases.push_back(refused("Z6", "header_beyond",
                          zip.with_central(version, local_header, u32(0x7FFFFFFF)),
                          {"entry 'm/version'", "overlaps"}));
  cases.push_back(refused("Z6", "header_inside_another",
                          zip.with_central(data_0, local_header, u32(zip.local[0] + 10)),
                          {"overlaps what begins at byte"}));
  cases.push_back(refused("Z6", "two_on_one_header", zip.with_central(data_0, local_header, u32(0)),
                          {"overlaps"}));
  cases.push_back(refused("Z6", "data_into_the_next",
                          zip.with_local(data_0, local_extra_length, u16(60)),
                          {"m/data/0", "overlaps"}));
  cases.push_back(refused("Z7", "size_2_gb",
                          zip.with_central(data_0, compressed, u32(0x7FFFFFFF) + u32(0x7FFFFFFF)),
                          {"'m/data/0'", "2147483647 bytes"}));
  cases.push_back(refused("Z8", "local_name", zip.with_local(data_0, local_name, "m/data/1"),
                          {"m/data/0", "the local header names it 'm/data/1'"}));
  for (const auto& [name, field] : {std::pair{"local_crc", local_crc},
                                    {"local_compressed", local_compressed},
                                    {"local_size", local_size}}) {
    cases.push_back(refused("Z9", name, plain.with_local(data_0, field, u32(3)),
                            {"m/data/0", "the local header says", "the directory"}));
  }
  const std::size_t descriptor = zip.data[data_0] + 24;
  cases.push_back(refused("Z9", "descriptor_crc", patched(zip.bytes, descriptor + 4, u32(1)),
                          {"m/data/0", "the data descriptor is missing or differs"}));
  cases.push_back(refused("Z9", "descriptor_size", patched(zip.bytes, descriptor + 8, u32(1)),
                          {"m/data/0", "data descriptor"}));
  cases.push_back(refused("Z9", "local_flags", zip.with_local(data_0, local_flags, u16(0x800)),
                          {"m/data/0", "flags"}));
  cases.push_back(refused("Z9", "local_method", zip.with_local(data_0, local_method, u16(8)),
                          {"m/data/0", "method 8"}));
  cases.push_back(refused("Z10", "duplicate_pickle", with_more({"m/data.pkl", "\x80\2N."}),
                          {"two entries are named 'm/data.pkl'"}));
  cases.push_back(refused("Z10", "duplicate_storage", with_more({"m/data/0", std::string(24, 'x')}),
                          {"two entries are named 'm/data/0'"}));
  cases.push_back(refused("Z11", "flipped_weight", patched(zip.bytes, zip.data[data_0] + 7, "\x41"),
                          {"m/data/0: the checksum is", "expected", "download"}));
  cases.push_back(refused("Z11", "flipped_pickle", patched(zip.bytes, zip.data[data_pkl] + 20, "x"),
                          {"m/data.pkl", "checksum"}));
  auto unchecked = honest_file().items();
  for (ZipItem& item : unchecked) item.without_crc = true;
  cases.push_back(accepted("Z11", "crc_not_computed", make_zip(unchecked).bytes, honest_tensors));
  cases.push_back(refused("Z12", "encrypted", zip.with_central(data_0, flags, u16(0x809)),
                          {"m/data/0", "encrypted"}));
  cases.push_back(refused("Z12", "strongly_encrypted", zip.with_central(data_0, flags, u16(0x849)),
                          {"m/data/0", "encrypted"}));
  for (const auto& [name, number] :
       {std::pair{"lzma", 14U}, {"zstd", 93U}, {"none_such", 0xFFFFU}}) {
    cases.push_back(refused("Z13", name, zip.with_central(data_0, method, u16(number)),
                            {"m/data/0", "compression method " + std::to_string(number)}));
  }
  cases.push_back(refused("Z22", "beyond_the_directory",
                          zip.with_central(version, extra_length, u16(0xFFFF)), {"zip directory"}));
  cases.push_back(refused("Z22", "name_beyond", zip.with_central(version, name_length, u16(0xFFFF)),
                          {"zip directory"}));
  cases.push_back(refused("Z22", "local_beyond",
                          zip.with_local(version, local_extra_length, u16(0xFFFF)), {"m/version"}));
}

// A deflate stream of `mib` MiB of zeros, in mib KiB.
std::string bomb(std::size_t mib) {
  const std::string zeros(std::size_t{1} << 20, '\0');
  return repeated(deflated_in_part(zeros), mib) + "\3\0"s;
}

void compression(Cases& cases) {
  const Zip zip = deflated_zip();
  const auto declared = [&](std::uint64_t bytes) {
    return patched(zip.with_central(data_0, size, u32(bytes)), zip.local[data_0] + local_size,
                   u32(bytes));
  };
  cases.push_back(accepted("Z13", "deflate", zip.bytes, honest_tensors));
  cases.push_back(refused("Z14", "holds_more", declared(20), {"m/data/0"}));
  cases.push_back(refused("Z14", "holds_less", declared(28), {"m/data/0"}));
  const std::string six = floats({0, 1, 2, 3, 4, 5});
  cases.push_back(refused("Z14", "holds_more_as_needed", with_stream(deflated(six + "more"), 24),
                          {"m/data/0", "holds more bytes than declared"}));
  cases.push_back(refused("Z14", "holds_less_as_needed", with_stream(deflated(six.substr(4)), 24),
                          {"m/data/0", "4 bytes less than declared"}));
  cases.push_back(refused("Z15", "bomb_512_mib", with_stream(bomb(512), std::uint64_t{512} << 20),
                          {"m/data/0: 536870912 bytes", "need 24"}));
  cases.push_back(refused("Z15", "bomb_that_says_24_bytes", with_stream(bomb(512), 24),
                          {"m/data/0", "holds more bytes than declared"}));
  cases.push_back(refused("Z15", "impossible_ratio", declared(std::uint64_t{512} << 20),
                          {"m/data/0", "cannot inflate to 536870912"}));
  auto items = honest_file().items();
  items[data_pkl].data = std::string(std::size_t{64} << 20, 'N');
  items[data_pkl].deflate = true;
  cases.push_back(refused("Z15", "bomb_as_pickle", make_zip(items).bytes,
                          {"m/data.pkl: 67108864 bytes", "at most 16777216"}));
  const std::string stream = deflated(six);
  cases.push_back(refused("Z16", "ends_early", with_stream(stream.substr(0, stream.size() - 2), 24),
                          {"m/data/0: the compressed data"}));
  cases.push_back(refused("Z16", "bytes_left", with_stream(stream + "tail", 24),
                          {"m/data/0: 4 bytes follow the end"}));
  cases.push_back(refused("Z16", "damaged", with_stream("\x07" + stream, 24),
                          {"m/data/0: the compressed data is corrupt"}));
}

void names(Cases& cases) {
  for (const auto& [name, entry] : {std::pair{"parent", "../m/x"s},
                                    {"absolute", "/m/x"s},
                                    {"drive", "C:\\x"s},
                                    {"double_slash", "m//x"s},
                                    {"dot", "."s},
                                    {"dot_inside", "m/./x"s},
                                    {"parent_inside", "m/../x"s},
                                    {"nul", "m/x\0y"s},
                                    {"backslash", "m\\x"s},
                                    {"not_utf8", "m/\xFF"s},
                                    {"1025_bytes", "m/" + std::string(1023, 'n')}}) {
    cases.push_back(refused("Z17", name, with_more({entry, "x"}), {"zip directory: "}));
  }
  const Zip zip = torch_zip();
  cases.push_back(refused("Z17", "empty", zip.with_central(version, name_length, u16(0)), {"zip"}));
  cases.push_back(accepted("Z17", "hidden_files", with_more({"m/.data/.serialization_id", "12"}),
                           honest_tensors));
  cases.push_back(refused("Z18", "two_folders", with_more({"other/x", "x"}),
                          {"'other/x'", "expected one folder"}));
  cases.push_back(
      refused("Z18", "entry_at_the_top", with_more({"x", "x"}), {"expected one folder"}));
  cases.push_back(refused("Z19", "folder_is_parent", renamed_everywhere("m/", ".."), {"zip"}));
  auto parent = honest_file().items();
  for (ZipItem& item : parent) item.name = "../" + item.name.substr(2);
  cases.push_back(
      refused("Z19", "folder_is_parent_with_slash", make_zip(parent).bytes, {"'../data.pkl'"}));
  auto many = honest_file().items();
  for (int i = 0; i < 65'000; ++i) many.push_back({"m/" + std::to_string(i), ""});
  cases.push_back(accepted("Z20", "65000_empty_entries", make_zip(many).bytes, honest_tensors));
}

void torch_entries(Cases& cases) {
  cases.push_back(refused("Z25", "no_pickle", without(data_pkl), {"without data.pkl"}));
  cases.push_back(
      refused("Z25", "no_storage", without(data_0), {"the entry 'm/data/0' is missing"}));
  cases.push_back(
      refused("Z25", "no_version", without(version), {"the entry 'm/version' is missing"}));
  TorchFile big = honest_file();
  big.byteorder = "big";
  big.storages[0].second = "\x3F\x80\0\0"s + std::string(20, '\0');
  cases.push_back(accepted("Z26", "big", big.bytes(), "w float32 [2, 3]: 1 0 0 0 0 0\n"));
  for (const auto& [name, order] : {std::pair{"middle", "middle"s},
                                    {"capital", "Little"s},
                                    {"empty", " "s},
                                    {"long", std::string(1000, 'x')}}) {
    cases.push_back(refused("Z26", name, with_item(byteorder, "", order), {"m/byteorder"}));
  }
  for (const auto& [name, text] : {std::pair{"newer", "11\n"},
                                   {"zero", "0\n"},
                                   {"negative", "-1\n"},
                                   {"overflow", "99999999999999999999\n"},
                                   {"word", "three\n"},
                                   {"text_behind", "3x\n"}}) {
    cases.push_back(refused("Z27", name, with_item(version, "", text),
                            {"m/version: format version", "expected 1 to"}));
  }
  cases.push_back(refused("Z27", "newer_format", with_item(format_version, "", "2"),
                          {"m/.format_version: format version '2'"}));
  cases.push_back(refused("Z28", "zip_as_storage", with_item(data_0, "", torch_zip().bytes),
                          {"m/data/0", "need 24"}));
  cases.push_back(refused("Z28", "zip_as_pickle", with_item(data_pkl, "", torch_zip().bytes),
                          {"m/data.pkl: byte 0 of the pickle"}));
  cases.push_back(refused("Z28", "zip_in_zip", make_zip({{"m/model.pt", torch_zip().bytes}}).bytes,
                          {"without data.pkl", "unpack"}));
}

}  // namespace

Cases zip_cases() {
  Cases cases;
  end_records(cases);
  headers(cases);
  compression(cases);
  names(cases);
  torch_entries(cases);
  return cases;
}

}  // namespace test::hostile
