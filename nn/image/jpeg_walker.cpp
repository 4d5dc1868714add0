#include <algorithm>
#include <array>
#include <string>

#include <nn/image/byte_reader.h>
#include <nn/image/exif.h>
#include <nn/image/jpeg_scan.h>
#include <nn/image/jpeg_walker.h>

namespace nn {
namespace {

constexpr unsigned max_scans = 100;

constexpr unsigned dht = 0xc4, eoi = 0xd9, sos = 0xda, dqt = 0xdb, dri = 0xdd, app1 = 0xe1;

// A frame that this reader does not take, by its marker; null for the others.
const char* refused_frame(unsigned marker) {
  switch (marker) {
    case 0xc3:
      return "lossless JPEG";
    case 0xc5:
    case 0xc6:
    case 0xc7:
    case 0xde:
    case 0xdf:
      return "hierarchical JPEG";
    case 0xc9:
    case 0xca:
    case 0xcb:
    case 0xcc:
      return "JPEG with arithmetic coding";
    case 0xcd:
    case 0xce:
    case 0xcf:
      return "hierarchical JPEG with arithmetic coding";
    case 0xdc:
      return "JPEG with its height after the data (DNL)";
    case 0xf7:
      return "JPEG-LS";
    default:
      return nullptr;
  }
}

std::string hex(unsigned byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {digits[byte >> 4], digits[byte & 15]};
}

class JpegWalker {
 public:
  JpegWalker(std::span<const std::byte> file, std::string_view name) : reader_(file, name) {}

  JpegHeader walk() {
    reader_.skip(2);  // SOI
    for (;;) {
      const unsigned marker = next_marker();
      if (marker == eoi) {
        finish();
        return header_;
      }
      read(marker);
    }
  }

 private:
  unsigned next_marker() {
    start_ = reader_.offset();
    if (reader_.at_end())
      refuse("the file ends without EOI, expected a marker; it was cut short, get it again");
    if (const unsigned first = reader_.u8(); first != 0xff) {
      refuse("found byte ", hex(first),
             ", expected a marker (FF); the file is damaged, get it again");
    }
    unsigned marker = 0xff;
    while (marker == 0xff) marker = reader_.u8();
    return marker;
  }

  void read(unsigned marker) {
    if (const char* what = refused_frame(marker)) {
      refuse("found ", what, ", expected a baseline or progressive JPEG; convert it");
    }
    const bool known = (marker >= 0xc0 && marker <= 0xc2) || marker == dht || marker == sos ||
                       marker == dqt || marker == dri || (marker >= 0xe0 && marker <= 0xef) ||
                       marker == 0xfe;
    if (!known) {
      refuse("found marker FF ", hex(marker),
             ", expected a segment of a JPEG; the file is damaged, "
             "get it again");
    }
    const unsigned length = reader_.u16();
    if (length < 2)
      refuse("a segment's length is ", length,
             ", expected at least 2; the file is damaged, get it again");
    ByteReader segment(reader_.take(length - 2U), reader_.name());
    if (marker == dht) {
      read_huffman(segment);
    } else if (marker == dqt) {
      read_quantization(segment);
    } else if (marker == dri) {
      if (length != 4) refuse_length("DRI", length, 4);
      restart_interval_ = segment.u16();
    } else if (marker == sos) {
      read_scan(segment);
    } else if (marker <= 0xc2) {
      read_frame(segment, marker == 0xc2);
    } else if (marker == app1) {
      read_exif(segment);
    }
  }

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    reader_.refuse_at(start_, parts...);
  }
  [[noreturn]] void refuse_length(const char* segment, std::size_t found,
                                  std::size_t expected) const {
    refuse(segment, " has ", found, " bytes, expected ", expected,
           "; the file is damaged, get it again");
  }

  void read_huffman(ByteReader& segment) {
    while (!segment.at_end()) {
      if (segment.left() < 17) refuse_length("what is left of DHT", segment.left(), 17);
      const unsigned which = segment.u8();
      const unsigned kind = which >> 4;
      const unsigned index = which & 15;
      if (kind > 1 || index > 3) {
        refuse("DHT defines table ", index, " of kind ", kind,
               ", expected 0 to 3 of kind 0 or 1; the file is damaged, get it again");
      }
      std::array<std::uint8_t, 16> counts;
      std::size_t sum = 0;
      for (std::uint8_t& count : counts) sum += count = segment.u8();
      // stb_image takes the 256th code for a mark of its own; pictures of 8 bits need 176.
      if (sum > 255) {
        refuse("DHT lists ", sum,
               " codes, expected at most 255; the file is damaged, get it again");
      }
      if (!JpegHuffman::is_prefix_code(counts)) {
        refuse("DHT lists more codes of a length than exist; the file is damaged, get it again");
      }
      if (segment.left() < sum) refuse_length("what is left of DHT", segment.left(), sum);
      huffman_[kind][index] = JpegHuffman(counts, segment.take(sum));
    }
  }

  void read_quantization(ByteReader& segment) {
    while (!segment.at_end()) {
      const unsigned which = segment.u8();
      const unsigned precision = which >> 4;
      const unsigned index = which & 15;
      if (precision > 1 || index > 3) {
        refuse("DQT defines table ", index, " of precision ", precision,
               ", expected 0 to 3 of precision 0 or 1; the file is damaged, get it again");
      }
      if (quantization_[index]) {
        refuse("DQT defines table ", index, " again, expected once; save the picture again");
      }
      const std::size_t size = precision == 0 ? 64 : 128;
      if (segment.left() < size) refuse_length("what is left of DQT", segment.left(), size);
      segment.skip(size);
      quantization_[index] = true;
    }
  }

  void read_exif(ByteReader& segment) {
    constexpr std::string_view tag("Exif\0\0", 6);
    const auto data = segment.rest();
    const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
    if (text.starts_with(tag) && !exif_seen_) {
      exif_seen_ = true;
      header_.orientation = exif_orientation(data.subspan(tag.size()));
    }
  }

  void read_frame(ByteReader& segment, bool progressive) {
    if (!frame_.components.empty()) {
      refuse("found a second frame header (SOF), expected one; the file is damaged, get it again");
    }
    if (segment.left() < 6) refuse_length("SOF", segment.left(), 6);
    if (const unsigned bits = segment.u8(); bits != 8) {
      refuse("found JPEG of ", bits, " bits a sample, expected 8; convert it");
    }
    frame_.progressive = progressive;
    frame_.height = segment.u16();
    frame_.width = segment.u16();
    const unsigned count = segment.u8();
    if (frame_.height == 0)
      refuse("found JPEG with its height after the data (DNL), expected a height; convert it");
    check_image_size(frame_.width, frame_.height, reader_);
    if (count == 4)
      refuse(
          "found a CMYK or YCCK picture (4 components), expected grey or RGB; convert it to RGB");
    if (count != 1 && count != 3) {
      refuse("found ", count, " components, expected 1 (grey) or 3 (colour); convert it");
    }
    if (segment.left() != 3 * count) refuse_length("SOF", 6 + segment.left(), 6 + 3 * count);
    for (unsigned i = 0; i < count; ++i) read_component(segment);
    lay_out();
  }

  void read_component(ByteReader& segment) {
    JpegComponent component;
    component.id = segment.u8();
    const unsigned sampling = segment.u8();
    component.h = sampling >> 4;
    component.v = sampling & 15;
    component.quantization = segment.u8();
    component.lowest_bit.fill(-1);
    for (const JpegComponent& other : frame_.components) {
      if (other.id == component.id) {
        refuse("found component ", component.id,
               " twice, expected once; the file is damaged, get it again");
      }
    }
    if (component.h < 1 || component.h > 4 || component.v < 1 || component.v > 4) {
      refuse("found sampling factors ", component.h, " x ", component.v,
             ", expected 1 to 4; the file is damaged, get it again");
    }
    if (component.quantization > 3) {
      refuse("found quantization table ", component.quantization,
             ", expected 0 to 3; the file is damaged, get it again");
    }
    frame_.components.push_back(component);
  }

  void lay_out() {
    unsigned h_max = 1;
    unsigned v_max = 1;
    for (const JpegComponent& component : frame_.components) {
      h_max = std::max(h_max, component.h);
      v_max = std::max(v_max, component.v);
    }
    const auto divide_up = [](std::size_t a, std::size_t b) { return (a + b - 1) / b; };
    frame_.mcus_wide = divide_up(frame_.width, 8 * h_max);
    frame_.mcus_high = divide_up(frame_.height, 8 * v_max);
    for (JpegComponent& component : frame_.components) {
      if (h_max % component.h != 0 || v_max % component.v != 0) {
        refuse("found sampling factors ", component.h, " x ", component.v, " beside ", h_max, " x ",
               v_max, ", expected whole ratios; convert it");
      }
      component.blocks_wide =
          divide_up(divide_up(std::size_t{frame_.width} * component.h, h_max), 8);
      component.blocks_high =
          divide_up(divide_up(std::size_t{frame_.height} * component.v, v_max), 8);
      component.padded_wide = frame_.mcus_wide * component.h;
    }
    header_.width = frame_.width;
    header_.height = frame_.height;
    header_.channels = static_cast<int>(frame_.components.size());
    header_.padded_width = frame_.mcus_wide * 8 * h_max;
    header_.padded_height = frame_.mcus_high * 8 * v_max;
  }

  void read_scan(ByteReader& segment) {
    if (frame_.components.empty()) {
      refuse("found a scan (SOS) before a frame header (SOF); the file is damaged, get it again");
    }
    if (++scans_ > max_scans) {
      refuse("found more than ", max_scans, " scans, expected no more; save the picture again");
    }
    const std::size_t length = segment.left();
    const unsigned count = length > 0 ? segment.u8() : 0;
    if (count < 1 || count > frame_.components.size()) {
      refuse("a scan has ", count, " components, expected 1 to ", frame_.components.size(),
             "; the file is damaged, get it again");
    }
    if (length != 4 + 2 * count) refuse_length("SOS", length, 4 + 2 * count);
    struct Choice {
      std::size_t component;
      unsigned tables;
    };
    std::vector<Choice> choices;
    for (unsigned i = 0; i < count; ++i) {
      const std::size_t component = component_with(segment.u8());
      if (!choices.empty() && component <= choices.back().component) {
        refuse(
            "a scan's components are not in the frame's order; the file is damaged, get it again");
      }
      choices.push_back({component, segment.u8()});
    }
    JpegScan scan;
    scan.first = segment.u8();
    scan.last = segment.u8();
    const unsigned approximation = segment.u8();
    scan.low_bit = approximation & 15;
    scan.refining = approximation >> 4 != 0;
    scan.restart_interval = restart_interval_;
    check_spectrum(scan, approximation >> 4);
    if (scan.first > 0 && count != 1) {
      refuse("a progressive scan of AC coefficients has ", count,
             " components, expected 1; the file is damaged, get it again");
    }
    unsigned blocks = 0;
    for (const Choice& choice : choices) {
      JpegComponent& component = frame_.components[choice.component];
      blocks += component.h * component.v;
      if (!quantization_[component.quantization]) {
        refuse("a scan needs quantization table ", component.quantization,
               ", expected a DQT that defines it; the file is damaged, get it again");
      }
      const bool needs_dc = scan.first == 0 && !scan.refining;
      const bool needs_ac = !frame_.progressive || scan.first > 0;
      scan.parts.push_back({choice.component, find_table(0, choice.tables >> 4, needs_dc),
                            find_table(1, choice.tables & 15, needs_ac)});
      if (frame_.progressive) {
        advance(component, scan, approximation >> 4);
      } else if (component.scanned) {
        refuse("component ", component.id,
               " comes in two scans, expected one; the file is damaged, get it again");
      }
      component.scanned = true;
    }
    if (count > 1 && blocks > 10) {
      refuse("an MCU has ", blocks, " blocks, expected at most 10; convert the picture");
    }
    check_jpeg_scan(reader_, frame_, scan);
  }

  std::size_t component_with(unsigned id) const {
    for (std::size_t i = 0; i < frame_.components.size(); ++i) {
      if (frame_.components[i].id == id) return i;
    }
    refuse("a scan names component ", id,
           ", expected one of the frame; the file is damaged, get it again");
  }

  const JpegHuffman* find_table(unsigned kind, unsigned index, bool needed) const {
    if (index > 3) {
      refuse("a scan names Huffman table ", index,
             ", expected 0 to 3; the file is damaged, get it again");
    }
    if (!needed) return nullptr;
    if (!huffman_[kind][index].defined()) {
      refuse("a scan needs ", kind == 0 ? "DC" : "AC", " Huffman table ", index,
             ", expected a DHT that defines it; the file is damaged, get it again");
    }
    return &huffman_[kind][index];
  }

  void check_spectrum(JpegScan& scan, unsigned high_bit) const {
    const bool dc_only = scan.first == 0 && scan.last == 0;
    const bool ac_only = scan.first > 0 && scan.first <= scan.last && scan.last <= 63;
    if (!frame_.progressive) {
      // Some writers leave the last coefficient 0; it is always 63.
      if (scan.first != 0 || (scan.last != 63 && scan.last != 0) || high_bit != 0 ||
          scan.low_bit != 0) {
        refuse("a sequential scan has coefficients ", scan.first, " to ", scan.last,
               ", expected 0 to 63 in one go; the file is damaged, get it again");
      }
      scan.last = 63;
    } else if (!dc_only && !ac_only) {
      refuse("a progressive scan has coefficients ", scan.first, " to ", scan.last,
             ", expected 0 alone or some of 1 to 63; the file is damaged, get it again");
    } else if (scan.low_bit > 13 || high_bit > 13) {
      refuse("a progressive scan has bits ", high_bit, " and ", scan.low_bit,
             ", expected at most 13; the file is damaged, get it again");
    }
  }

  // Progression's order (T.81, G.1.1.1): DC first, then each coefficient's highest bits, then one
  // bit after another. It bounds the work that 100 scans can ask for.
  void advance(JpegComponent& component, const JpegScan& scan, unsigned high_bit) const {
    const bool in_order = scan.first == 0 || component.lowest_bit[0] >= 0;
    for (unsigned k = scan.first; k <= scan.last; ++k) {
      int& lowest = component.lowest_bit[k];
      const bool follows =
          scan.refining ? lowest == static_cast<int>(high_bit) && scan.low_bit + 1 == high_bit
                        : lowest == -1;
      if (!in_order || !follows) {
        refuse("a progressive scan brings coefficient ", k, " of component ", component.id,
               " out of order; save the picture again");
      }
      lowest = static_cast<int>(scan.low_bit);
    }
    if (scan.first > 0) {
      // A scan of one component only.
      component.nonzero.resize(component.padded_wide * component.blocks_high);
    }
  }

  void finish() const {
    if (frame_.components.empty()) {
      refuse("found the end (EOI) before a frame (SOF); the file is damaged, get it again");
    }
    for (const JpegComponent& component : frame_.components) {
      if (!component.scanned || (frame_.progressive && component.lowest_bit[0] < 0)) {
        refuse("found the end (EOI) before the data of component ", component.id,
               "; the file is damaged, get it again");
      }
    }
  }

  ByteReader reader_;
  std::size_t start_ = 0;  // of the current marker
  JpegHeader header_;
  JpegFrame frame_;
  std::array<std::array<JpegHuffman, 4>, 2> huffman_{};  // [DC or AC][index]
  std::array<bool, 4> quantization_{};
  unsigned restart_interval_ = 0;
  unsigned scans_ = 0;
  bool exif_seen_ = false;
};

}  // namespace

JpegHeader walk_jpeg(std::span<const std::byte> file, std::string_view name) {
  return JpegWalker(file, name).walk();
}

}  // namespace nn
