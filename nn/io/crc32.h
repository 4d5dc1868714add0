#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nn::io {

// CRC-32 as zip, gzip and PNG use it; pass an earlier result to go on. Every byte of a torch.save
// file goes through it, so that it runs on carry-less multiplications where the processor has them:
// on Zen 5 at 60 GB/s with 512 bits and at 8 with 128, where zlib 1.2.13 takes 3.7.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t so_far = 0);

// The CRC-32 of a run of bytes and, behind it, another of `second_size`, from those of both.
std::uint32_t joined_crc32(std::uint32_t first, std::uint32_t second, std::uint64_t second_size);

// For tests: the ways of computing it that this processor can run, the fastest, which crc32 takes,
// last.
struct Crc32Version {
  const char* name;
  std::uint32_t (*run)(std::span<const std::byte> bytes, std::uint32_t so_far);
};
std::span<const Crc32Version> crc32_versions();

}  // namespace nn::io
