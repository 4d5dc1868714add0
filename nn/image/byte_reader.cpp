#include <nn/image/byte_reader.h>

namespace nn {

void check_image_size(std::uint32_t width, std::uint32_t height, const ByteReader& reader) {
  if (width == 0 || height == 0) {
    reader.refuse_at(reader.offset(), "found a picture of ", width, " x ", height,
                     " pixels, expected at least 1 x 1; save it again");
  }
  if (width > max_image_side || height > max_image_side ||
      std::uint64_t{width} * height > max_image_pixels) {
    reader.refuse_at(reader.offset(), "found a picture of ", width, " x ", height,
                     " pixels, expected at most ", max_image_side, " a side and ", max_image_pixels,
                     " in all; make it smaller");
  }
}

}  // namespace nn
