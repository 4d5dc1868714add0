#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <nn/kernels/binary.h>

namespace nn::kernels {

// y[i] = f(a[i * a_stride], b[i * b_stride])
template <class X, class Y, class F>
void innermost(const X* a, std::size_t a_stride, const X* b, std::size_t b_stride, Y* y,
               std::size_t size, F f) {
  if (a_stride == 1 && b_stride == 1) {
    for (std::size_t i = 0; i < size; ++i) y[i] = f(a[i], b[i]);
  } else if (a_stride == 1 && b_stride == 0) {
    const X value = *b;
    for (std::size_t i = 0; i < size; ++i) y[i] = f(a[i], value);
  } else if (a_stride == 0 && b_stride == 1) {
    const X value = *a;
    for (std::size_t i = 0; i < size; ++i) y[i] = f(value, b[i]);
  } else {
    for (std::size_t i = 0; i < size; ++i) y[i] = f(a[i * a_stride], b[i * b_stride]);
  }
}

// Calls y = f(a, b) for each element of y.
template <class X, class Y, class F>
void for_each(const BroadcastLoops& loops, const X* a, const X* b, std::span<Y> y, F f) {
  if (y.empty()) return;
  if (loops.rank == 0) {
    y[0] = f(*a, *b);
    return;
  }
  const std::size_t last = loops.rank - 1;
  const std::size_t run = loops.size[last];
  std::array<std::size_t, Shape::max_rank> at{};  // of the outer loops
  Y* to = y.data();
  for (;;) {
    innermost(a, loops.a_stride[last], b, loops.b_stride[last], to, run, f);
    to += run;
    std::size_t i = last;
    for (;;) {
      if (i == 0) return;
      --i;
      a += loops.a_stride[i];
      b += loops.b_stride[i];
      if (++at[i] < loops.size[i]) break;
      a -= loops.a_stride[i] * loops.size[i];
      b -= loops.b_stride[i] * loops.size[i];
      at[i] = 0;
    }
  }
}

}  // namespace nn::kernels
