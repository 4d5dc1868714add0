#include <gtest/gtest.h>

#include "allocations.h"
#include "toy_layers.h"

namespace {

using toy::affine;
using toy::integers;

TEST(Allocations, AreCounted) {
  const std::size_t before = allocation_count();
  const nn::Tensor tensor({3});
  EXPECT_GT(allocation_count(), before);
}

TEST(Session, AThousandRunsAllocateNothing) {
  toy::WeightedSumAndMax stats(4);
  stats.weight = integers({4});
  nn::Graph net;
  const nn::Value x = net.input("x");
  const nn::Value hidden = net.add("clip", toy::Clip{}, {net.add("fc", affine(3, 4), {x})});
  const std::vector<nn::Value> both = net.add_all("stats", stats, {{hidden}});
  net.output(net.add("sum", toy::Sum{}, {both[0], both[1]}));
  nn::Session session(net, {1, 3}, {.block_rows = 2});
  const nn::Tensor input = integers({5, 3});
  nn::Tensor output({5, 1});
  const std::size_t before = allocation_count();
  for (int i = 0; i < 1000; ++i) session.run(input, output);
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
