#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>

#include <nn/image/byte_reader.h>
#include <nn/image/exif.h>
#include <nn/image/png_rows.h>
#include <nn/image/png_walker.h>
#include <nn/io/crc32.h>
#include <nn/io/zlib.h>

namespace nn {
namespace {

struct Chunk {
  std::size_t offset;  // of the length
  std::string type;
  std::span<const std::byte> data;
};

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

class PngWalker {
 public:
  PngWalker(std::span<const std::byte> file, std::string_view name) : reader_(file, name) {}

  PngHeader walk() {
    reader_.skip(8);  // the signature
    read_header(next_chunk());
    for (;;) {
      const Chunk chunk = next_chunk();
      if (chunk.type == "IEND") {
        finish(chunk);
        return header_;
      }
      read(chunk);
    }
  }

 private:
  Chunk next_chunk() {
    const std::size_t offset = reader_.offset();
    const std::uint32_t length = reader_.u32();
    if (length > 0x7fffffff) {
      reader_.refuse_at(offset, "a chunk claims ", length,
                        " bytes, expected at most 2147483647; the file is damaged, get it again");
    }
    const auto covered =
        reader_.rest().first(std::min<std::size_t>(reader_.left(), 4 + std::size_t{length}));
    const auto type_bytes = reader_.take(4);
    const std::string type(reinterpret_cast<const char*>(type_bytes.data()), 4);
    if (!std::all_of(type.begin(), type.end(), is_letter)) {
      reader_.refuse_at(offset + 4, "found a chunk named '", printable(type),
                        "', expected four letters; the file is damaged, get it again");
    }
    const auto data = reader_.take(length);
    const std::uint32_t stored = reader_.u32();
    if (const std::uint32_t computed = io::crc32(covered); computed != stored) {
      refuse(Chunk{offset, type, data}, "the CRC-32 is ", stored, ", expected ", computed,
             "; the file is damaged, get it again");
    }
    return {offset, type, data};
  }

  template <class... Parts>
  [[noreturn]] void refuse(const Chunk& chunk, const Parts&... parts) const {
    reader_.refuse_at(chunk.offset, "chunk ", chunk.type, ": ", parts...);
  }

  void read_header(const Chunk& chunk) {
    if (chunk.type == "CgBI") {
      refuse(chunk,
             "found a PNG in Apple's CgBI variant, expected a standard PNG; convert it with "
             "'pngcrush -revert-iphone-optimizations' or open and save it");
    }
    if (chunk.type != "IHDR")
      refuse(chunk, "expected IHDR first; the file is damaged, get it again");
    if (chunk.data.size() != 13) {
      refuse(chunk, "found ", chunk.data.size(), " bytes, expected 13; save the picture again");
    }
    ByteReader fields(chunk.data, reader_.name());
    header_.width = fields.u32();
    header_.height = fields.u32();
    header_.bit_depth = fields.u8();
    header_.colour_type = fields.u8();
    const unsigned compression = fields.u8();
    const unsigned filter = fields.u8();
    const unsigned interlace = fields.u8();
    check_image_size(header_.width, header_.height, reader_);
    const unsigned depth = header_.bit_depth;
    const bool low = depth == 1 || depth == 2 || depth == 4;
    const bool usual = depth == 8 || depth == 16;
    const unsigned type = header_.colour_type;
    const bool exists = (type == 0 && (low || usual)) || (type == 3 && (low || depth == 8)) ||
                        ((type == 2 || type == 4 || type == 6) && usual);
    if (!exists) {
      refuse(chunk, "found bit depth ", depth, " with colour type ", type,
             ", expected a pair that PNG has; save the picture again");
    }
    if (compression != 0 || filter != 0 || interlace > 1) {
      refuse(chunk, "found compression ", compression, ", filter ", filter, ", interlace ",
             interlace, ", expected 0, 0 and 0 or 1; save the picture again");
    }
    header_.interlaced = interlace == 1;
  }

  void read(const Chunk& chunk) {
    const bool is_data = chunk.type == "IDAT";
    if (rows_ && !is_data) data_ended_ = true;
    if (is_data) {
      read_data(chunk);
    } else if (chunk.type == "IHDR") {
      refuse(chunk, "found a second one, expected one; the file is damaged, get it again");
    } else if (chunk.type == "PLTE") {
      read_palette(chunk);
    } else if (chunk.type == "tRNS") {
      read_transparency(chunk);
    } else if (chunk.type == "eXIf") {
      header_.orientation = exif_orientation(chunk.data);
    } else if (std::isupper(static_cast<unsigned char>(chunk.type[0])) != 0) {
      refuse(chunk,
             "found a critical chunk that is not of the PNG standard, expected IHDR, PLTE, "
             "IDAT or IEND; open and save the picture again");
    }
  }

  void read_palette(const Chunk& chunk) {
    if (palette_size_ != 0) {
      refuse(chunk, "found a second one, expected one; save the picture again");
    }
    if (rows_) refuse(chunk, "found after IDAT, expected before; save the picture again");
    if (header_.transparent)
      refuse(chunk, "found after tRNS, expected before; save the picture again");
    if (header_.colour_type == 0 || header_.colour_type == 4) {
      refuse(chunk, "found in a grey picture, expected none; save the picture again");
    }
    const std::size_t size = chunk.data.size();
    const std::size_t most = header_.colour_type == 3 ? std::size_t{1} << header_.bit_depth : 256;
    if (size == 0 || size % 3 != 0 || size / 3 > most) {
      refuse(chunk, "found ", size, " bytes, expected 3 for each of 1 to ", most,
             " colours; save the picture again");
    }
    palette_size_ = size / 3;
  }

  void read_transparency(const Chunk& chunk) {
    if (header_.transparent)
      refuse(chunk, "found a second one, expected one; save the picture again");
    if (rows_) refuse(chunk, "found after IDAT, expected before; save the picture again");
    const std::size_t size = chunk.data.size();
    switch (header_.colour_type) {
      case 0:
      case 2: {
        const std::size_t wanted = header_.colour_type == 0 ? 2 : 6;
        if (size != wanted) {
          refuse(chunk, "found ", size, " bytes, expected ", wanted, "; save the picture again");
        }
        ByteReader samples(chunk.data, reader_.name());
        while (!samples.at_end()) {
          if (const unsigned sample = samples.u16(); sample >> header_.bit_depth != 0) {
            refuse(chunk, "found the sample ", sample, ", expected one of ", header_.bit_depth,
                   " bits; save the picture again");
          }
        }
        break;
      }
      case 3:
        if (size == 0 || size > palette_size_) {
          refuse(chunk, "found ", size, " bytes, expected 1 to ", palette_size_,
                 ", one for each colour of the palette before it; save the picture again");
        }
        break;
      default:
        refuse(chunk,
               "found in a picture with an alpha channel, expected none; save the picture "
               "again");
    }
    header_.transparent = true;
  }

  void read_data(const Chunk& chunk) {
    if (data_ended_) {
      refuse(chunk,
             "found after another chunk, expected all IDAT together; save the picture again");
    }
    if (!rows_) {
      if (header_.colour_type == 3 && palette_size_ == 0) {
        refuse(chunk, "found no palette (PLTE) before it, expected one; save the picture again");
      }
      // Legal, but never written on purpose: stb_image copies it to a null pointer.
      if (chunk.data.empty()) {
        refuse(chunk, "the first one is empty, expected data; save the picture again");
      }
      rows_.emplace(header_, palette_size_);
    }
    auto input = chunk.data;
    bool more = true;
    while (more) {
      if (inflater_.finished() && !input.empty()) {
        refuse(chunk, "found ", input.size(),
               " bytes after the compressed rows, expected none; save the picture again");
      }
      // Room for one byte too many shows a bomb without inflating it.
      std::array<std::byte, 16384> window;
      const std::uint64_t left = rows_->expected() - rows_->seen();
      const auto output = std::span(window).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(left + 1, window.size())));
      const std::size_t count = inflater_.inflate(input, output);
      if (inflater_.problem() != nullptr) {
        refuse(chunk, "the compressed rows do not inflate (", inflater_.problem(),
               "), expected a zlib stream; the file is damaged, get it again");
      }
      if (count > left) {
        refuse(chunk, "the rows inflate to more than ", rows_->expected(),
               " bytes, expected that many for the picture's size; save the picture again");
      }
      if (!rows_->accept(output.first(count))) {
        refuse(chunk, "found that ", rows_->problem(), "; the file is damaged, get it again");
      }
      more = !input.empty() || count == output.size();
    }
  }

  void finish(const Chunk& chunk) {
    if (!chunk.data.empty()) {
      refuse(chunk, "found ", chunk.data.size(), " bytes, expected none; save the picture again");
    }
    if (!rows_)
      refuse(chunk, "found no IDAT before it, expected the picture's rows; get the file again");
    if (rows_->seen() != rows_->expected() || !inflater_.finished()) {
      refuse(chunk, "the rows inflate to ", rows_->seen(), " bytes ",
             inflater_.finished() ? "in all" : "and their stream does not end", ", expected ",
             rows_->expected(), " and its end; the file is damaged, get it again");
    }
    if (!reader_.at_end()) {
      reader_.refuse_at(reader_.offset(), "found ", reader_.left(),
                        " bytes after the picture's end (IEND), expected none; open and save the "
                        "picture again");
    }
  }

  ByteReader reader_;
  PngHeader header_;
  std::size_t palette_size_ = 0;
  std::optional<PngRows> rows_;  // from the first IDAT on
  bool data_ended_ = false;
  io::InflateStream inflater_{io::InflateStream::Kind::zlib};
};

}  // namespace

unsigned PngHeader::bits_per_pixel() const {
  constexpr std::array<unsigned, 7> samples = {1, 0, 3, 1, 2, 0, 4};  // by colour type
  return samples[colour_type] * bit_depth;
}

int PngHeader::channels() const {
  constexpr std::array<int, 7> channels = {1, 0, 3, 3, 2, 0, 4};
  return channels[colour_type] + (transparent ? 1 : 0);
}

PngHeader walk_png(std::span<const std::byte> file, std::string_view name) {
  return PngWalker(file, name).walk();
}

}  // namespace nn
