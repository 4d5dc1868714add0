// The one place of stb_image. Debian's version 2.27 trusts a JPEG more than it should: it writes
// past its Huffman tables, reads tables that were never defined and counts bits below zero when a
// scan's data end early. The walkers in front of it keep such files out (jpeg_walker.h).
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>

#include <nn/image/stb.h>

namespace nn {
namespace {

// The bytes stb_image may still allocate in the current call.
thread_local std::uint64_t bytes_left = 0;

// In front of each block: its size, in as many bytes as keep the block aligned.
constexpr std::size_t size_field = alignof(std::max_align_t);
static_assert(size_field >= sizeof(std::size_t));

std::size_t size_of_block(void* block) {
  std::size_t size;
  std::memcpy(&size, static_cast<std::byte*>(block) - size_field, sizeof size);
  return size;
}

// Zeroed: whatever a decoder leaves unwritten is the same in every run and nobody's old memory.
void* allocate(std::size_t size) {
  if (size > bytes_left) return nullptr;
  auto* memory = static_cast<std::byte*>(std::calloc(1, size + size_field));
  if (memory == nullptr) return nullptr;
  bytes_left -= size;
  std::memcpy(memory, &size, sizeof size);
  return memory + size_field;
}

void release(void* block) {
  if (block == nullptr) return;
  bytes_left += size_of_block(block);
  std::free(static_cast<std::byte*>(block) - size_field);
}

void* reallocate(void* block, std::size_t size) {
  void* larger = allocate(size);
  if (larger != nullptr && block != nullptr) {
    std::memcpy(larger, block, std::min(size, size_of_block(block)));
    release(block);
  }
  return larger;
}

}  // namespace
}  // namespace nn

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 16384
#define STBI_ASSERT(condition) static_cast<void>(condition)
#define STBI_MALLOC(size) nn::allocate(size)
#define STBI_REALLOC(block, size) nn::reallocate(block, size)
#define STBI_FREE(block) nn::release(block)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace nn {

Image decode_with_stb(std::span<const std::byte> file, std::uint64_t budget, std::string& problem) {
  if (file.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    problem = "the file is too large";
    return {};
  }
  bytes_left = budget;
  Image image;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(file.data()),
                            static_cast<int>(file.size()), &image.width, &image.height,
                            &image.channels, 0),
      stbi_image_free);
  if (pixels == nullptr) {
    problem = stbi_failure_reason() != nullptr ? stbi_failure_reason() : "no reason given";
    return {};
  }
  const std::size_t count = static_cast<std::size_t>(image.width) *
                            static_cast<std::size_t>(image.height) *
                            static_cast<std::size_t>(image.channels);
  image.pixels.assign(pixels.get(), pixels.get() + count);
  return image;
}

}  // namespace nn
