#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <nn/image/image.h>

namespace nn {

// The picture that stb_image makes of a PNG or JPEG file within `budget` bytes of memory; one
// without pixels, and the reason in `problem`, when it refuses.
// REQUIRES: walk_png or walk_jpeg has passed the file.
Image decode_with_stb(std::span<const std::byte> file, std::uint64_t budget, std::string& problem);

}  // namespace nn
