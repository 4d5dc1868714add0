// Counts what the program allocates through operator new, and lets it fail.
#include "cost.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

std::atomic<std::size_t> allocated{0};
std::atomic<std::size_t> peak{0};

constexpr std::size_t unlimited = ~std::size_t{0};
std::atomic<std::size_t> successes_left{unlimited};
std::atomic<bool> has_failed{false};

void* counted(void* memory) {
  if (successes_left != unlimited && memory != nullptr) {
    if (successes_left == 0) {
      has_failed = true;
      std::free(memory);
      memory = nullptr;
    } else {
      --successes_left;
    }
  }
  if (memory == nullptr) throw std::bad_alloc();
  const std::size_t now = allocated += malloc_usable_size(memory);
  if (now > peak) peak = now;
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) allocated -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(std::malloc(std::max<std::size_t>(size, 1)));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto boundary = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(boundary, (size + boundary - 1) / boundary * boundary));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace test {

std::size_t allocated_bytes() { return allocated; }
std::size_t peak_bytes() { return peak; }
void fail_allocations_after(std::size_t successes) {
  has_failed = false;
  successes_left = successes;
}
bool stop_failing_allocations() {
  successes_left = unlimited;
  return has_failed;
}
void reset_peak() { peak = allocated.load(); }

}  // namespace test
