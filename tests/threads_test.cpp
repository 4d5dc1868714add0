#include <cstring>
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
  std::vector<nn::Tensor> results(8);
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

// The tutorial's kinds of layers, with whatever they share inside: BLAS, packed weights, the
// detected CPU.
TEST(Threads, RunConvolutionsAndLinearLayersOfOneGraph) {
  nn::Graph net{{"conv", nn::Conv2d({.in_channels = 1, .out_channels = 8, .kernel_size = 5})},
                {"norm", nn::BatchNorm2d({.num_features = 8})},
                {"relu", nn::ReLU{}},
                {"pool", nn::MaxPool2d({.kernel_size = 2})},
                {"flatten", nn::Flatten{}},
                {"fc", nn::Linear({.in_features = 8 * 12 * 12, .out_features = 10})},
                {"log_softmax", nn::LogSoftmax({.dim = 1})}};
  for (auto& [name, parameter, role] : net.parameters()) {
    if (role != nn::Role::counter) parameter = integers(parameter.shape(), 2);
    if (name == "norm.running_var") parameter = nn::tensor({1, 2, 3, 4, 5, 6, 7, 8});
  }
  const nn::Tensor x = integers({6, 1, 28, 28});
  const nn::Tensor expected = nn::Session(net, {1, 1, 28, 28})(x);
  std::vector<nn::Tensor> results(8);
  std::vector<std::thread> threads;
  for (nn::Tensor& result : results) {
    threads.emplace_back([&net, &x, &result] {
      nn::Session session(net, {1, 1, 28, 28});
      for (int i = 0; i < 10; ++i) result = session(x);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const nn::Tensor& result : results) {
    EXPECT_EQ(std::memcmp(result.data(), expected.data(), expected.nbytes()), 0);
  }
}

// A session's own threads, and a pool that several sessions share.
nn::Graph wide_net() {
  nn::Graph net{{"conv", nn::Conv2d({.in_channels = 1, .out_channels = 20, .kernel_size = 5})},
                {"relu", nn::ReLU{}},
                {"pool", nn::MaxPool2d({.kernel_size = 2})},
                {"flatten", nn::Flatten{}},
                {"fc", nn::Linear({.in_features = 20 * 12 * 12, .out_features = 100})}};
  for (auto& [name, parameter, role] : net.parameters()) parameter = integers(parameter.shape(), 2);
  return net;
}

TEST(Threads, OfOneSessionGiveTheSameBitsAsOneThread) {
  const nn::Graph net = wide_net();
  nn::Session alone(net, {1, 1, 28, 28}, {.threads = 1});
  EXPECT_EQ(alone.threads(), 1);
  for (const int threads : {2, 4}) {
    nn::Session shared(net, {1, 1, 28, 28}, {.threads = threads});
    EXPECT_EQ(shared.threads(), threads);
    for (const std::int64_t batch : {1, 2, 3, 9, 33, 65}) {
      const nn::Tensor x = integers({batch, 1, 28, 28});
      const nn::Tensor expected = alone(x);
      const nn::Tensor y = shared(x);
      EXPECT_EQ(std::memcmp(y.data(), expected.data(), expected.nbytes()), 0) << batch;
    }
  }
}

TEST(Threads, OfOnePoolServeSeveralSessionsAtOnce) {
  const nn::Graph net = wide_net();
  const auto pool = std::make_shared<nn::ThreadPool>(3);
  const nn::Tensor x = integers({40, 1, 28, 28});
  const nn::Tensor expected = nn::Session(net, {1, 1, 28, 28}, {.threads = 1})(x);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      nn::Session session(net, {1, 1, 28, 28}, {.pool = pool});
      for (int i = 0; i < 3; ++i) {
        const nn::Tensor y = session(x);
        EXPECT_EQ(std::memcmp(y.data(), expected.data(), expected.nbytes()), 0);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

// One picture, so that the threads share the layers' work: convolutions by tiles, by rows, of stride
// 2 and of one window, and a Linear.
TEST(Threads, ShareTheWorkOfOnePictureToTheSameBits) {
  nn::Graph net{
      {"rows", nn::Conv2d({.in_channels = 2, .out_channels = 64, .kernel_size = 3, .padding = 1})},
      {"relu", nn::ReLU{}},
      {"pool", nn::MaxPool2d({.kernel_size = 2})},
      {"tiles", nn::Conv2d({.in_channels = 64, .out_channels = 64, .kernel_size = 3})},
      {"stride",
       nn::Conv2d({.in_channels = 64, .out_channels = 96, .kernel_size = 3, .stride = 2})},
      {"window", nn::Conv2d({.in_channels = 96, .out_channels = 256, .kernel_size = 22})},
      {"flatten", nn::Flatten{}},
      {"fc", nn::Linear({.in_features = 256, .out_features = 3000})}};
  for (auto& [name, parameter, role] : net.parameters()) parameter = integers(parameter.shape(), 2);
  const nn::Shape one{1, 2, 94, 94};
  const nn::Tensor x = integers(one, 3);
  const nn::Tensor expected = nn::Session(net, one, {.threads = 1})(x);
  for (const int threads : {2, 4}) {
    nn::Session session(net, one, {.threads = threads});
    EXPECT_EQ(session.threads(), threads);
    for (int i = 0; i < 3; ++i) {
      const nn::Tensor y = session(x);
      ASSERT_EQ(std::memcmp(y.data(), expected.data(), y.nbytes()), 0) << threads;
    }
  }
}

TEST(Context, SharesPartsAmongThreadsEachWithItsScratch) {
  nn::ThreadPool pool(3);
  std::vector<std::vector<std::byte>> memory(3, std::vector<std::byte>(64));
  const std::vector<nn::Context::Bytes> scratch(memory.begin(), memory.end());
  nn::Context context(pool, scratch);
  EXPECT_EQ(context.threads(), 3);
  std::vector<int> called(100);
  context.share(100, [&](std::int64_t i, nn::Context& own) {
    ++called[static_cast<std::size_t>(i)];
    own.scratch_floats(16)[0] = static_cast<float>(i);  // a race where two had one
    EXPECT_EQ(own.threads(), 1);
  });
  EXPECT_EQ(called, std::vector<int>(100, 1));
  nn::Context alone(scratch[1]);
  alone.share(2, [&](std::int64_t, nn::Context& own) {
    EXPECT_EQ(own.scratch().data(), scratch[1].data());
  });
}

}  // namespace
