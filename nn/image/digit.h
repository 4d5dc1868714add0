#pragma once

#include <nn/image/image.h>
#include <nn/tensor.h>

namespace nn {

// A picture of one digit as MNIST has them: white ink on black, the digit's longer side 20 pixels,
// its centre of mass at pixel (14, 14) of 28 x 28 (http://yann.lecun.com/exdb/mnist).
struct Digit {
  bool blank = false;      // nothing is drawn; `pixels` are all 0
  bool untouched = false;  // the picture already was such a digit
  Tensor pixels;           // uint8 [28, 28]
};

// From any picture of a digit - dark on light or light on dark, drawn or photographed, anywhere in
// the picture and of any size - to what nets trained on MNIST know:
//
//  1. grey, transparency laid on a ground that shows the ink (grey.h);
//  2. ink found: uneven ground taken off, polarity, contrast, specks (ink.h);
//  3. the ink's box scaled by one factor so that its longer side is 20, smaller by mean, larger by
//     linear interpolation (resample.h);
//  4. the brightest pixel made 255, so that thin strokes that were averaged away stay visible;
//  5. moved by whole pixels so that the centre of mass comes to (14, 14), as far as the field goes.
//
// A 28 x 28 picture that has MNIST's geometry already, on pure black or pure white, passes
// unchanged (inverted when on white): ink within 20 x 20 and 19 or 20 long, its centre of mass
// within half a pixel of (14, 14). All 70 000 pictures of MNIST do.
//
// Throws Error when the picture's size and its pixels do not agree.
Digit prepare_digit(const Image& image);

// What torchvision's ToTensor and Normalize make of uint8 pixels [H, W] or [N, H, W]: float32
// [1 or N, 1, H, W] of (v / 255 - mean) / std, each step rounded to float32. The defaults are those
// of PyTorch's MNIST example. Throws Error on another dtype or rank.
Tensor normalize(ConstTensorView pixels, float mean = 0.1307F, float std = 0.3081F);

}  // namespace nn
