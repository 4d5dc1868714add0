// The first byte says which kind of stream, the next two how many bytes it is to hold; then the
// stream. zlib, asked once for everything, is the second opinion.
#define ZLIB_CONST
#include <zlib.h>

#include <nn/io/inflater.h>

#include "target.h"

namespace test::fuzz {
namespace {

using Kind = nn::io::Inflater::Kind;

bool zlib_agrees(Bytes compressed, Kind kind, std::vector<std::byte>& out) {
  z_stream stream{};
  const int window = kind == Kind::deflate ? -MAX_WBITS
                     : kind == Kind::gzip  ? MAX_WBITS + 16
                                           : MAX_WBITS;
  require(inflateInit2(&stream, window) == Z_OK, "zlib does not start");
  std::byte extra{};
  stream.next_in = reinterpret_cast<const Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.empty() ? &extra : out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int status = ::inflate(&stream, Z_NO_FLUSH);
  // The end of the stream may stand behind the last byte that was wanted.
  while (status == Z_OK || status == Z_BUF_ERROR) {
    if (stream.avail_out > 0 || stream.avail_in == 0) break;
    stream.next_out = reinterpret_cast<Bytef*>(&extra);
    stream.avail_out = 1;
    status = ::inflate(&stream, Z_NO_FLUSH);
    if (stream.avail_out == 0) break;
    stream.avail_out = 0;
    if (status == Z_OK || status == Z_BUF_ERROR) break;
  }
  const bool good =
      status == Z_STREAM_END && stream.avail_in == 0 && stream.total_out == out.size();
  inflateEnd(&stream);
  return good;
}

}  // namespace

void inflate(Bytes bytes) {
  Input input(bytes);
  const auto kind = static_cast<Kind>(input.u8() % 3);
  const std::size_t size = (input.u8() & 0x0FU) << 8 | input.u8();
  const Bytes compressed = input.rest();
  const auto source = nn::io::memory_source({compressed.begin(), compressed.end()}, "fuzz.deflate");
  std::vector<std::byte> ours(size);
  const bool good = accepts([&] {
    nn::io::Inflater inflater(*source, 0, compressed.size(), kind);
    const std::size_t half = size / 2;
    inflater.read(std::span(ours).first(half));
    inflater.read(std::span(ours).subspan(half));
    inflater.finish();
  });
  std::vector<std::byte> theirs(size);
  require(good == zlib_agrees(compressed, kind, theirs), "zlib judges otherwise");
  if (good) require(ours == theirs, "zlib inflates otherwise");
}

}  // namespace test::fuzz
