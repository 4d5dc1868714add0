#pragma once

#include <cstddef>
#include <span>

namespace nn {

// The orientation 1..8 in a block of EXIF data (a TIFF header and its first directory, as in JPEG's
// APP1 after "Exif\0\0" and in PNG's eXIf). 1 when there is none: EXIF is a remark beside the
// picture, so a damaged one is passed over, never a reason to refuse.
int exif_orientation(std::span<const std::byte> tiff);

}  // namespace nn
