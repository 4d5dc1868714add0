#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include <nn/error.h>
#include <nn/image/format.h>

namespace nn {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view what;
};

constexpr auto convert = "convert it to PNG or JPEG"sv;

constexpr std::array others = {
    Signature{0, "GIF8"sv, "a GIF picture"sv},
    Signature{0, "BM"sv, "a BMP picture"sv},
    Signature{8, "WEBP"sv, "a WebP picture"sv},
    Signature{0, "II*\0"sv, "a TIFF picture"sv},
    Signature{0, "MM\0*"sv, "a TIFF picture"sv},
    Signature{0, "%PDF"sv, "a PDF document"sv},
    Signature{4, "ftypavif"sv, "an AVIF picture"sv},
    Signature{4, "ftyphei"sv, "a HEIC picture"sv},
    Signature{4, "ftyphev"sv, "a HEIC picture"sv},
    Signature{4, "ftypmif1"sv, "a HEIC picture"sv},
    Signature{4, "ftypmsf1"sv, "a HEIC picture"sv},
    Signature{0, "\xff\x0a"sv, "a JPEG XL picture"sv},
    Signature{0, "\0\0\0\x0cJXL "sv, "a JPEG XL picture"sv},
    Signature{0, "\0\0\0\x0cjP  "sv, "a JPEG 2000 picture"sv},
    Signature{0, "\0\0\x01\0"sv, "an ICO icon"sv},
    Signature{0, "8BPS"sv, "a Photoshop picture"sv},
    Signature{0, "PK\x03\x04"sv, "a ZIP archive"sv},
    Signature{0, "\x1f\x8b"sv, "a gzip file"sv},
    Signature{0, "\0\0\x08\x03"sv, "a file of MNIST pictures"sv},
};

// The start of a text file in lower case, white space and a byte order mark in front left out.
std::string beginning_of_text(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  std::string result(text.substr(0, 512));
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

}  // namespace

PictureFormat picture_format(std::span<const std::byte> file, std::string_view name) {
  const std::string_view start(reinterpret_cast<const char*>(file.data()),
                               std::min<std::size_t>(file.size(), 1024));
  const std::string file_name = printable(name);
  if (start.empty()) {
    fail(file_name, ": the file is empty, expected a PNG or JPEG picture; get it again");
  }
  if (start.starts_with("\x89PNG\r\n\x1a\n"sv)) return PictureFormat::png;
  if (start.starts_with("\xff\xd8\xff"sv)) return PictureFormat::jpeg;
  for (const Signature& other : others) {
    if (start.size() > other.offset && start.substr(other.offset).starts_with(other.bytes)) {
      fail(file_name, ": found ", other.what, ", expected PNG or JPEG; ", convert);
    }
  }
  if (start.size() > 1 && start[0] == 'P' && start[1] >= '1' && start[1] <= '7') {
    fail(file_name, ": found a PNM picture, expected PNG or JPEG; ", convert);
  }
  if (start.starts_with("\x89PNG"sv)) {
    fail(file_name,
         ": found a damaged PNG signature, expected 89 50 4E 47 0D 0A 1A 0A; get the "
         "file again, it was cut short or changed in a transfer as text");
  }
  if (start.starts_with("\xff\xd8"sv)) {
    fail(file_name, ": the JPEG ends after its first marker or is damaged there; get it again");
  }
  const std::string text = beginning_of_text(start);
  if (text.starts_with("version https://git-lfs")) {
    fail(file_name,
         ": found a git-LFS pointer, expected PNG or JPEG; fetch the picture with 'git "
         "lfs pull'");
  }
  if (text.starts_with("<svg") ||
      (text.starts_with("<?xml") && text.find("<svg") != std::string_view::npos)) {
    fail(file_name, ": found an SVG drawing, expected PNG or JPEG; ", convert);
  }
  if (text.starts_with("<!doctype html") || text.starts_with("<html")) {
    fail(file_name, ": found a web page (HTML), expected PNG or JPEG; download the picture itself");
  }
  fail(file_name, ": found neither a PNG nor a JPEG signature at its start; ", convert);
}

}  // namespace nn
