#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include <nn/image/image.h>

namespace nn {

// Picture files larger than this are refused unread.
inline constexpr std::size_t max_image_file_bytes = std::size_t{64} << 20;

// Decodes a PNG or a JPEG; which of them is told by the content. `name` stands in messages.
//
//  - The whole file is checked first (png_walker.h, jpeg_walker.h), so a damaged or cut picture is
//    an Error and never half a picture. At most 16384 pixels a side and 67108864 in all; decoding
//    takes at most 4 × width × height × channels + file size + 1 MiB beside the result, twice that
//    for 16-bit samples.
//  - PNG: all kinds. A palette becomes RGB, tRNS an alpha channel, 1, 2 and 4 bits are scaled to
//    0..255, of 16 bits the upper 8 are kept (v >> 8). gAMA, iCCP and the like are not applied.
//  - JPEG: grey and colour, baseline and progressive; no CMYK.
//  - EXIF's orientation is applied, so the picture is as it was seen.
//
// Throws Error: "seven.png: offset 41: chunk IDAT: the CRC-32 is 7, expected 1; …". Threads may
// decode at once.
Image decode_image(std::span<const std::byte> file, std::string_view name);

// Reads and decodes a file. Refuses what is not a regular file (without waiting for a pipe) or
// larger than max_image_file_bytes.
Image read_image(const std::filesystem::path& path);

}  // namespace nn
