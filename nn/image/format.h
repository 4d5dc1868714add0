#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace nn {

enum class PictureFormat { png, jpeg };

// PNG or JPEG by the first bytes, whatever the file is called. Throws Error naming what else it is:
// "seven.gif: found a GIF picture, expected PNG or JPEG; convert it to PNG or JPEG".
PictureFormat picture_format(std::span<const std::byte> file, std::string_view name);

}  // namespace nn
