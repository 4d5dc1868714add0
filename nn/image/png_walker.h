#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace nn {

// What a checked PNG says of itself (W3C PNG, third edition, section 11.2.1).
struct PngHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  unsigned bit_depth = 0;    // 1, 2, 4, 8, 16
  unsigned colour_type = 0;  // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  bool interlaced = false;
  bool transparent = false;  // has tRNS
  int orientation = 1;       // of eXIf

  unsigned bits_per_pixel() const;
  // Channels of the decoded picture: a palette is resolved, tRNS becomes an alpha channel.
  int channels() const;
};

// Reads a PNG from its signature to its last byte and checks what a decoder would trust: every
// chunk's length, place and CRC-32, the header's combinations, the palette and tRNS, the zlib
// stream with its Adler-32, that it inflates to exactly the rows of the picture (not one byte more
// is inflated), each row's filter and each index into the palette. Bytes after IEND are refused: a
// file that is two things at once is not a picture. Memory use does not grow with the picture.
// Throws Error with the offset and what to do.
PngHeader walk_png(std::span<const std::byte> file, std::string_view name);

}  // namespace nn
