#include <algorithm>

#include <nn/io/pickle_stream.h>

namespace nn::io {
namespace {

constexpr std::uint64_t first_window = std::uint64_t{4} << 10;
constexpr std::uint64_t growth = 8;

}  // namespace

// A pickle tells its end only by running into it: it is read from a window, and from a larger one
// where the window was too short. All windows together are little more than the last.
Pickle PickleStream::next(std::string_view what, const PickleLimits& limits) {
  const std::uint64_t rest = source_.size() - offset_;
  return at_place(concat(what, " at byte ", offset_), [&] {
    if (rest == 0) fail("the file ends here");
    for (std::uint64_t window = first_window;; window *= growth) {
      const std::uint64_t length = std::min({window, rest, std::uint64_t{limits.bytes}});
      try {
        std::size_t used = 0;
        Pickle pickle = Pickle::parse(read_bytes(source_, offset_, length), limits, &used);
        offset_ += used;
        return pickle;
      } catch (const Error& error) {
        if (length == rest) throw;
        if (length == limits.bytes) {
          fail(error.what(), "; at most ", limits.bytes, " bytes of a pickle are read");
        }
      }
    }
  });
}

}  // namespace nn::io
