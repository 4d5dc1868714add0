#include "zip_writer.h"

#include <zlib.h>

namespace test {
namespace {

std::string compressed(std::string_view data, int window_bits, int flush = Z_FINISH) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string deflated(std::string_view data) { return compressed(data, -MAX_WBITS); }
std::string deflated_in_part(std::string_view data) {
  return compressed(data, -MAX_WBITS, Z_FULL_FLUSH);
}
std::string gzipped(std::string_view data) { return compressed(data, MAX_WBITS + 16); }

Zip make_zip(const std::vector<ZipItem>& items, ZipStyle style) {
  Zip zip;
  std::string& out = zip.bytes;
  std::string directory;
  std::vector<std::size_t> central;
  for (const ZipItem& item : items) {
    const std::string stored = item.deflate ? deflated(item.data) : item.data;
    const auto crc = item.without_crc ? 0
                                      : crc32(0, reinterpret_cast<const Bytef*>(item.data.data()),
                                              static_cast<uInt>(item.data.size()));
    const bool descriptor = style == ZipStyle::torch && !item.data.empty();
    const std::string common = u16(descriptor ? 0x808 : 0x800) + u16(item.deflate ? 8 : 0) + u32(0);
    const std::string sizes = u32(crc) + u32(stored.size()) + u32(item.data.size());
    const std::string padding =
        style == ZipStyle::torch ? u16(0x4246) + u16(5) + "ZZZZZ" : std::string();
    zip.local.push_back(out.size());
    directory += u32(0x02014B50) + u16(0) + u16(0) + common + sizes + u16(item.name.size());
    central.push_back(directory.size() - 30);
    directory += u16(0) + u16(0) + u16(0) + u16(0) + u32(0) + u32(out.size()) + item.name;
    out += u32(0x04034B50) + u16(0) + common + (descriptor ? u32(0) + u32(0) + u32(0) : sizes);
    out += u16(item.name.size()) + u16(padding.size()) + item.name + padding;
    zip.data.push_back(out.size());
    out += stored;
    if (descriptor) out += u32(0x08074B50) + sizes;
  }
  const std::size_t directory_at = out.size();
  for (const std::size_t offset : central) zip.central.push_back(directory_at + offset);
  out += directory;
  if (style == ZipStyle::torch) {
    zip.zip64_end = out.size();
    out += u32(0x06064B50) + u64(44) + u16(0x031E) + u16(45) + u32(0) + u32(0);
    out += u64(items.size()) + u64(items.size()) + u64(directory.size()) + u64(directory_at);
    zip.locator = out.size();
    out += u32(0x07064B50) + u32(0) + u64(zip.zip64_end) + u32(1);
  }
  zip.end = out.size();
  out += u32(0x06054B50) + u16(0) + u16(0) + u16(items.size()) + u16(items.size());
  out += u32(directory.size()) + u32(directory_at) + u16(0);
  return zip;
}

}  // namespace test
