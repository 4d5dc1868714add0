#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/zip.h>

#include "cost.h"
#include "zip_writer.h"

namespace {

using namespace test;
using nn::io::ZipArchive;
using testing::AnyOf;
using testing::HasSubstr;

ZipArchive archive_of(const std::string& bytes) {
  return ZipArchive(nn::io::memory_source(as_bytes(bytes), "test.zip"));
}
void read_all(const std::string& bytes) {
  const ZipArchive archive = archive_of(bytes);
  for (const auto& entry : archive.entries()) archive.verify(entry);
}
std::string refused(const std::string& bytes) {
  return refusal([&] { read_all(bytes); });
}
std::string text_of_entry(const ZipArchive& archive, std::string_view name) {
  const auto bytes = archive.read(*archive.find(name), 1000);
  return std::string(nn::io::text_of(bytes));
}

const std::vector<ZipItem> three = {{"r/a", "first"}, {"r/b", "second"}, {"r/c", ""}};

std::string renamed(std::string_view name) {
  return make_zip({{std::string(name), "x"}}, ZipStyle::plain).bytes;
}

TEST(Zip, ReadsStoredAndDeflatedEntriesOfEitherStyle) {
  for (const auto style : {ZipStyle::torch, ZipStyle::plain}) {
    const std::string many(5000, 'z');
    const auto archive =
        archive_of(make_zip({{"r/a", "first"}, {"r/b", many, true}, {"r/c", ""}}, style).bytes);
    ASSERT_EQ(archive.entries().size(), 3U);
    EXPECT_EQ(archive.entries()[1].name, "r/b");
    EXPECT_EQ(text_of_entry(archive, "r/a"), "first");
    const auto inflated = archive.read(*archive.find("r/b"), 5000);
    EXPECT_EQ(nn::io::text_of(inflated), many);
    EXPECT_EQ(text_of_entry(archive, "r/c"), "");
    EXPECT_EQ(archive.find("r/d"), nullptr);
  }
}

TEST(Zip, ReadsAPartOfAnEntryAfterCheckingTheWholeOfIt) {
  std::string data;
  for (int i = 0; i < 700'000; ++i) data += static_cast<char>(i * 7 % 251);
  for (const bool deflate : {false, true}) {
    const Zip zip = make_zip({{"r/a", data, deflate}});
    const auto archive = archive_of(zip.bytes);
    for (const std::size_t begin : {0U, 1U, 262'143U, 262'144U, 500'000U}) {
      for (const std::size_t length : {0U, 1U, 3U, 200'000U}) {
        std::vector<std::byte> part(length);
        archive.read(archive.entries()[0], begin, part);
        EXPECT_EQ(nn::io::text_of(part), data.substr(begin, length)) << begin << " " << length;
      }
    }
    const auto damaged = archive_of(patched(zip.bytes, zip.data[0] + 1000, "!?"));
    std::vector<std::byte> part(4);
    EXPECT_NE(refusal([&] { damaged.read(damaged.entries()[0], 0, part); }), "accepted");
  }
}

TEST(Zip, Z1RefusesAFileWithoutEndRecord) {
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(zip.bytes.substr(0, zip.end)), HasSubstr("no end record"));
  EXPECT_THAT(refused("PK\x03\x04"), HasSubstr("no end record"));
}

TEST(Zip, Z2RefusesBytesBehindTheEndRecord) {
  EXPECT_THAT(refused(make_zip(three).bytes + std::string(100, 'x')), HasSubstr("no end record"));
}

TEST(Zip, Z3RefusesBytesBeforeTheFirstEntry) {
  EXPECT_NE(refused("junk" + make_zip(three).bytes), "accepted");
  // The same with offsets that fit.
  const Zip zip = make_zip({{"r/a", "first"}, {"r/b", "second"}}, ZipStyle::plain);
  std::string moved = "junk" + zip.bytes;
  for (std::size_t i = 0; i < 2; ++i) {
    moved = patched(moved, zip.central[i] + 4 + 42, u32(zip.local[i] + 4));
  }
  moved = patched(moved, zip.end + 4 + 16, u32(zip.central[0] + 4));
  EXPECT_THAT(refused(moved), HasSubstr("first entry begins at byte 4"));
}

TEST(Zip, Z4RefusesAWrongNumberOfEntries) {
  const Zip zip = make_zip(three, ZipStyle::plain);
  EXPECT_THAT(refused(patched(zip.bytes, zip.end + 8, u16(2) + u16(2))),
              HasSubstr("says 2 entries"));
  EXPECT_THAT(refused(patched(zip.bytes, zip.end + 8, u16(4) + u16(4))),
              AnyOf(HasSubstr("cannot hold 4"), HasSubstr("expected")));
  EXPECT_THAT(refused(patched(zip.bytes, zip.end + 8, u16(60'000) + u16(60'000))),
              HasSubstr("cannot hold 60000 entries"));
}

TEST(Zip, Z5RefusesADirectoryOutsideTheFileOrContradictingEndRecords) {
  const Zip plain = make_zip(three, ZipStyle::plain);
  EXPECT_THAT(refused(patched(plain.bytes, plain.end + 16, u32(0x7FFFFFFF))),
              HasSubstr("does not end at the end record"));
  EXPECT_THAT(refused(patched(plain.bytes, plain.end + 12, u32(0xFFFFFFF0))),
              HasSubstr("does not end at the end record"));
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(patched(zip.bytes, zip.end + 8, u16(2) + u16(2))),
              HasSubstr("the end record says 2 for the number of entries, the zip64 one 3"));
  EXPECT_THAT(refused(patched(zip.bytes, zip.end + 16, u32(1))), HasSubstr("offset of the"));
  EXPECT_EQ(refused(patched(zip.bytes, zip.end + 8,
                            u16(0xFFFF) + u16(0xFFFF) + u32(0xFFFFFFFF) + u32(0xFFFFFFFF))),
            "accepted");
}

TEST(Zip, Z6RefusesEntriesOutsideTheFileOrInsideOneAnother) {
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(zip.with_central(2, 42, u32(0x7FFFFFFF))), HasSubstr("overlaps"));
  EXPECT_THAT(refused(zip.with_central(1, 42, u32(0))), HasSubstr("overlaps"));
  EXPECT_THAT(refused(zip.with_central(1, 42, u32(zip.local[0] + 10))), HasSubstr("overlaps"));
  // Only the local header tells that the data reaches into the next entry.
  EXPECT_THAT(refused(zip.with_local(0, 28, u16(40))), HasSubstr("overlaps"));
}

TEST(Zip, Z7RefusesASizeBeyondTheFileWithoutAllocatingIt) {
  const Zip zip = make_zip(three);
  std::string message;
  const Cost cost = cost_of(
      [&] { message = refused(zip.with_central(0, 20, u32(0x7FFFFFFF) + u32(0x7FFFFFFF))); });
  EXPECT_THAT(message, HasSubstr("'r/a' at byte 0 with 2147483647 bytes overlaps"));
  EXPECT_LT(cost.peak_bytes, std::size_t{1} << 20);
}

TEST(Zip, Z8RefusesALocalNameOtherThanTheDirectoryName) {
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(zip.with_local(0, 30, "r/x")), HasSubstr("r/a: the local header names it"));
}

TEST(Zip, Z9RefusesLocalValuesAndDescriptorsOtherThanTheDirectory) {
  const Zip plain = make_zip(three, ZipStyle::plain);
  for (const std::size_t field : {14U, 18U, 22U}) {  // CRC, compressed size, size
    EXPECT_THAT(refused(plain.with_local(0, field, u32(3))), HasSubstr("the local header says"));
  }
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(zip.with_local(0, 18, u32(3))), HasSubstr("the local header says"));
  const std::size_t descriptor = zip.data[0] + 5;
  EXPECT_THAT(refused(patched(zip.bytes, descriptor + 4, u32(1))), HasSubstr("descriptor"));
  EXPECT_THAT(refused(patched(zip.bytes, descriptor + 8, u32(4))), HasSubstr("descriptor"));
  EXPECT_THAT(refused(zip.with_local(0, 6, u16(0x800))), HasSubstr("flags"));
  EXPECT_THAT(refused(zip.with_local(0, 8, u16(8))), HasSubstr("method"));
}

TEST(Zip, Z10RefusesTwoEntriesOfOneName) {
  EXPECT_THAT(refused(make_zip({{"r/a", "1"}, {"r/a", "2"}}).bytes),
              HasSubstr("two entries are named 'r/a'"));
}

TEST(Zip, Z11RefusesAWrongChecksumAndTakesZeroAsNotComputed) {
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(patched(zip.bytes, zip.data[0], "F")), HasSubstr("r/a: the checksum is"));
  EXPECT_EQ(refused(make_zip({{"r/a", "first", false, true}}).bytes), "accepted");
}

TEST(Zip, Z12RefusesEncryptedEntries) {
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(zip.with_central(0, 8, u16(0x809))), HasSubstr("encrypted"));
  EXPECT_THAT(refused(zip.with_central(0, 8, u16(0x2808))), HasSubstr("flags"));
}

TEST(Zip, Z13RefusesOtherCompressionMethods) {
  EXPECT_THAT(refused(make_zip(three).with_central(0, 10, u16(14))),
              HasSubstr("compression method 14"));
}

TEST(Zip, Z14RefusesAnInflatedLengthOtherThanDeclared) {
  const std::string data(1000, 'x');
  const Zip zip = make_zip({{"r/a", data, true}}, ZipStyle::plain);
  const auto declared = [&](std::uint64_t size) {
    return patched(zip.with_central(0, 24, u32(size)), zip.local[0] + 22, u32(size));
  };
  EXPECT_THAT(refused(declared(999)), HasSubstr("holds more bytes than declared"));
  EXPECT_THAT(refused(declared(1001)), HasSubstr("less than declared"));
}

TEST(Zip, Z15RefusesABombByItsDeclaredSizeBeforeInflating) {
  const Zip zip = make_zip({{"r/a", std::string(1000, 'x'), true}}, ZipStyle::plain);
  const auto size = u32(std::uint64_t{512} << 20);
  std::string message;
  const Cost cost = cost_of(
      [&] { message = refused(patched(zip.with_central(0, 24, size), zip.local[0] + 22, size)); });
  EXPECT_THAT(message, HasSubstr("cannot inflate to 536870912"));
  EXPECT_LT(cost.peak_bytes, std::size_t{1} << 20);
  // A true bomb is above the limit that every reader gives.
  const Zip bomb = make_zip({{"r/a", std::string(std::size_t{32} << 20, 'x'), true}});
  const auto archive = archive_of(bomb.bytes);
  EXPECT_THAT(refusal([&] { archive.read(archive.entries()[0], 1 << 20); }),
              HasSubstr("33554432 bytes, expected at most 1048576"));
}

TEST(Zip, Z16RefusesADeflateStreamThatEndsEarlyOrHasBytesLeft) {
  std::string data;
  for (int i = 0; i < 1000; ++i) data += static_cast<char>(i * i % 253);
  const std::string whole = deflated(data);
  const Zip zip = make_zip({{"r/a", data, true}}, ZipStyle::plain);
  // Only the end of the stream differs: cut it and close the gap by shrinking the entry.
  const auto shrunk = [&](std::size_t by) {
    const auto size = u32(whole.size() - by);
    return patched(zip.with_central(0, 20, size), zip.local[0] + 18, size);
  };
  EXPECT_THAT(refused(shrunk(3)), HasSubstr("the compressed data"));
  const Zip longer = make_zip({{"r/a", whole + "tail"}}, ZipStyle::plain);
  const auto as_deflate = [&](std::string bytes) {
    const auto crc = zip.bytes.substr(zip.central[0] + 16, 4);
    const auto sizes = u32(whole.size() + 4) + u32(data.size());
    bytes = patched(bytes, longer.central[0] + 10, u16(8));
    bytes = patched(bytes, longer.central[0] + 16, crc + sizes);
    bytes = patched(bytes, longer.local[0] + 8, u16(8));
    return patched(bytes, longer.local[0] + 14, crc + sizes);
  };
  EXPECT_THAT(refused(as_deflate(longer.bytes)), HasSubstr("4 bytes follow the end"));
}

TEST(Zip, Z17RefusesNamesMadeToMislead) {
  using namespace std::string_literals;
  for (const auto& name : {"../x"s, "/x"s, "C:\\x"s, "C:/x"s, "a//b"s, "."s, ".."s, "a/.."s,
                           "a/./b"s, ""s, "a\0b"s, "a\\b"s, "a\xFF"s, std::string(1025, 'n')}) {
    EXPECT_NE(refused(renamed(name)), "accepted") << name;
  }
  EXPECT_EQ(refused(renamed(".data/.hidden")), "accepted");
  EXPECT_EQ(refused(renamed("größe/x y.pt")), "accepted");
}

TEST(Zip, Z20TakesManyEmptyEntriesQuickly) {
  std::vector<ZipItem> items;
  for (int i = 0; i < 65'000; ++i) items.push_back({"r/" + std::to_string(i), ""});
  const auto bytes = as_bytes(make_zip(items).bytes);
  const auto source = nn::io::memory_source(bytes, "many.zip");
  const Cost cost = cost_of([&] { EXPECT_EQ(ZipArchive(source).entries().size(), 65'000U); });
  EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
}

TEST(Zip, Z21RefusesWrongZip64Records) {
  const Zip zip = make_zip(three);
  EXPECT_NE(refused(patched(zip.bytes, zip.zip64_end, "XX")), "accepted");
  EXPECT_NE(refused(patched(zip.bytes, zip.zip64_end + 4, u64(~0ULL))), "accepted");
  EXPECT_NE(refused(patched(zip.bytes, zip.zip64_end + 24, u64(~0ULL) + u64(~0ULL))), "accepted");
  EXPECT_NE(refused(patched(zip.bytes, zip.zip64_end + 40, u64(~0ULL))), "accepted");
  EXPECT_NE(refused(patched(zip.bytes, zip.zip64_end + 48, u64(~0ULL))), "accepted");
  EXPECT_NE(refused(patched(zip.bytes, zip.locator + 8, u64(~0ULL))), "accepted");
  EXPECT_THAT(refused(zip.with_central(0, 20, u32(0xFFFFFFFF) + u32(0xFFFFFFFF))),
              HasSubstr("zip64 field is missing"));
}

TEST(Zip, Z21ReadsSizesFromTheZip64Field) {
  // One entry whose sizes and offset are all in the extra field, as behind 4 GiB.
  const std::string data = "first";
  const Zip zip = make_zip({{"r/a", data}}, ZipStyle::plain);
  const auto with_extra = [&](const std::string& field) {
    std::string bytes = zip.bytes.substr(0, zip.end);
    bytes = patched(bytes, zip.central[0] + 20, u32(0xFFFFFFFF) + u32(0xFFFFFFFF));
    bytes = patched(bytes, zip.central[0] + 30, u16(field.size()));
    bytes = patched(bytes, zip.central[0] + 42, u32(0xFFFFFFFF));
    const auto size = u32(bytes.size() + field.size() - zip.central[0]);
    return patched(bytes + field + zip.bytes.substr(zip.end), zip.end + field.size() + 12, size);
  };
  EXPECT_EQ(refused(with_extra(u16(1) + u16(24) + u64(5) + u64(5) + u64(0))), "accepted");
  EXPECT_THAT(refused(with_extra(u16(1) + u16(16) + u64(5) + u64(5))),
              HasSubstr("expected one zip64 field of 24 bytes, got 16"));
  EXPECT_NE(refused(with_extra(u16(1) + u16(24) + u64(~0ULL) + u64(~0ULL) + u64(0))), "accepted");
  EXPECT_NE(refused(with_extra(u16(1) + u16(24) + u64(5) + u64(5) + u64(~0ULL))), "accepted");
  EXPECT_NE(refused(with_extra(u16(1) + u16(99) + u64(5))), "accepted");
}

TEST(Zip, Z22RefusesAnExtraFieldBeyondTheHeader) {
  const Zip zip = make_zip(three);
  EXPECT_NE(refused(zip.with_central(2, 30, u16(0xFFFF))), "accepted");
  EXPECT_NE(refused(zip.with_local(2, 28, u16(0xFFFF))), "accepted");
  EXPECT_NE(refused(zip.with_central(2, 28, u16(0xFFFF))), "accepted");
}

TEST(Zip, Z23AcceptsACommentButNoneWithASecondEndRecord) {
  const Zip zip = make_zip(three);
  EXPECT_EQ(refused(patched(zip.bytes, zip.end + 20, u16(5)) + "hello"), "accepted");
  const std::string record = zip.bytes.substr(zip.end);
  EXPECT_THAT(refused(patched(zip.bytes, zip.end + 20, u16(record.size())) + record),
              HasSubstr("second end record"));
}

TEST(Zip, Z24RefusesSplitArchives) {
  const Zip zip = make_zip(three);
  EXPECT_THAT(refused(patched(zip.bytes, zip.end + 4, u16(1))), HasSubstr("split"));
  EXPECT_THAT(refused(zip.with_central(0, 34, u16(1))), HasSubstr("split"));
  EXPECT_THAT(refused(patched(zip.bytes, zip.locator + 16, u32(2))), HasSubstr("split"));
  EXPECT_THAT(refused(patched(zip.bytes, zip.zip64_end + 16, u32(1))), HasSubstr("split"));
}

TEST(Zip, AnArchiveWithoutEntriesIsRefused) {
  EXPECT_THAT(refused(make_zip({}).bytes), HasSubstr("no entries"));
}

}  // namespace
