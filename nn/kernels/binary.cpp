#include <nn/kernels/binary.h>

namespace nn::kernels {
namespace {

// y[i] = f(a[i * a_stride], b[i * b_stride])
template <class F>
void innermost(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride, float* y,
               std::size_t size, F f) {
  if (a_stride == 1 && b_stride == 1) {
    for (std::size_t i = 0; i < size; ++i) y[i] = f(a[i], b[i]);
  } else if (a_stride == 1 && b_stride == 0) {
    const float value = *b;
    for (std::size_t i = 0; i < size; ++i) y[i] = f(a[i], value);
  } else if (a_stride == 0 && b_stride == 1) {
    const float value = *a;
    for (std::size_t i = 0; i < size; ++i) y[i] = f(value, b[i]);
  } else {
    for (std::size_t i = 0; i < size; ++i) y[i] = f(a[i * a_stride], b[i * b_stride]);
  }
}

template <class F>
void for_each(const BroadcastLoops& loops, const float* a, const float* b, std::span<float> y,
              F f) {
  if (y.empty()) return;
  if (loops.rank == 0) {
    y[0] = f(*a, *b);
    return;
  }
  const std::size_t last = loops.rank - 1;
  const std::size_t run = loops.size[last];
  std::array<std::size_t, Shape::max_rank> at{};  // of the outer loops
  float* to = y.data();
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

}  // namespace

void add(const BroadcastLoops& loops, float alpha, std::span<const float> a,
         std::span<const float> b, std::span<float> y) {
  if (alpha == 1) {
    for_each(loops, a.data(), b.data(), y, [](float p, float q) { return p + q; });
  } else {
    for_each(loops, a.data(), b.data(), y, [alpha](float p, float q) {
      // The product is exact in double.
      return static_cast<float>(static_cast<double>(p) +
                                static_cast<double>(alpha) * static_cast<double>(q));
    });
  }
}

void multiply(const BroadcastLoops& loops, std::span<const float> a, std::span<const float> b,
              std::span<float> y) {
  for_each(loops, a.data(), b.data(), y, [](float p, float q) { return p * q; });
}

}  // namespace nn::kernels
