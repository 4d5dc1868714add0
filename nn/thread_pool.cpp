#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <nn/thread_pool.h>

namespace nn {
namespace {

// Tells the core that a loop only waits.
void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

struct ThreadPool::State {
  // The work at hand. Written under `mutex` while no thread is at it.
  void (*call)(void*, std::int64_t, int) = nullptr;
  void* task = nullptr;
  std::int64_t count = 0;
  std::atomic<std::int64_t> next{0};
  std::exception_ptr error;  // the first one; under `mutex`

  std::mutex mutex;
  std::condition_variable wake;         // workers: there is work, or an end
  std::condition_variable finished;     // the caller: the last worker has left the work
  std::atomic<std::uint64_t> round{0};  // rises with each piece of work; set under `mutex`
  bool open = false;                    // workers may still join it
  std::atomic<int> at_work{0};  // workers that have joined and not left it; set under `mutex`
  bool ending = false;

  std::mutex caller;  // held by the caller whose work it is
  std::vector<std::thread> workers;

  void take_part(int thread) {
    for (std::int64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        call(task, i, thread);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!error) error = std::current_exception();
      }
    }
  }

  // Returns when `done` says so, or after a moment: to sleep and be woken takes longer (10 to 50 us)
  // than the others' last strides, or than the caller takes from one layer to the next.
  template <class Done>
  static void watch(Done done) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
    do {
      for (int i = 0; i < 32; ++i) {
        if (done()) return;
        relax();
      }
    } while (std::chrono::steady_clock::now() < until);
  }

  void serve(int thread) {
    std::unique_lock lock(mutex);
    for (std::uint64_t seen = 0;;) {
      wake.wait(lock, [&] { return ending || (open && round != seen); });
      if (ending) return;
      seen = round;
      ++at_work;
      lock.unlock();
      take_part(thread);
      lock.lock();
      if (--at_work == 0) finished.notify_one();
      lock.unlock();
      watch([&] { return round.load(std::memory_order_acquire) != seen; });
      lock.lock();
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  try {
    for (int i = 1; i < threads; ++i) {
      state_->workers.emplace_back([state = state_.get(), i] { state->serve(i); });
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: those there are do the work.
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->ending = true;
  }
  state_->wake.notify_all();
  for (std::thread& worker : state_->workers) worker.join();
}

int ThreadPool::size() const { return static_cast<int>(state_->workers.size()) + 1; }

void ThreadPool::run_erased(std::int64_t count, void (*call)(void*, std::int64_t, int),
                            void* task) {
  State& s = *state_;
  const bool alone = s.workers.empty() || count <= 1 || !s.caller.try_lock();
  if (alone) {
    std::exception_ptr error;
    for (std::int64_t i = 0; i < count; ++i) {
      try {
        call(task, i, 0);
      } catch (...) {
        if (!error) error = std::current_exception();
      }
    }
    if (error) std::rethrow_exception(error);
    return;
  }
  {
    const std::scoped_lock lock(s.mutex);
    s.call = call;
    s.task = task;
    s.count = count;
    s.next = 0;
    s.error = nullptr;
    s.open = true;
    ++s.round;
  }
  s.wake.notify_all();
  s.take_part(0);
  {
    const std::scoped_lock lock(s.mutex);
    s.open = false;  // who still sleeps need not come
  }
  State::watch([&] { return s.at_work.load(std::memory_order_acquire) == 0; });
  std::exception_ptr error;
  {
    std::unique_lock lock(s.mutex);
    s.finished.wait(lock, [&] { return s.at_work == 0; });
    error = std::exchange(s.error, nullptr);
  }
  s.caller.unlock();
  if (error) std::rethrow_exception(error);
}

}  // namespace nn
