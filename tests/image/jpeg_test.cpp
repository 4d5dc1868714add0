#include "picture_builder.h"

namespace {

using namespace picture_builder;
using namespace std::string_literals;

TEST(Jpeg, I20ASmallGreyPictureIsDecoded) {
  const nn::Image image = decode(Jpeg{}.file());
  EXPECT_EQ(image.channels, 1);
  EXPECT_THAT(image.pixels, testing::AllOf(testing::SizeIs(64), testing::Each(128)));
}

TEST(Jpeg, I15EveryPrefixIsRefused) {
  const std::string file = Jpeg{}.file();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THROW(decode(file.substr(0, size)), nn::Error) << size;
  }
}

TEST(Jpeg, I15AScanThatEndsEarlyIsRefusedAlsoWithAnEnd) {
  // Blocks of two bits: four fit a byte.
  EXPECT_NO_THROW(decode(Jpeg{.frame = sof(0xc0, 32, 8, {{}}), .data = "\0"s}.file()));
  expect_refused(Jpeg{.frame = sof(0xc0, 40, 8, {{}}), .data = "\0"s}.file(),
                 "the end of a scan's data");
  expect_refused(Jpeg{.data = ""}.file(), "the end of a scan's data");
  expect_refused(Jpeg{.data = "\x3f\x3f"}.file(), "more data than the picture's blocks need");
  expect_refused(Jpeg{.end = ""}.file(), "the file ends without EOI");
  expect_refused(Jpeg{.data = "\xff\0"s}.file(), "a code that its Huffman table does not have");
}

TEST(Jpeg, I14BytesAfterTheEndAreLeftUnread) {
  EXPECT_NO_THROW(decode(Jpeg{}.file() + "a film of the moment before"));
}

TEST(Jpeg, I16BadHuffmanTablesAreRefused) {
  const auto with = [](const std::string& data) {
    return Jpeg{.tables = dqt() + segment(0xc4, data) + dht(0x10)}.file();
  };
  expect_refused(with(huffman(0, "\0\0\0\0\0\0\0\0\xff\x40"s, std::string(319, 'a'))),
                 "DHT lists 319 codes, expected at most 255");
  expect_refused(with(huffman(0, "\0\0\0\0\0\0\0\0\xff\1"s, std::string(256, 'a'))),
                 "DHT lists 256 codes, expected at most 255");
  expect_refused(with(huffman(0, "\3", "abc")), "more codes of a length than exist");
  expect_refused(with(huffman(0, "\1", "")), "what is left of DHT has 0 bytes, expected 1");
  expect_refused(with(huffman(0, "\1", "ab")), "what is left of DHT has 1 bytes, expected 17");
  expect_refused(with(huffman(4, "\1", "a")), "DHT defines table 4 of kind 0");
  expect_refused(with(huffman(0x20, "\1", "a")), "DHT defines table 0 of kind 2");
}

TEST(Jpeg, I16MissingTablesAreRefused) {
  expect_refused(Jpeg{.tables = dqt() + dht(0x10)}.file(), "needs DC Huffman table 0");
  expect_refused(Jpeg{.tables = dqt() + dht(0x00)}.file(), "needs AC Huffman table 0");
  expect_refused(Jpeg{.tables = dht(0x00) + dht(0x10)}.file(), "needs quantization table 0");
  expect_refused(Jpeg{.scan = sos({1}, 0, 63, 0, 0x44)}.file(), "names Huffman table 4");
}

TEST(Jpeg, I16BadQuantizationTablesAreRefused) {
  const std::string huffman_tables = dht(0x00) + dht(0x10);
  expect_refused(Jpeg{.tables = dqt(4) + huffman_tables}.file(), "DQT defines table 4");
  expect_refused(Jpeg{.tables = dqt(0x20) + huffman_tables}.file(), "of precision 2");
  expect_refused(Jpeg{.tables = dqt() + dqt() + huffman_tables}.file(), "again, expected once");
  expect_refused(Jpeg{.tables = segment(0xdb, std::string(64, '\0')) + huffman_tables}.file(),
                 "what is left of DQT has 63 bytes, expected 64");
}

TEST(Jpeg, I16FramesAreOne) {
  const std::string frame = sof(0xc0, 8, 8, {{}});
  expect_refused(Jpeg{.frame = frame + frame}.file(), "second frame header");
  expect_refused(Jpeg{.frame = ""}.file(), "a scan (SOS) before a frame header");
  expect_refused(Jpeg{.scan = "", .data = ""}.file(), "before the data of component 1");
  expect_refused(soi + eoi, "before a frame (SOF)");
  expect_refused(soi + dqt() + eoi, "before a frame (SOF)");
  expect_refused(Jpeg{.end = sos({1}) + "\x3f" + eoi}.file(), "comes in two scans");
}

TEST(Jpeg, I17ComponentsAndSamplingAreBound) {
  const auto with = [](const std::vector<Component>& components) {
    return Jpeg{.frame = sof(0xc0, 8, 8, components)}.file();
  };
  expect_refused(with({}), "found 0 components");
  expect_refused(with({{1}, {2}}), "found 2 components");
  expect_refused(with({{1}, {2}, {3}, {4}, {5}}), "found 5 components");
  expect_refused(with({{1}, {1}, {2}}), "component 1 twice");
  expect_refused(with({{1, 0x11, 4}}), "quantization table 4");
  for (const unsigned bad : {0x00U, 0x01U, 0x10U, 0x15U, 0x51U, 0xf1U}) {
    expect_refused(with({{1, bad}}), "expected 1 to 4");
  }
  expect_refused(with({{1, 0x31}, {2, 0x21}, {3, 0x11}}), "expected whole ratios");
  EXPECT_NO_THROW(decode(with({{1, 0x33}})));
}

TEST(Jpeg, I17AnMcuHasAtMostTenBlocks) {
  const Jpeg wide{.frame = sof(0xc0, 8, 8, {{1, 0x44}, {2, 0x11}, {3, 0x11}}),
                  .scan = sos({1, 2, 3})};
  expect_refused(wide.file(), "an MCU has 18 blocks");
}

TEST(Jpeg, I17OtherJpegsAreNamed) {
  const auto with = [](unsigned marker, unsigned bits = 8) {
    return Jpeg{.frame = sof(marker, 8, 8, {{}}, bits)}.file();
  };
  expect_refused(with(0xc1, 12), "12 bits a sample");
  expect_refused(with(0xc3), "lossless JPEG");
  for (const unsigned marker : {0xc5U, 0xc6U, 0xc7U})
    expect_refused(with(marker), "hierarchical JPEG");
  for (const unsigned marker : {0xc9U, 0xcaU, 0xcbU})
    expect_refused(with(marker), "arithmetic coding");
  for (const unsigned marker : {0xcdU, 0xceU, 0xcfU}) {
    expect_refused(with(marker), "hierarchical JPEG with arithmetic coding");
  }
  expect_refused(with(0xf7), "JPEG-LS");
  expect_refused(Jpeg{.tables = segment(0xcc, "ab") + Jpeg{}.tables}.file(), "arithmetic coding");
}

TEST(Jpeg, I18RestartsMustComeWhereTheyAreDue) {
  const auto with = [](const std::string& data,
                       const std::string& interval = segment(0xdd, u16(1))) {
    return Jpeg{.tables = Jpeg{}.tables + interval, .frame = sof(0xc0, 16, 8, {{}}), .data = data}
        .file();
  };
  EXPECT_NO_THROW(decode(with("\x3f\xff\xd0\x3f")));
  expect_refused(with("\x3f\xff\xd1\x3f"), "no restart marker RST0");
  expect_refused(with("\x0f"), "no restart marker RST0");
  expect_refused(with("\x3f\x3f\xff\xd0\x3f"), "more data than the picture's blocks need");
  expect_refused(with("\x3f\xff\xd0\x3f\xff\xd1"), "found marker FF D1");
  expect_refused(with("\x0f\xff\xd0", ""), "found marker FF D0");
  expect_refused(with("\x0f", segment(0xdd, "abc")), "DRI has 5 bytes, expected 4");
}

TEST(Jpeg, I18CmykIsNamed) {
  expect_refused(Jpeg{.frame = sof(0xc0, 8, 8, {{1}, {2}, {3}, {4}})}.file(), "CMYK or YCCK");
}

TEST(Jpeg, I18AHugeClaimInFewBytesIsRefused) {
  expect_refused(Jpeg{.frame = sof(0xc0, 65535, 65535, {{}})}.file(), "at most 16384 a side");
  expect_refused(Jpeg{.frame = sof(0xc0, 16384, 4096, {{}}), .data = "\0"s}.file(),
                 "the end of a scan's data");
  expect_refused(Jpeg{.frame = sof(0xc0, 8, 0, {{}})}.file(), "its height after the data");
  expect_refused(Jpeg{.frame = sof(0xc0, 0, 8, {{}})}.file(), "expected at least 1 x 1");
}

TEST(Jpeg, I18DamagedExifIsPassedOver) {
  const auto with = [](const std::string& exif) {
    return decode(Jpeg{.tables = segment(0xe1, "Exif\0\0"s + exif) + Jpeg{}.tables,
                       .frame = sof(0xc0, 8, 3, {{}})}
                      .file())
        .width;
  };
  const std::string entry = u16(0x0112) + u16(3) + u32(1) + u16(6) + u16(0);
  const std::string good = "MM"s + u16(42) + u32(8) + u16(1) + entry;
  EXPECT_EQ(with(good), 3);  // turned
  for (std::size_t size = 0; size < good.size() - 3; ++size)
    EXPECT_EQ(with(good.substr(0, size)), 8);
  EXPECT_EQ(with("II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"s), 3);
  EXPECT_EQ(with("MM"s + u16(42) + u32(0xfffffff0) + u16(1) + entry), 8);
  EXPECT_EQ(with("MM"s + u16(42) + u32(8) + u16(65535) + u16(0x0112) + u16(3) + u32(1) + u16(9)),
            8);
}

// Progressive pictures of one block: the code 0 stands for 0, a DC without change or a band's end.
const std::string progressive_dc = sos({1}, 0, 0) + "\x7f";

Jpeg progressive(const std::string& scans) {
  return {.frame = sof(0xc2, 8, 8, {{}}), .scan = scans, .data = ""};
}

TEST(Jpeg, I19ProgressiveScansKeepTheirOrder) {
  EXPECT_NO_THROW(decode(progressive(progressive_dc + sos({1}, 1, 63) + "\x7f").file()));
  expect_refused(progressive(sos({1}, 1, 63) + "\x7f" + progressive_dc).file(), "out of order");
  expect_refused(progressive(progressive_dc + progressive_dc).file(), "out of order");
  expect_refused(progressive(progressive_dc + sos({1}, 1, 63, 0x10) + "\x7f").file(),
                 "out of order");
  expect_refused(
      progressive(progressive_dc + sos({1}, 1, 63, 0x02) + "\x7f" + sos({1}, 1, 63, 0x20) + "\x7f")
          .file(),
      "out of order");
  expect_refused(progressive(sos({1}, 0, 63) + "\x7f").file(),
                 "expected 0 alone or some of 1 to 63");
  expect_refused(progressive(progressive_dc + sos({1}, 9, 5) + "\x7f").file(),
                 "coefficients 9 to 5");
  expect_refused(progressive(progressive_dc + sos({1}, 1, 64) + "\x7f").file(),
                 "coefficients 1 to 64");
  expect_refused(progressive(sos({1}, 0, 0, 0x0e) + "\x7f").file(), "expected at most 13");
}

TEST(Jpeg, I19BandsOfSeveralComponentsAreRefused) {
  const Jpeg file{.frame = sof(0xc2, 8, 8, {{1}, {2}, {3}}),
                  .scan = sos({1, 2, 3}, 0, 0) + "\x1f" + sos({1, 2, 3}, 1, 5),
                  .data = "\x1f"};
  expect_refused(file.file(), "has 3 components, expected 1");
}

TEST(Jpeg, I19MoreThanAHundredScansAreRefused) {
  std::string scans = progressive_dc;
  for (unsigned k = 1; k <= 63; ++k) scans += sos({1}, k, k, 0x01) + "\x7f";
  EXPECT_NO_THROW(decode(progressive(scans).file()));
  for (unsigned k = 1; k <= 63; ++k) scans += sos({1}, k, k, 0x10) + "\x7f";
  expect_refused(progressive(scans).file(), "more than 100 scans");
}

TEST(Jpeg, CoefficientsBeyondTheBlockAreRefused) {
  // AC: 0 is a run of 15 zeros and a coefficient of one bit, so the fifth one is beyond 63.
  const std::string tables = dqt() + dht(0x00) + segment(0xc4, huffman(0x10, "\1", "\xf1"));
  expect_refused(Jpeg{.tables = tables, .data = std::string(4, '\0')}.file(), "coefficient 64");
}

TEST(Jpeg, CoefficientsKeepToFifteenBits) {
  // AC: 0 is a coefficient of 3 bits; shifted by 12 or 13 in a first progressive scan.
  const auto with = [](unsigned low_bit) {
    Jpeg file = progressive(progressive_dc + sos({1}, 1, 1, low_bit));
    file.tables = dqt() + dht(0x00) + segment(0xc4, huffman(0x10, "\1", "\3"));
    file.data = "\x7f";
    return file.file();
  };
  EXPECT_NO_THROW(decode(with(12)));
  expect_refused(with(13), "a coefficient of 16 bits");
}

TEST(Jpeg, ScansNameComponentsOfTheFrame) {
  expect_refused(Jpeg{.scan = sos({2})}.file(), "names component 2");
  expect_refused(Jpeg{.scan = sos({1, 1})}.file(), "a scan has 2 components");
  expect_refused(Jpeg{.scan = sos({})}.file(), "a scan has 0 components");
  expect_refused(Jpeg{.scan = segment(0xda, "\1\1")}.file(), "SOS has 2 bytes, expected 6");
  const std::string frame = sof(0xc0, 8, 8, {{1}, {2}, {3}});
  expect_refused(Jpeg{.frame = frame, .scan = sos({1, 1, 2})}.file(), "not in the frame's order");
  expect_refused(Jpeg{.frame = frame, .scan = sos({1, 2}), .data = "\x0f"}.file(),
                 "before the data of component 3");
}

TEST(Jpeg, SegmentsMustFollowEachOther) {
  expect_refused(soi + dqt() + "x" + Jpeg{}.file().substr(2), "found byte 78, expected a marker");
  expect_refused(soi + u8(0xff) + u8(0xdb) + u16(1) + "x", "length is 1");
  expect_refused(soi + u8(0xff) + u8(0x01) + u16(2) + "x", "found marker FF 01");
}

}  // namespace
