#pragma once

#include <nn/image/image.h>
#include <nn/tensor.h>

namespace nn {

// What a net for photographs takes.
struct PhotoSize {
  int height = 224;
  int width = 224;
  // The picture's shorter side before the middle is cut out; 0: the whole picture is stretched.
  int shorter_side = 0;
};

// A photograph as torchvision's presets for ImageNet prepare it: convert("RGB") (grey repeated,
// alpha dropped), Resize(shorter_side) with antialiased bilinear interpolation as Pillow computes
// it, CenterCrop.  -> uint8 [3, height, width]
//
// Throws Error when the picture's size and its pixels do not agree, or the middle does not lie
// within the resized picture.
Tensor prepare_photo(const Image& image, const PhotoSize& size);

}  // namespace nn
