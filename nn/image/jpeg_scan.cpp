#include <algorithm>

#include <nn/image/jpeg_scan.h>

namespace nn {

JpegHuffman::JpegHuffman(const std::array<std::uint8_t, 16>& counts,
                         std::span<const std::byte> values)
    : defined_(true) {
  std::transform(values.begin(), values.end(), values_.begin(),
                 [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  std::uint32_t code = 0;
  std::int32_t index = 0;
  for (unsigned length = 1; length <= 16; ++length) {
    offset_[length] = index - static_cast<std::int32_t>(code);
    for (unsigned i = 0; i < counts[length - 1]; ++i, ++code, ++index) {
      if (length > quick_bits) continue;
      const std::uint32_t from = code << (quick_bits - length);
      const std::uint32_t count = 1U << (quick_bits - length);
      std::fill_n(
          quick_.begin() + from, count,
          static_cast<std::uint16_t>(length << 8 | values_[static_cast<std::size_t>(index)]));
    }
    end_[length] = code << (16 - length);
    code <<= 1;
  }
}

bool JpegHuffman::is_prefix_code(const std::array<std::uint8_t, 16>& counts) {
  std::uint32_t used = 0;  // of the 2^16 strings of 16 bits
  for (unsigned length = 1; length <= 16; ++length) {
    used += std::uint32_t{counts[length - 1]} << (16 - length);
  }
  return used <= 65536;
}

JpegHuffman::Code JpegHuffman::find(unsigned bits) const {
  if (const unsigned quick = quick_[bits >> (16 - quick_bits)]; quick != 0) {
    return {quick >> 8, quick & 255};
  }
  for (unsigned length = quick_bits + 1; length <= 16; ++length) {
    if (bits < end_[length]) {
      const std::int32_t index = static_cast<std::int32_t>(bits >> (16 - length)) + offset_[length];
      return {length, values_[static_cast<std::size_t>(index)]};
    }
  }
  return {};
}

namespace {

class ScanChecker {
 public:
  ScanChecker(ByteReader& reader, JpegFrame& frame, const JpegScan& scan)
      : reader_(reader), data_(reader.rest()), frame_(frame), scan_(scan) {}

  void check() {
    const bool alone = scan_.parts.size() == 1;
    const JpegComponent& only = frame_.components[scan_.parts[0].component];
    const std::size_t wide = alone ? only.blocks_wide : frame_.mcus_wide;
    const std::size_t high = alone ? only.blocks_high : frame_.mcus_high;
    std::uint32_t to_restart = scan_.restart_interval;
    for (std::size_t y = 0; y < high; ++y) {
      for (std::size_t x = 0; x < wide; ++x) {
        if (scan_.restart_interval != 0 && to_restart-- == 0) {
          restart();
          to_restart = scan_.restart_interval - 1;
        }
        if (alone) {
          check_block(scan_.parts[0], x, y);
        } else {
          check_mcu(x, y);
        }
      }
    }
    end_data("a marker");
    reader_.skip(at_);
  }

 private:
  void check_mcu(std::size_t mcu_x, std::size_t mcu_y) {
    for (const JpegScan::Part& part : scan_.parts) {
      const JpegComponent& component = frame_.components[part.component];
      for (unsigned y = 0; y < component.v; ++y) {
        for (unsigned x = 0; x < component.h; ++x) {
          check_block(part, mcu_x * component.h + x, mcu_y * component.v + y);
        }
      }
    }
  }

  void check_block(const JpegScan::Part& part, std::size_t x, std::size_t y) {
    if (scan_.first == 0) check_dc(part);
    if (!frame_.progressive) {
      check_ac(part, nullptr);
    } else if (scan_.first > 0) {
      JpegComponent& component = frame_.components[part.component];
      std::uint64_t& nonzero = component.nonzero[y * component.padded_wide + x];
      if (scan_.refining) {
        refine_ac(part, nonzero);
      } else {
        check_ac(part, &nonzero);
      }
    }
  }

  void check_dc(const JpegScan::Part& part) {
    if (scan_.refining) {
      take(1);
      return;
    }
    const unsigned size = code(*part.dc);
    if (size > 15) refuse("a DC difference of ", size, " bits, expected at most 15");
    std::int32_t& dc = dc_[part.component];
    dc += size == 0 ? 0 : extend(take(size), size);
    if (dc < -32768 || dc > 32767) refuse("a DC value of ", dc, ", expected 16 bits");
  }

  // The first pass over coefficients first..last of a block; a sequential scan begins at 1.
  void check_ac(const JpegScan::Part& part, std::uint64_t* nonzero) {
    if (end_of_band_run_ > 0) {
      --end_of_band_run_;
      return;
    }
    unsigned k = std::max(scan_.first, 1U);
    while (k <= scan_.last) {
      const unsigned symbol = code(*part.ac);
      const unsigned run = symbol >> 4;
      const unsigned size = symbol & 15;
      if (size == 0 && run < 15) {
        if (!frame_.progressive) {
          if (run != 0) refuse("the AC code ", symbol, ", expected 0 at a block's end");
          return;
        }
        end_of_band_run_ = (1U << run) - 1 + take(run);
        return;
      }
      k += run;
      if (k > scan_.last) refuse("coefficient ", k, ", expected at most ", scan_.last);
      // One that does not fit would be cut, perhaps to 0, and then be refined as another.
      if (size + scan_.low_bit > 15) {
        refuse("a coefficient of ", size + scan_.low_bit, " bits, expected at most 15");
      }
      take(size);
      if (nonzero != nullptr && size != 0) *nonzero |= std::uint64_t{1} << k;
      ++k;
    }
  }

  // A later pass: one more bit of each coefficient that is not 0, and new ones of that size
  // (T.81, G.1.2.3).
  void refine_ac(const JpegScan::Part& part, std::uint64_t& nonzero) {
    unsigned k = scan_.first;
    while (k <= scan_.last && end_of_band_run_ == 0) {
      const unsigned symbol = code(*part.ac);
      unsigned zeros = symbol >> 4;
      const unsigned size = symbol & 15;
      if (size > 1) refuse("a new coefficient of ", size, " bits, expected 1");
      if (size == 0 && zeros < 15) {
        end_of_band_run_ = (1U << zeros) + take(zeros);
        break;
      }
      if (size == 1) take(1);
      while (k <= scan_.last) {
        if ((nonzero >> k & 1) != 0) {
          take(1);
        } else if (zeros-- == 0) {
          break;
        }
        ++k;
      }
      if (size == 1) {
        if (k > scan_.last) refuse("coefficient ", k, ", expected at most ", scan_.last);
        nonzero |= std::uint64_t{1} << k;
      }
      ++k;
    }
    if (end_of_band_run_ > 0) {
      for (; k <= scan_.last; ++k) {
        if ((nonzero >> k & 1) != 0) take(1);
      }
      --end_of_band_run_;
    }
  }

  void restart() {
    const std::size_t marker = end_data("a restart marker");
    const unsigned wanted = 0xd0 + next_restart_;
    if (marker >= data_.size() || std::to_integer<unsigned>(data_[marker]) != wanted) {
      refuse("no restart marker RST", next_restart_, ", expected one after ",
             scan_.restart_interval, " MCUs");
    }
    at_ = marker + 1;
    next_restart_ = (next_restart_ + 1) % 8;
    dc_.fill(0);
    end_of_band_run_ = 0;
  }

  // Passes the padding bits; the data must end here. Returns where the marker's second byte is.
  std::size_t end_data(const char* what) {
    if (end_of_band_run_ > 0) refuse("a run of ", end_of_band_run_, " blocks beyond the last one");
    fill();
    if (count_ >= 8) refuse("more data than the picture's blocks need, expected ", what);
    bits_ = 0;
    count_ = 0;
    std::size_t second = at_;
    while (second < data_.size() && std::to_integer<unsigned>(data_[second]) == 0xff) ++second;
    return second;
  }

  // Takes bytes until 48 bits are there or a marker or the end is reached; FF 00 stands for FF.
  void fill() {
    while (count_ <= 48 && at_ < data_.size()) {
      const auto byte = std::to_integer<std::uint64_t>(data_[at_]);
      std::size_t next = at_ + 1;
      if (byte == 0xff) {
        while (next < data_.size() && std::to_integer<unsigned>(data_[next]) == 0xff) ++next;
        if (next == data_.size() || std::to_integer<unsigned>(data_[next]) != 0) return;
        ++next;
      }
      bits_ = bits_ << 8 | byte;
      count_ += 8;
      at_ = next;
    }
  }

  unsigned take(unsigned count) {
    if (count == 0) return 0;
    if (count_ < count) fill();
    if (count_ < count) refuse_end();
    count_ -= count;
    return static_cast<unsigned>(bits_ >> count_) & ((1U << count) - 1);
  }

  unsigned code(const JpegHuffman& table) {
    if (count_ < 16) fill();
    const std::uint64_t next = count_ >= 16 ? bits_ >> (count_ - 16) : bits_ << (16 - count_);
    const JpegHuffman::Code found = table.find(static_cast<unsigned>(next) & 0xffff);
    if (found.length == 0) refuse("a code that its Huffman table does not have");
    if (found.length > count_) refuse_end();
    count_ -= found.length;
    return found.value;
  }

  // T.81, F.2.2.1: a number of `size` bits that begins with 0 is negative.
  static std::int32_t extend(unsigned value, unsigned size) {
    const auto number = static_cast<std::int32_t>(value);
    return (value >> (size - 1)) != 0 ? number : number - (1 << size) + 1;
  }

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    reader_.refuse_at(reader_.offset() + at_, "found ", parts...,
                      "; the file is damaged, get it again");
  }
  [[noreturn]] void refuse_end() const { refuse("the end of a scan's data, expected more blocks"); }

  ByteReader& reader_;
  std::span<const std::byte> data_;  // from the scan's first byte to the file's end
  JpegFrame& frame_;
  const JpegScan& scan_;
  std::size_t at_ = 0;
  std::uint64_t bits_ = 0;  // the lowest count_ bits are the next ones
  unsigned count_ = 0;
  std::array<std::int32_t, 4> dc_{};
  unsigned end_of_band_run_ = 0;
  unsigned next_restart_ = 0;
};

}  // namespace

void check_jpeg_scan(ByteReader& reader, JpegFrame& frame, const JpegScan& scan) {
  ScanChecker(reader, frame, scan).check();
}

}  // namespace nn
