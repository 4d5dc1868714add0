#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <nn/image/byte_reader.h>

namespace nn {

// A Huffman table of JPEG (ITU-T T.81, annex C and F.2.2.3).
class JpegHuffman {
 public:
  JpegHuffman() = default;
  // `counts[i]` codes of i + 1 bits and as many values as the counts' sum.
  // REQUIRES: at most 256 values and counts that `is_prefix_code` accepts.
  JpegHuffman(const std::array<std::uint8_t, 16>& counts, std::span<const std::byte> values);

  // True when codes of these lengths exist side by side.
  static bool is_prefix_code(const std::array<std::uint8_t, 16>& counts);

  bool defined() const { return defined_; }
  struct Code {
    unsigned length = 0;  // 0: no such code
    unsigned value = 0;
  };
  // The code at the front of 16 bits.
  Code find(unsigned bits) const;

 private:
  static constexpr unsigned quick_bits = 8;
  bool defined_ = false;
  std::array<std::uint16_t, 1 << quick_bits> quick_{};  // length << 8 | value
  std::array<std::uint32_t, 17> end_{};    // by length: past the last code, shifted to 16 bits
  std::array<std::int32_t, 17> offset_{};  // by length: index of a value minus its code
  std::array<std::uint8_t, 256> values_{};
};

struct JpegComponent {
  unsigned id = 0;
  unsigned h = 1;  // sampling factors
  unsigned v = 1;
  unsigned quantization = 0;
  std::size_t blocks_wide = 0;  // with samples of the picture: a scan of this component alone
  std::size_t blocks_high = 0;
  std::size_t padded_wide = 0;  // filling whole MCUs
  // Progressive: the lowest bit of each coefficient that came so far, -1 for none, and for each
  // block (rows of padded_wide) the coefficients that are not 0.
  std::array<int, 64> lowest_bit{};
  std::vector<std::uint64_t> nonzero;
  bool scanned = false;
};

struct JpegFrame {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool progressive = false;
  std::size_t mcus_wide = 0;
  std::size_t mcus_high = 0;
  std::vector<JpegComponent> components;
};

// One scan's header (T.81, B.2.3), resolved.
struct JpegScan {
  struct Part {
    std::size_t component;
    const JpegHuffman* dc;  // null when the scan needs none
    const JpegHuffman* ac;
  };
  std::vector<Part> parts;
  unsigned first = 0;  // coefficients first..last in zigzag order
  unsigned last = 63;
  bool refining = false;
  unsigned low_bit = 0;
  std::uint32_t restart_interval = 0;
};

// Follows the entropy-coded data of one scan as a decoder will, without making pixels: every code
// exists, every block is complete and keeps to its 64 coefficients, restart markers come in order
// where they are due, DC values stay in 16 bits, and nothing is left before the marker that ends
// the scan, where `reader` then stands. Throws Error with the offset.
void check_jpeg_scan(ByteReader& reader, JpegFrame& frame, const JpegScan& scan);

}  // namespace nn
