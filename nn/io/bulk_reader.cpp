#include <algorithm>
#include <mutex>
#include <vector>

#include <nn/io/bulk_reader.h>
#include <nn/io/crc32.h>

namespace nn::io {
namespace {

// Fits the second cache, where the checksum finds it, and makes little of a call's own cost.
constexpr std::uint64_t stretch = std::uint64_t{256} << 10;
// Shorter runs are read before another thread is awake.
constexpr std::uint64_t long_run = std::uint64_t{1} << 20;
// No memory is faster than so many cores copy.
constexpr int most_threads = 8;

// Of `length` bytes, from the stretches'.
std::uint32_t joined(std::span<const std::uint32_t> crcs, std::uint64_t length) {
  std::uint32_t crc = 0;
  for (const std::uint32_t next : crcs) {
    const std::uint64_t size = std::min(stretch, length);
    crc = joined_crc32(crc, next, size);
    length -= size;
  }
  return crc;
}

}  // namespace

ThreadPool& BulkReader::pool() const {
  static std::mutex mutex;
  static std::weak_ptr<ThreadPool> shared;
  const std::scoped_lock lock(mutex);
  if (pool_ == nullptr) {
    pool_ = shared.lock();
    if (pool_ == nullptr) {
      pool_ = std::make_shared<ThreadPool>(std::min(available_threads(), most_threads));
      shared = pool_;
    }
  }
  return *pool_;
}

int BulkReader::threads_for(std::uint64_t length) const {
  return length < long_run ? 1 : pool().size();
}

// Calls work(index, position, size, thread) for each stretch of [0, length); `thread` is below
// `threads`.
template <class Work>
void BulkReader::for_each_stretch(std::uint64_t length, int threads, Work&& work) const {
  const auto count = static_cast<std::int64_t>((length + stretch - 1) / stretch);
  const auto one = [&](std::int64_t i, int thread) {
    const std::uint64_t at = static_cast<std::uint64_t>(i) * stretch;
    work(static_cast<std::size_t>(i), at, static_cast<std::size_t>(std::min(stretch, length - at)),
         thread);
  };
  if (threads > 1) {
    pool().run(count, one);
  } else {
    for (std::int64_t i = 0; i < count; ++i) one(i, 0);
  }
}

void BulkReader::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  const int threads = threads_for(out.size());
  if (threads == 1) return source_->read_at(offset, out);
  for_each_stretch(out.size(), threads, [&](std::size_t, std::uint64_t at, std::size_t size, int) {
    source_->read_at(offset + at, out.subspan(at, size));
  });
}

std::uint32_t BulkReader::read_with_crc(std::uint64_t offset, std::span<std::byte> out) const {
  if (out.size() <= stretch) {
    source_->read_at(offset, out);
    return crc32(out);
  }
  std::vector<std::uint32_t> crcs((out.size() + stretch - 1) / stretch);
  for_each_stretch(out.size(), threads_for(out.size()),
                   [&](std::size_t i, std::uint64_t at, std::size_t size, int) {
                     const auto part = out.subspan(at, size);
                     source_->read_at(offset + at, part);
                     crcs[i] = crc32(part);
                   });
  return joined(crcs, out.size());
}

std::uint32_t BulkReader::crc_of(std::uint64_t offset, std::uint64_t length) const {
  const int threads = threads_for(length);
  const auto room = static_cast<std::size_t>(std::min(stretch, length));
  std::vector<std::byte> scratch(room * static_cast<std::size_t>(threads));
  std::vector<std::uint32_t> crcs(static_cast<std::size_t>((length + stretch - 1) / stretch));
  for_each_stretch(
      length, threads, [&](std::size_t i, std::uint64_t at, std::size_t size, int thread) {
        const auto part = std::span(scratch).subspan(room * static_cast<std::size_t>(thread), size);
        source_->read_at(offset + at, part);
        crcs[i] = crc32(part);
      });
  return joined(crcs, length);
}

void BulkReader::read_through(std::uint64_t offset, const ReadProgress& progress) const {
  constexpr std::uint64_t between_reports = 64 * stretch;
  while (offset < source_->size()) {
    const std::uint64_t length = std::min(between_reports, source_->size() - offset);
    crc_of(offset, length);
    offset += length;
    if (progress) progress(length);
  }
}

}  // namespace nn::io
