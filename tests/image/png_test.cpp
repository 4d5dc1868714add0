#include <algorithm>

#include "picture_builder.h"

namespace {

using namespace picture_builder;

TEST(Png, I20AGreyPictureIsDecoded) {
  const nn::Image image = decode(grey_png());
  EXPECT_EQ(image.width, 2);
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.channels, 1);
  EXPECT_THAT(image.pixels, testing::ElementsAre(10, 20, 30, 40));
}

TEST(Png, I20TheSmallestPicturesOfEachDepthAreAccepted) {
  using namespace std::string_literals;
  EXPECT_THAT(decode(png(ihdr(1, 1, 16, 0), idat("\0\xab\xcd"s))).pixels,
              testing::ElementsAre(0xab));
  EXPECT_THAT(decode(png(ihdr(1, 1, 8, 2), idat("\0\1\2\3"s))).pixels,
              testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(decode(png(ihdr(1, 1, 16, 6), idat("\0\1\xff\2\xff\3\xff\4\xff"s))).pixels,
              testing::ElementsAre(1, 2, 3, 4));
}

TEST(Png, I12ATransparentGreyBecomesAlphaAtEachDepth) {
  using namespace std::string_literals;
  // Two pixels of 4 bits: 5 is transparent.
  const auto image = decode(png(ihdr(2, 1, 4, 0), chunk("tRNS", u16(5)) + idat("\0\x5f"s)));
  EXPECT_THAT(image.pixels, testing::ElementsAre(5 * 17, 0, 255, 255));
}

TEST(Png, I3EveryPrefixIsRefused) {
  const std::string file = grey_png();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THROW(decode(file.substr(0, size)), nn::Error) << size;
  }
}

TEST(Png, I4I6EveryFlippedBitIsRefused) {
  const std::string good = grey_png();
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string file = good;
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << bit % 8));
    EXPECT_THROW(decode(file), nn::Error) << bit;
  }
}

TEST(Png, I4AWrongChecksumIsToldWithItsChunk) {
  std::string file = grey_png();
  file.back() = static_cast<char>(file.back() ^ 1);
  expect_refused(file, "chunk IEND: the CRC-32 is ");
}

TEST(Png, I5AWrongAdlerIsRefused) {
  std::string packed = zlib_stream(grey_rows);
  packed.back() = static_cast<char>(packed.back() ^ 1);
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("IDAT", packed)), "incorrect data check");
  packed.pop_back();
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("IDAT", packed)), "their stream does not end");
}

TEST(Png, I7ABombIsNotInflated) {
  // 256 MiB of zeros for a picture that needs two bytes.
  z_stream stream{};
  ASSERT_EQ(deflateInit(&stream, 1), Z_OK);
  std::vector<Bytef> zeros(1 << 20);
  std::vector<Bytef> packed(1 << 21);
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  for (int i = 0; i < 256; ++i) {
    stream.next_in = zeros.data();
    stream.avail_in = static_cast<uInt>(zeros.size());
    deflate(&stream, i == 255 ? Z_FINISH : Z_NO_FLUSH);
  }
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  expect_refused(png(ihdr(1, 1, 8, 0), chunk("IDAT", {packed.begin(), packed.end()})),
                 "the rows inflate to more than 2 bytes");
}

TEST(Png, I7OneByteTooManyIsRefused) {
  expect_refused(png(ihdr(2, 2, 8, 0), idat(grey_rows + "x")), "more than 6 bytes");
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("IDAT", zlib_stream(grey_rows) + "x")),
                 "1 bytes after the compressed rows");
}

TEST(Png, I8TooFewRowsAreRefused) {
  expect_refused(png(ihdr(2, 2, 8, 0), idat(grey_rows.substr(0, 5))),
                 "the rows inflate to 5 bytes in all, expected 6");
  expect_refused(png(ihdr(2, 2, 8, 0), ""), "found no IDAT");
}

TEST(Png, I9SizesThatCannotBeAreRefused) {
  expect_refused(png(ihdr(0, 1, 8, 0), idat("")), "0 x 1 pixels, expected at least 1 x 1");
  expect_refused(png(ihdr(1, 0, 8, 0), idat("")), "1 x 0 pixels, expected at least 1 x 1");
  expect_refused(png(ihdr(2147483647, 1, 8, 0), idat("")), "at most 16384 a side");
  expect_refused(png(ihdr(16384, 16384, 16, 6), idat("")), "67108864 in all");
  expect_refused(png(ihdr(16384, 4096, 16, 6), idat("")), "the rows inflate to 0 bytes");
}

TEST(Png, I10HeadersThatPngDoesNotHaveAreRefused) {
  for (unsigned type = 0; type < 8; ++type) {
    for (unsigned depth = 0; depth <= 32; ++depth) {
      const bool low = depth == 1 || depth == 2 || depth == 4;
      const bool usual = depth == 8 || depth == 16;
      const bool exists = (type == 0 && (low || usual)) || (type == 3 && (low || depth == 8)) ||
                          ((type == 2 || type == 4 || type == 6) && usual);
      if (!exists) {
        expect_refused(png(ihdr(1, 1, depth, type), idat("")), "expected a pair that PNG has");
      }
    }
  }
  expect_refused(png(ihdr(2, 2, 8, 0, 1), idat(grey_rows)), "compression 1");
  expect_refused(png(ihdr(2, 2, 8, 0, 0, 1), idat(grey_rows)), "filter 1");
  expect_refused(png(ihdr(2, 2, 8, 0, 0, 0, 2), idat(grey_rows)), "interlace 2");
  expect_refused(png(chunk("IHDR", "short"), idat(grey_rows)), "found 5 bytes, expected 13");
}

TEST(Png, I10AFilterAboveFourIsRefused) {
  using namespace std::string_literals;
  expect_refused(png(ihdr(2, 2, 8, 0), idat("\0ab\5cd"s)), "a row's filter is above 4");
  // With a palette the walker undoes filters itself.
  expect_refused(png(ihdr(1, 1, 8, 3), chunk("PLTE", "abc") + idat("\xa3\0"s)),
                 "a row's filter is above 4");
}

TEST(Png, I11APaletteIsNeededAndBounds) {
  using namespace std::string_literals;
  const std::string header = ihdr(2, 1, 4, 3);
  const std::string colours = "abcdefghi";  // three
  EXPECT_THAT(decode(png(header, chunk("PLTE", colours) + idat("\0\x02"s))).pixels,
              testing::ElementsAre('a', 'b', 'c', 'g', 'h', 'i'));
  expect_refused(png(header, chunk("PLTE", colours) + idat("\0\x03"s)), "beyond the palette");
  expect_refused(png(header, chunk("PLTE", colours) + idat("\0\x32"s)), "beyond the palette");
  expect_refused(png(header, idat("\0\x02"s)), "found no palette");
  expect_refused(png(header, chunk("PLTE", "") + idat("\0\x02"s)), "found 0 bytes");
  expect_refused(png(header, chunk("PLTE", "abcd") + idat("\0\x02"s)), "found 4 bytes");
  expect_refused(png(header, chunk("PLTE", std::string(51, 'a')) + idat("\0\x02"s)), "1 to 16");
  expect_refused(png(header, chunk("PLTE", "abc") + chunk("PLTE", "abc") + idat("\0\0"s)),
                 "second");
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("PLTE", "abc") + idat(grey_rows)), "grey picture");
}

TEST(Png, I11AnIndexMadeByAFilterIsBoundToo) {
  using namespace std::string_literals;
  const auto rows = [](const char* second, std::size_t size) {
    return "\0\1\2"s + std::string(second, size);
  };
  const std::string before = chunk("PLTE", "abcdefghi");
  // Sub, up, average and Paeth of 1 2 / … : all stay below 3 only with these.
  for (const auto& good : {"\1\1\1"s, "\2\1\0"s, "\3\2\0"s, "\4\1\0"s}) {
    EXPECT_NO_THROW(decode(png(ihdr(2, 2, 8, 3), before + idat(rows(good.data(), 3)))));
  }
  for (const auto& bad : {"\1\1\2"s, "\2\1\1"s, "\3\2\1"s, "\4\1\1"s}) {
    expect_refused(png(ihdr(2, 2, 8, 3), before + idat(rows(bad.data(), 3))), "beyond the palette");
  }
}

TEST(Png, I11ChunksOutOfPlaceAreRefused) {
  const std::string header = ihdr(2, 2, 8, 0);
  const std::string data = idat(grey_rows);
  expect_refused(signature + data + header + iend(), "expected IHDR first");
  expect_refused(png(header, header + data), "found a second one");
  expect_refused(signature + header + data, "the file ends");
  expect_refused(png(header, chunk("ABCD", "") + data), "critical chunk");
  expect_refused(png(header, chunk("a1cd", "") + data), "expected four letters");
  const std::string packed = zlib_stream(grey_rows);
  expect_refused(png(header, chunk("IDAT", packed.substr(0, 4)) + chunk("tEXt", "") +
                                 chunk("IDAT", packed.substr(4))),
                 "expected all IDAT together");
  expect_refused(signature + header + u32(0x80000000) + "IDAT", "at most 2147483647");
  expect_refused(signature + header + data + chunk("IEND", "x"), "found 1 bytes, expected none");
}

TEST(Png, I11DataInManyPiecesIsOneStream) {
  std::string pieces;
  for (const char byte : zlib_stream(grey_rows)) {
    pieces += chunk("IDAT", std::string(1, byte)) + chunk("IDAT", "");
  }
  EXPECT_EQ(decode(png(ihdr(2, 2, 8, 0), pieces)).pixels, decode(grey_png()).pixels);
}

TEST(Png, I11AnEmptyFirstPieceIsRefused) {
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("IDAT", "") + idat(grey_rows)), "first one is empty");
}

TEST(Png, I12TransparencyThatDoesNotFitIsRefused) {
  const std::string data = idat(grey_rows);
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("tRNS", "a") + data), "found 1 bytes, expected 2");
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("tRNS", u16(256)) + data), "found the sample 256");
  expect_refused(png(ihdr(2, 2, 8, 0), data + chunk("tRNS", u16(1))), "found after IDAT");
  expect_refused(png(ihdr(2, 2, 8, 2), chunk("tRNS", u16(1)) + data), "found 2 bytes, expected 6");
  expect_refused(png(ihdr(2, 2, 8, 4), chunk("tRNS", u16(1)) + data), "alpha channel");
  expect_refused(png(ihdr(2, 2, 8, 3), chunk("tRNS", "a") + data), "1 to 0");
  expect_refused(png(ihdr(2, 2, 8, 3), chunk("PLTE", "abc") + chunk("tRNS", "ab") + data),
                 "1 to 1");
  expect_refused(png(ihdr(2, 2, 8, 0), chunk("tRNS", u16(1)) + chunk("tRNS", u16(1)) + data),
                 "second");
}

TEST(Png, I13ApplesVariantIsNamed) {
  expect_refused(signature + chunk("CgBI", "abcd") + ihdr(2, 2, 8, 6), "Apple's CgBI variant");
}

TEST(Png, I14BytesAfterTheEndAreRefused) {
  expect_refused(grey_png() + "PK", "found 2 bytes after the picture's end (IEND)");
}

}  // namespace
