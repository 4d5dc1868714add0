#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace nn {

// Processors that this process may use: its affinity, cut to the quota of its control groups,
// rounded up.
int available_threads();

// Threads that wait, asleep, for work to share. One pool may serve many sessions
// (SessionOptions::pool): while it works for one, the others' work runs in their own threads.
class ThreadPool {
 public:
  // As many threads at work as `threads` says, the calling one among them; at least 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const;

  // Calls task(i, thread) for every i in [0, count), each once, on several threads, and returns
  // when all are done; `thread` is in [0, size()), 0 for the caller, and no two calls at the same
  // time have the same one. Which thread takes which i is open. Where a task throws, the others
  // still run, and the first error is thrown here. Neither allocates nor waits for another caller:
  // where the pool is busy, the caller does all the work.
  template <class Task>
  void run(std::int64_t count, Task&& task) {
    using Plain = std::remove_reference_t<Task>;
    run_erased(
        count,
        [](void* self, std::int64_t i, int thread) { (*static_cast<Plain*>(self))(i, thread); },
        const_cast<void*>(static_cast<const void*>(&task)));
  }

 private:
  struct State;
  void run_erased(std::int64_t count, void (*call)(void*, std::int64_t, int), void* task);

  std::unique_ptr<State> state_;
};

}  // namespace nn
