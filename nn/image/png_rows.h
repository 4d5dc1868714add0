#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <nn/image/png_walker.h>

namespace nn {

// Follows the inflated bytes of a PNG's IDAT row by row: one filter byte, then the row's bytes; for
// an interlaced picture the rows of seven smaller pictures, one after another.
class PngRows {
 public:
  // `palette_size` counts the entries of PLTE; used by colour type 3 only.
  PngRows(const PngHeader& header, std::size_t palette_size);

  // The number of bytes all rows need and how many of them have come.
  std::uint64_t expected() const { return expected_; }
  std::uint64_t seen() const { return seen_; }

  // Takes the next bytes. False, with `problem` told, at a filter byte above 4 or a pixel beyond
  // the palette.  REQUIRES: no more bytes in all than expected().
  bool accept(std::span<const std::byte> bytes);
  const char* problem() const { return problem_; }

 private:
  struct Pass {
    std::size_t row_pixels;
    std::size_t row_bytes;
    std::size_t rows;
  };
  void start_pass();
  bool finish_row();
  unsigned largest_index() const;

  std::array<Pass, 7> passes_{};
  std::size_t pass_count_ = 0;
  std::uint64_t expected_ = 0;
  std::uint64_t seen_ = 0;
  const char* problem_ = nullptr;

  std::size_t pass_ = 0;
  std::size_t row_ = 0;
  std::size_t at_ = 0;  // bytes of the current row that have come, the filter byte first
  unsigned bits_;
  // For palettes that lack some of the indices: this row and the one before, filters undone.
  std::size_t palette_size_;
  bool indices_checked_;
  unsigned filter_ = 0;
  std::vector<std::uint8_t> current_;
  std::vector<std::uint8_t> previous_;
};

}  // namespace nn
