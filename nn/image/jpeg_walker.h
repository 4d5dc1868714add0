#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace nn {

// What a checked JPEG says of itself.
struct JpegHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int channels = 0;     // 1 grey, 3 colour
  int orientation = 1;  // of EXIF
  // The size rounded up to whole MCUs, which is what a decoder holds.
  std::uint64_t padded_width = 0;
  std::uint64_t padded_height = 0;
};

// Reads a JPEG (ITU-T T.81) from its first marker to EOI and checks what a decoder would trust:
// the length of every segment, Huffman tables (at most 255 codes that fit their lengths),
// quantization tables, one frame header with its components and sampling factors, and for each
// scan its header, the tables it needs and every code of its data. Baseline, extended sequential
// and progressive pictures of 8 bits with 1 or 3 components pass; arithmetic coding, lossless,
// hierarchical, 12 bits and 4 components (CMYK, YCCK) are refused by name, as are more than 100
// scans and scans that break progression's order. Bytes after EOI are left unread, for cameras add
// previews and films there. Throws Error with the offset and what to do.
JpegHeader walk_jpeg(std::span<const std::byte> file, std::string_view name);

}  // namespace nn
