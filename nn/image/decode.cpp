#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <nn/error.h>
#include <nn/image/decode.h>
#include <nn/image/format.h>
#include <nn/image/jpeg_walker.h>
#include <nn/image/png_walker.h>
#include <nn/image/stb.h>

namespace nn {
namespace {

// What the checks in front of the decoder found.
struct Expected {
  std::uint32_t width;
  std::uint32_t height;
  int channels;
  int orientation;
  std::uint64_t budget;
};

Expected check_png(std::span<const std::byte> file, std::string_view name) {
  const PngHeader header = walk_png(file, name);
  const std::uint64_t sample_bytes = header.bit_depth == 16 ? 2 : 1;
  const std::uint64_t samples =
      std::uint64_t{header.width} * header.height * static_cast<std::uint64_t>(header.channels());
  return {header.width, header.height, header.channels(), header.orientation,
          4 * samples * sample_bytes};
}

Expected check_jpeg(std::span<const std::byte> file, std::string_view name) {
  const JpegHeader header = walk_jpeg(file, name);
  const std::uint64_t samples =
      header.padded_width * header.padded_height * static_cast<std::uint64_t>(header.channels);
  return {header.width, header.height, header.channels, header.orientation, 4 * samples};
}

void check_file_size(std::uint64_t size, std::string_view name) {
  if (size > max_image_file_bytes) {
    fail(printable(name), ": the file has ", size, " bytes, expected at most ",
         max_image_file_bytes, " for a picture; make it smaller");
  }
}

class File {
 public:
  File(const std::filesystem::path& path, int flags) : descriptor_(::open(path.c_str(), flags)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

Image decode_image(std::span<const std::byte> file, std::string_view name) {
  constexpr std::uint64_t slack = std::uint64_t{1} << 20;
  check_file_size(file.size(), name);
  const Expected expected = picture_format(file, name) == PictureFormat::png
                                ? check_png(file, name)
                                : check_jpeg(file, name);
  std::string problem;
  Image image = decode_with_stb(file, expected.budget + file.size() + slack, problem);
  if (image.pixels.empty()) {
    fail(printable(name), ": stb_image cannot decode it (", problem,
         "), expected a PNG or JPEG it can; open and save the picture again");
  }
  if (image.width != static_cast<int>(expected.width) ||
      image.height != static_cast<int>(expected.height) || image.channels != expected.channels) {
    fail(printable(name), ": stb_image made ", image.width, " x ", image.height, " x ",
         image.channels, " of it, expected ", expected.width, " x ", expected.height, " x ",
         expected.channels, "; open and save the picture again");
  }
  return oriented(std::move(image), expected.orientation);
}

Image read_image(const std::filesystem::path& path) {
  const std::string name = path.string();
  const auto refuse = [&](const auto&... parts) { fail(printable(name), ": ", parts...); };
  // Without O_NONBLOCK, opening a pipe waits for its other end.
  const File file(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat status {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0) {
    refuse("cannot be opened (", std::generic_category().message(errno),
           "), expected a PNG or JPEG file; check the path");
  }
  if (S_ISDIR(status.st_mode)) {
    refuse("found a directory, expected a PNG or JPEG file; name a file in it");
  }
  if (!S_ISREG(status.st_mode)) {
    refuse("found a pipe, device or socket, expected a regular file; save the picture to a file");
  }
  check_file_size(static_cast<std::uint64_t>(status.st_size), name);
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = ::read(file.descriptor(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      refuse("cannot be read (", std::generic_category().message(errno), "); check the disk");
    }
    if (count == 0) break;  // it has shrunk meanwhile; what is there is judged
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return decode_image(bytes, name);
}

}  // namespace nn
