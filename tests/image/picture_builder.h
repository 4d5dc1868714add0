#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include <nn/error.h>
#include <nn/image/decode.h>

// Builds good and hostile pictures byte by byte. Files are std::string, for they are cut and joined
// a lot.
namespace picture_builder {

inline std::span<const std::byte> bytes_of(const std::string& file) {
  return std::as_bytes(std::span(file.data(), file.size()));
}

inline nn::Image decode(const std::string& file) { return nn::decode_image(bytes_of(file), "p"); }

// Expects a refusal in one line that names the file and contains `part`.
inline void expect_refused(const std::string& file, const std::string& part) {
  try {
    decode(file);
    ADD_FAILURE() << "accepted, expected a refusal with: " << part;
  } catch (const nn::Error& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("p: ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_THAT(message, testing::HasSubstr(part));
  }
}

inline std::string u16(unsigned value) {
  return {static_cast<char>(value >> 8 & 255), static_cast<char>(value & 255)};
}
inline std::string u32(std::uint32_t value) { return u16(value >> 16) + u16(value & 0xffff); }
inline std::string u8(unsigned value) { return std::string(1, static_cast<char>(value)); }

// ---- PNG

inline std::uint32_t crc_of(const std::string& text) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

inline std::string chunk(const std::string& type, const std::string& data) {
  return u32(static_cast<std::uint32_t>(data.size())) + type + data + u32(crc_of(type + data));
}

inline std::string zlib_stream(const std::string& data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(data.data()), static_cast<uLong>(data.size()));
  packed.resize(size);
  return packed;
}

inline const std::string signature("\x89PNG\r\n\x1a\n", 8);

inline std::string ihdr(std::uint32_t width, std::uint32_t height, unsigned depth, unsigned type,
                        unsigned compression = 0, unsigned filter = 0, unsigned interlace = 0) {
  return chunk("IHDR", u32(width) + u32(height) + u8(depth) + u8(type) + u8(compression) +
                           u8(filter) + u8(interlace));
}
inline std::string idat(const std::string& rows) { return chunk("IDAT", zlib_stream(rows)); }
inline std::string iend() { return chunk("IEND", ""); }

// A PNG of the chunks between IHDR and IEND.
inline std::string png(const std::string& header, const std::string& chunks) {
  return signature + header + chunks + iend();
}

// 2 x 2, grey, 8 bits: 10 20 / 30 40.
inline const std::string grey_rows("\0\x0a\x14\0\x1e\x28", 6);
inline std::string grey_png() { return png(ihdr(2, 2, 8, 0), idat(grey_rows)); }

// ---- JPEG

inline std::string segment(unsigned marker, const std::string& data) {
  return u8(0xff) + u8(marker) + u16(static_cast<unsigned>(data.size()) + 2) + data;
}

inline std::string dqt(unsigned which = 0) {
  return segment(0xdb, u8(which) + std::string(which >> 4 == 0 ? 64 : 128, '\1'));
}

// A Huffman table: counts of codes by length from 1, then the values.
inline std::string huffman(unsigned which, std::string counts, const std::string& values) {
  counts.resize(16, '\0');
  return u8(which) + counts + values;
}
// The single code 0 stands for 0: no DC difference, no AC coefficients.
inline std::string dht(unsigned which) {
  return segment(0xc4, huffman(which, "\1", std::string(1, '\0')));
}

struct Component {
  unsigned id = 1;
  unsigned sampling = 0x11;
  unsigned quantization = 0;
};
inline std::string sof(unsigned marker, unsigned width, unsigned height,
                       const std::vector<Component>& components, unsigned bits = 8) {
  std::string data =
      u8(bits) + u16(height) + u16(width) + u8(static_cast<unsigned>(components.size()));
  for (const Component& c : components) data += u8(c.id) + u8(c.sampling) + u8(c.quantization);
  return segment(marker, data);
}

inline std::string sos(const std::vector<unsigned>& ids, unsigned first = 0, unsigned last = 63,
                       unsigned approximation = 0, unsigned tables = 0) {
  std::string data = u8(static_cast<unsigned>(ids.size()));
  for (const unsigned id : ids) data += u8(id) + u8(tables);
  return segment(0xda, data + u8(first) + u8(last) + u8(approximation));
}

inline const std::string soi("\xff\xd8", 2);
inline const std::string eoi("\xff\xd9", 2);

// A JPEG in parts that a test may exchange; grey, 8 x 8, all 128 as it stands.
struct Jpeg {
  std::string tables = dqt() + dht(0x00) + dht(0x10);
  std::string frame = sof(0xc0, 8, 8, {{}});
  std::string scan = sos({1});
  std::string data = "\x3f";  // DC 0, AC 0, then bits of 1
  std::string end = eoi;

  std::string file() const { return soi + tables + frame + scan + data + end; }
};

}  // namespace picture_builder
