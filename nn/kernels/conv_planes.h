#pragma once

#include <cstdint>
#include <vector>

#include <nn/kernels/im2col.h>

namespace nn::kernels {

// Some rows of windows of an image (a strip), laid out so that neighbouring windows meet neighbouring
// floats: each input plane with its padding, split into its phases. Phase (a, b) of a plane holds
// the rows a, a + stride_h, … and of these the columns b, b + stride_w, …; only phases that a tap of
// the kernel meets are there. The pixel that tap (i, j) meets in window (oh, ow) is then
//   planes[tap(c, i, j) + oh * pitch + ow],  oh counted within the strip
// for every stride, dilation and padding, and there is no edge.
class ConvPlanes {
 public:
  // Strips of at most `most_rows` rows of windows, of `channels` planes.
  ConvPlanes(const Windows& windows, std::int64_t channels, std::int64_t most_rows);

  static constexpr std::int64_t slack = 16;

  // Floats of one strip.
  std::int64_t size() const { return channels_ * plane_; }
  std::int64_t pitch() const { return pitch_; }
  // Where the taps lie, in the order (c, i, j) of a convolution's weight.
  std::vector<std::int32_t> taps() const;
  // The padding to the left and right, for any number of calls of `fill`.
  void pad(float* planes) const;
  // The strip that begins at the row of windows `first`, out of x [channels, height, width], into
  // planes that are padded. Rows beyond the last one are undefined, and so are up to `slack` floats
  // behind the strip.
  void fill(const float* x, std::int64_t first, std::int64_t rows, float* planes) const;

 private:
  // One axis: the phases that its taps meet, in the order in which they first do.
  struct Axis {
    Axis(std::int64_t kernel, std::int64_t stride, std::int64_t dilation);
    std::vector<std::int64_t> phases;
    std::vector<std::int64_t> phase_of;  // of each tap, as an index into `phases`
    std::vector<std::int64_t> shift_of;  // of each tap: windows further on
    std::int64_t reach = 0;              // the largest shift
  };

  Windows windows_;
  std::int64_t channels_;
  Axis h_, w_;
  std::int64_t rows_, pitch_;  // of a phase
  std::int64_t plane_;         // floats of all phases of a channel
};

}  // namespace nn::kernels
