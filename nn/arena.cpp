#include <algorithm>
#include <numeric>
#include <vector>

#include <nn/arena.h>

namespace nn {
namespace {

constexpr std::size_t alignment = 64;

std::size_t aligned(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

bool live_at_once(const Buffer& a, const Buffer& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

std::size_t lay_out(std::span<Buffer> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return buffers[i].bytes; });

  std::size_t total = 0;
  std::vector<const Buffer*> placed;  // by offset
  for (const std::size_t i : order) {
    Buffer& buffer = buffers[i];
    buffer.offset = 0;
    for (const Buffer* other : placed) {
      if (!live_at_once(buffer, *other)) continue;
      if (buffer.offset + buffer.bytes <= other->offset) break;  // fits the gap before it
      buffer.offset = std::max(buffer.offset, aligned(other->offset + other->bytes));
    }
    total = std::max(total, aligned(buffer.offset + buffer.bytes));
    const auto after = std::ranges::upper_bound(placed, buffer.offset, {}, &Buffer::offset);
    placed.insert(after, &buffer);
  }
  return total;
}

}  // namespace nn
