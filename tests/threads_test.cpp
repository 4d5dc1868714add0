#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "toy_layers.h"

namespace {

using toy::affine;
using toy::integers;

TEST(Threads, EachWithItsSessionShareOneGraph) {
  const nn::Graph net{{"fc1", affine(6, 9)}, {"clip", toy::Clip{}}, {"fc2", affine(9, 5)}};
  const nn::Tensor x = integers({50, 6});
  const nn::Tensor expected = nn::Session(net, {1, 6})(x);
  std::vector<nn::Tensor> results(4);
  std::vector<std::thread> threads;
  for (nn::Tensor& result : results) {
    threads.emplace_back([&net, &x, &result] {
      nn::Session session(net, {1, 6});
      for (int i = 0; i < 50; ++i) result = session(x);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const nn::Tensor& result : results) {
    ASSERT_EQ(result.shape(), expected.shape());
    for (std::size_t i = 0; i < expected.f32().size(); ++i) {
      EXPECT_EQ(result.f32()[i], expected.f32()[i]);
    }
  }
}

}  // namespace
