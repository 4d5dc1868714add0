#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/error.h>

namespace nn::io {

// Bytes that can be read at any position: what every reader of a format works on. Immutable, so
// threads may read from one source at once.
//
// Errors of the readers in nn/io name the place inside the file ("archive/data/0: 8 bytes, …"); the
// public doors (StateDict, read_idx) put the file's name in front, with `at_place`.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;
  // For messages: safe to print.
  virtual const std::string& name() const = 0;
  // Fills `out` from position `offset`. Throws Error when the source ends before, also when the
  // file was cut short after it was opened.
  virtual void read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
  // Where the bytes at `offset` lie, for as long as the pointer or a copy of it lives; null when the
  // source does not hold its bytes in memory.  REQUIRES: offset <= size().
  virtual std::shared_ptr<const std::byte> lend(std::uint64_t /*offset*/) const { return nullptr; }
};

// A regular file, read on demand with pread. Throws Error (with the name) when the file is missing,
// may not be read, is not a regular file or is above 256 GiB; never blocks on a pipe or device.
std::shared_ptr<const ByteSource> open_file(const std::filesystem::path& path);
// The same, mapped: it lends its bytes. Only for files that nobody cuts short meanwhile: the system
// would end the process with SIGBUS, where a file that is read ends in an Error.
std::shared_ptr<const ByteSource> map_file(const std::filesystem::path& path);
// The regular file of an open descriptor, which it takes over and closes; `name` is for messages.
std::shared_ptr<const ByteSource> adopt_file(int descriptor, const std::string& name);
std::shared_ptr<const ByteSource> memory_source(std::vector<std::byte> bytes,
                                                const std::string& name);

// `length` bytes at `offset`; nothing is allocated when they are not there.
std::vector<std::byte> read_bytes(const ByteSource& source, std::uint64_t offset,
                                  std::uint64_t length);

// Called now and then with the number of bytes read since the last time; may be empty.
using ReadProgress = std::function<void(std::uint64_t bytes)>;

// What `work` returns; its Errors get "place: " in front.
template <class Work>
decltype(auto) at_place(std::string_view place, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    const std::string_view what = error.what();
    if (what.starts_with(place) && what.substr(place.size()).starts_with(": ")) throw;
    fail(place, ": ", what);
  }
}

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace nn::io
