#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace nn::kernels {

enum class Resampling : std::uint8_t { nearest, nearest_exact, linear, cubic };

// One cell of the input that an output cell is made of, and how much of it.
struct Tap {
  std::int32_t place;
  float weight;
};

// Taps of each output cell: 1, 2 or 4.
constexpr std::int64_t taps_of(Resampling how) {
  return how == Resampling::cubic ? 4 : how == Resampling::linear ? 2 : 1;
}

struct ResampleAxis {
  std::int64_t in = 0, out = 0;
  std::optional<double> scale;  // out / in where the caller has told it
  bool align_corners = false;
};

// All taps of an axis, in float arithmetic as PyTorch's.  REQUIRES: out · taps_of(how) of them,
// `in` from 1 to 2^31 - 1.
void resample_taps(Resampling how, const ResampleAxis& axis, std::span<Tap> taps);

// [planes, H, W] -> [planes, H', W'] with the taps of its rows and of its columns, `count` for each
// output cell.
void resample(std::int64_t count, std::int64_t height, std::int64_t width,
              std::span<const Tap> rows, std::span<const Tap> columns, std::span<const float> x,
              std::span<float> y);

}  // namespace nn::kernels
