#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <nn/error.h>

// Files for the tests of nn/io are put together as strings of bytes.
namespace test {

template <class Integer>
std::string little_endian(Integer value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFFU);
  }
  return bytes;
}
inline std::string u16(std::uint64_t value) {
  return little_endian(static_cast<std::uint16_t>(value));
}
inline std::string u32(std::uint64_t value) {
  return little_endian(static_cast<std::uint32_t>(value));
}
inline std::string u64(std::uint64_t value) { return little_endian(value); }

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
inline std::string floats(const std::vector<float>& values) { return bytes_of(values); }

inline std::string patched(std::string bytes, std::size_t offset, std::string_view by) {
  return bytes.replace(offset, by.size(), by);
}

inline std::vector<std::byte> as_bytes(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The message of the nn::Error that `work` throws; "accepted" when it throws none.
template <class Work>
std::string refusal(Work&& work) {
  try {
    work();
  } catch (const nn::Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace test
