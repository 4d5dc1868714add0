// One session for pictures of many sizes (tools/make_sizes_golden.py).
#include <array>
#include <gtest/gtest.h>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <nn/nn.h>

#include "../golden.h"
#include "../random.h"

namespace {

using nn::Tensor;

constexpr std::array sizes{"12x12", "16x24", "21x9", "32x12", "12x30", "40x40", "9x19"};

// What malloc keeps of small blocks for those who ask next; a plan takes more by far in 100 sizes.
constexpr std::size_t held_back = std::size_t{128} << 10;

// Bytes that the program asked for and has not given back; 0 where that is not told, as under sanitizers,
// which have an allocator of their own.
std::size_t bytes_in_use() {
#ifdef __GLIBC__
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

class PictureSizes : public testing::TestWithParam<const char*> {
 protected:
  nn::Session session{
      nn::import_model(RUSHLIGHT_SOURCE_DIR "/tests/golden/sizes/" + std::string(GetParam())).graph,
      {1, 1, 12, 12}};

  void round() {
    for (const std::string size : sizes) {
      const Tensor x = golden("sizes/reference.pt", size + ".x");
      const Tensor expected = golden("sizes/reference.pt", size + ".y");
      session.prepare(x.shape());
      const Tensor y = session(x);
      ASSERT_EQ(y.shape(), expected.shape()) << size;
      for (std::size_t i = 0; i < y.f32().size(); ++i) {
        // Sums of at most 37 products, three times.
        ASSERT_NEAR(y.f32()[i], expected.f32()[i], 2e-6) << size << ", element " << i;
      }
    }
  }
};

TEST_P(PictureSizes, OneSessionGivesWhatPyTorchGivesAndKeepsNothingOfThem) {
  for (int i = 0; i < 2; ++i) round();
  const std::size_t arena = session.arena_bytes(), bytes = bytes_in_use();
  for (int i = 2; i < 20; ++i) round();
  EXPECT_EQ(session.arena_bytes(), arena);
  EXPECT_LE(bytes_in_use(), bytes + held_back);
}

TEST_P(PictureSizes, TwoHundredSizesLeaveNothing) {
  const auto run = [&](std::int64_t height, std::int64_t width) {
    const Tensor x = random_tensor({1, 1, height, width}, 1);
    session.prepare(x.shape());
    session(x);
  };
  run(60, 60);
  const std::size_t arena = session.arena_bytes(), bytes = bytes_in_use();
  for (std::int64_t i = 0; i < 200; ++i) run(8 + i / 5, 8 + i % 50);
  run(60, 60);
  EXPECT_EQ(session.arena_bytes(), arena);
  EXPECT_LE(bytes_in_use(), bytes + held_back);
}

INSTANTIATE_TEST_SUITE_P(Files, PictureSizes,
                         testing::Values("net.onnx", "net_script.onnx", "net.pt2"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
