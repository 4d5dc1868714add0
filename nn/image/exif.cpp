#include <cstdint>

#include <nn/checked.h>
#include <nn/image/exif.h>

namespace nn {
namespace {

// TIFF 6.0, section 2: either byte order, told by the first two bytes.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes) : bytes_(bytes) {
    little_ = value(0, 1) == 'I' && value(1, 1) == 'I';
    good_ = (little_ || (value(0, 1) == 'M' && value(1, 1) == 'M')) && value(2, 2) == 42;
  }
  bool good() const { return good_; }
  // The unsigned number of `size` bytes at an offset; 0 beyond the end.
  std::uint64_t value(std::uint64_t offset, unsigned size) const {
    if (!fits(offset, size, bytes_.size())) return 0;
    std::uint64_t result = 0;
    for (unsigned i = 0; i < size; ++i) {
      const unsigned at = little_ ? size - 1 - i : i;
      result = result << 8 | std::to_integer<std::uint64_t>(bytes_[offset + at]);
    }
    return result;
  }

 private:
  std::span<const std::byte> bytes_;
  bool little_ = false;
  bool good_ = false;
};

}  // namespace

int exif_orientation(std::span<const std::byte> tiff) {
  constexpr std::uint64_t orientation_tag = 0x0112;
  constexpr std::uint64_t type_short = 3;
  const Tiff file(tiff);
  if (!file.good()) return 1;
  const std::uint64_t directory = file.value(4, 4);
  const std::uint64_t entries = file.value(directory, 2);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t entry = directory + 2 + 12 * i;
    if (file.value(entry, 2) != orientation_tag) continue;
    const std::uint64_t orientation = file.value(entry + 8, 2);
    const bool valid = file.value(entry + 2, 2) == type_short && file.value(entry + 4, 4) == 1 &&
                       orientation >= 1 && orientation <= 8;
    return valid ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

}  // namespace nn
