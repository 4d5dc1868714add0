#include <gtest/gtest.h>
#include <random>
#include <vector>

#include <nn/arena.h>

namespace {

using nn::Buffer;

TEST(Arena, ReusesMemoryOnceItsBufferIsDead) {
  std::vector<Buffer> buffers{{100, 0, 1}, {200, 1, 2}, {100, 2, 3}};
  EXPECT_EQ(nn::lay_out(buffers), 256U + 128U);
  EXPECT_EQ(buffers[0].offset, buffers[2].offset);
}

TEST(Arena, NeverOverlapsWhatLivesAtOnce) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Buffer> buffers(1 + random() % 20);
    std::size_t largest_live = 0;
    for (Buffer& buffer : buffers) {
      buffer.bytes = random() % 1000;
      buffer.first = random() % 30;
      buffer.last = buffer.first + random() % 10;
    }
    const std::size_t total = nn::lay_out(buffers);
    for (const Buffer& a : buffers) {
      EXPECT_EQ(a.offset % 64, 0U);
      EXPECT_LE(a.offset + a.bytes, total);
      for (const Buffer& b : buffers) {
        if (&a == &b || a.last < b.first || b.last < a.first || a.bytes == 0 || b.bytes == 0)
          continue;
        EXPECT_TRUE(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset);
      }
    }
    for (std::size_t step = 0; step < 40; ++step) {
      std::size_t live = 0;
      for (const Buffer& b : buffers) live += b.first <= step && step <= b.last ? b.bytes : 0;
      largest_live = std::max(largest_live, live);
    }
    EXPECT_GE(total, largest_live);
  }
}

}  // namespace
