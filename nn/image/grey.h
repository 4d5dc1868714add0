#pragma once

#include <cstdint>

#include <nn/image/image.h>
#include <nn/image/plane.h>

namespace nn {

// ITU-R 601 luma in integers, the numbers Pillow's convert("L") gives:
// (19595 R + 38470 G + 7471 B + 32768) >> 16.
constexpr std::uint8_t grey_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  return static_cast<std::uint8_t>((19595U * red + 38470U * green + 7471U * blue + 32768U) >> 16);
}

// The picture in grey, 0..255, each value the mean of a block of pixels so that the longer side is
// at most `longest`.
//
// What is transparent needs a ground. Opaque pixels that differ among themselves and cover half of
// the picture bring their own: the median of their greys. Otherwise they are ink, and their own
// mean grey decides: ink of 128 or lighter is laid on black, darker ink on white.
Plane grey_plane(const Image& image, int longest);

}  // namespace nn
