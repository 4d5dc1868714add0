#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <thread>
#include <vector>

#include <nn/error.h>
#include <nn/thread_pool.h>

namespace {

using nn::ThreadPool;

TEST(ThreadPool, CallsEachTaskOnceWithAThreadOfItsOwn) {
  for (const int threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (const std::int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      std::vector<std::atomic<int>> inside(static_cast<std::size_t>(threads));
      std::atomic<bool> alone = true;
      pool.run(count, [&](std::int64_t i, int thread) {
        ASSERT_TRUE(thread >= 0 && thread < threads);
        if (inside[static_cast<std::size_t>(thread)].fetch_add(1) != 0) alone = false;
        calls[static_cast<std::size_t>(i)].fetch_add(1);
        inside[static_cast<std::size_t>(thread)].fetch_sub(1);
      });
      EXPECT_TRUE(alone);
      for (const std::atomic<int>& call : calls) EXPECT_EQ(call, 1);
    }
  }
}

// Two tasks that wait for each other end only where two threads run them.
TEST(ThreadPool, RunsTasksAtTheSameTime) {
  ThreadPool pool(2);
  std::atomic<int> arrived = 0;
  pool.run(2, [&](std::int64_t, int) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

TEST(ThreadPool, ThrowsTheFirstErrorWhenAllIsDone) {
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::atomic<int> done = 0;
    const auto task = [&](std::int64_t i, int) {
      ++done;
      if (i == 5) nn::fail("task ", i);
    };
    EXPECT_THAT([&] { pool.run(20, task); }, testing::ThrowsMessage<nn::Error>("task 5"));
    EXPECT_EQ(done, 20);
    pool.run(3, task);  // and is of use afterwards
    EXPECT_EQ(done, 23);
  }
}

TEST(ThreadPool, ServesSeveralCallersWithoutWaiting) {
  ThreadPool pool(2);
  std::atomic<std::int64_t> sum = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        pool.run(10, [&](std::int64_t i, int) { sum += i; });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 4 * 200 * 45);
}

// A task that asks its own pool for help gets none, and does not wait for ever.
TEST(ThreadPool, MayBeAskedFromWithin) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  pool.run(4, [&](std::int64_t, int) { pool.run(3, [&](std::int64_t, int) { ++calls; }); });
  EXPECT_EQ(calls, 12);
}

TEST(AvailableThreads, IsWithinTheAffinity) {
  EXPECT_GE(nn::available_threads(), 1);
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_LE(nn::available_threads(), CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(nn::available_threads(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
