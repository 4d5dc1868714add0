#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <nn/io/file.h>
#include <nn/thread_pool.h>

namespace nn::io {

// Reads runs of bytes of a source, those of 1 MiB and more by as many threads as the process may
// use: one core copies from the page cache at 10 GB/s, which is less than the memory gives. The
// threads belong to one pool that all readers share; the first long run makes it, and it goes with
// the last reader. Threads may read at once; a second long run meanwhile is read by its caller
// alone.
class BulkReader {
 public:
  explicit BulkReader(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {}

  const std::shared_ptr<const ByteSource>& source() const { return source_; }

  // As ByteSource::read_at.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;
  // The same; returns the CRC-32 of the bytes.
  std::uint32_t read_with_crc(std::uint64_t offset, std::span<std::byte> out) const;
  // Reads `length` bytes from `offset` on, keeps none and returns their CRC-32.
  std::uint32_t crc_of(std::uint64_t offset, std::uint64_t length) const;
  // Reads all bytes from `offset` on. Throws Error where they cannot be read.
  void read_through(std::uint64_t offset, const ReadProgress& progress = {}) const;

 private:
  template <class Work>
  void for_each_stretch(std::uint64_t length, int threads, Work&& work) const;
  int threads_for(std::uint64_t length) const;
  ThreadPool& pool() const;

  std::shared_ptr<const ByteSource> source_;
  mutable std::shared_ptr<ThreadPool> pool_;  // set once, under a lock
};

}  // namespace nn::io
