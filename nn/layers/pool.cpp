#include <algorithm>
#include <cmath>
#include <limits>

#include <nn/checked.h>
#include <nn/layers/pool.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

using Op = Pool::Op;

// The cells [begin, end) of a window along one dimension that lie in the input.
struct Reach {
  std::int64_t begin = 0, end = 0;
};

// Windows over one plane.
struct Windows {
  std::size_t rank;
  Dims in, out, in_stride, start, dilation;  // start: input cell of the window's cell 0
  std::array<Reach, Shape::max_rank> reach;
};

// Calls f for each cell of the window in the input.
template <class T, class F>
void for_each_cell(const Windows& w, const T* plane, F f) {
  Dims at{};
  std::int64_t place = 0;
  for (std::size_t i = 0; i < w.rank; ++i) {
    if (w.reach[i].begin >= w.reach[i].end) return;
    at[i] = w.reach[i].begin;
    place += (w.start[i] + at[i] * w.dilation[i]) * w.in_stride[i];
  }
  for (;;) {
    f(plane[place]);
    std::size_t i = w.rank;
    for (;;) {
      if (i == 0) return;
      --i;
      const std::int64_t step = w.dilation[i] * w.in_stride[i];
      place += step;
      if (++at[i] < w.reach[i].end) break;
      place -= (at[i] - w.reach[i].begin) * step;
      at[i] = w.reach[i].begin;
    }
  }
}

template <class T>
T largest(const Windows& w, const T* plane) {
  T best = std::numeric_limits<T>::lowest();
  if constexpr (std::is_floating_point_v<T>) best = -std::numeric_limits<T>::infinity();
  for_each_cell(w, plane, [&](T value) {
    if (value > best || value != value) best = value;
  });
  return best;
}

float summed(const Pool::Options& o, const Windows& w, const float* plane, std::int64_t cells) {
  double total = 0;
  if (o.op == Op::average) {
    for_each_cell(w, plane, [&](float value) { total += static_cast<double>(value); });
    return static_cast<float>(total / static_cast<double>(cells));
  }
  for_each_cell(w, plane, [&](float value) {
    const double size = std::fabs(static_cast<double>(value));
    total += o.p == 1 ? size : o.p == 2 ? size * size : std::pow(size, o.p);
  });
  return static_cast<float>(o.p == 1   ? total
                            : o.p == 2 ? std::sqrt(total)
                                       : std::pow(total, 1 / o.p));
}

// Cells of a window that starts `start` cells from the input's begin, between `low` and `high`.
Reach reach_of(std::int64_t start, std::int64_t dilation, std::int64_t kernel, std::int64_t low,
               std::int64_t high) {
  const auto first_at = [&](std::int64_t place) {  // the first cell at or behind it
    return place <= start ? 0 : (place - start + dilation - 1) / dilation;
  };
  return {std::min(first_at(low), kernel), std::min(first_at(high), kernel)};
}

}  // namespace

Pool::Pool(const Options& options) : options_(options) {
  const Options& o = options_;
  const std::size_t rank = o.kernel_size.size();
  if (rank == 0 || rank + 2 > Shape::max_rank) {
    fail(kind(), ": kernel_size has ", rank, " numbers, expected 1 to ", Shape::max_rank - 2);
  }
  for (const auto* numbers : {&o.stride, &o.before, &o.behind, &o.dilation}) {
    if (numbers->size() != rank) {
      fail(kind(), ": stride, padding or dilation has ", numbers->size(),
           " numbers, expected as many as kernel_size: ", rank);
    }
  }
  constexpr std::int64_t most = std::int64_t{1} << 31;
  for (std::size_t i = 0; i < rank; ++i) {
    for (const std::int64_t value : {o.kernel_size[i], o.stride[i], o.dilation[i]}) {
      if (value < 1 || value > most) {
        fail(kind(), ": kernel_size, stride or dilation is ", value, ", expected 1 to ", most);
      }
    }
    for (const std::int64_t pad : {o.before[i], o.behind[i]}) {
      if (pad < 0 || pad > most) fail(kind(), ": padding is ", pad, ", expected 0 to ", most);
    }
  }
  if (o.op == Op::lp && !(o.p > 0)) fail(kind(), ": p is ", o.p, ", expected a positive number");
}

std::string_view Pool::kind() const {
  return options_.op == Op::max ? "max_pool" : options_.op == Op::average ? "avg_pool" : "lp_pool";
}

std::vector<TensorSpec> Pool::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const bool integers = options_.op == Op::max && x.dtype == DType::int64;
  if (x.dtype != DType::float32 && !integers) {
    fail("expected an input of float32, got ", x.dtype);
  }
  const std::size_t rank = options_.kernel_size.size();
  if (x.shape.rank() != rank + 2) {
    fail("expected an input of ", rank + 2, " dimensions, got ", x.shape);
  }
  Shape out{x.shape[0], x.shape[1]};
  for (std::size_t i = 0; i < rank; ++i) {
    const Options& o = options_;
    const std::int64_t size = x.shape[i + 2];
    const std::int64_t room =
        size + o.before[i] + o.behind[i] - o.dilation[i] * (o.kernel_size[i] - 1) - 1;
    if (size < 1 || room < 0) {
      fail("kernel_size ", o.kernel_size[i], " with dilation ", o.dilation[i],
           " does not fit dimension ", i + 2, " of the padded input ", x.shape);
    }
    std::int64_t count = room / o.stride[i] + 1;
    if (o.ceil_mode && room % o.stride[i] != 0 && count * o.stride[i] < size + o.before[i]) ++count;
    out = out.appended(count);
  }
  return {{out, x.dtype}};
}

void Pool::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                   Context&) const {
  const Options& o = options_;
  const std::size_t rank = o.kernel_size.size();
  Windows w{};
  w.rank = rank;
  std::int64_t plane = 1, windows = 1;
  for (std::size_t i = rank; i-- > 0;) {
    w.in[i] = x[0].shape()[i + 2];
    w.out[i] = y[0].shape()[i + 2];
    w.dilation[i] = o.dilation[i];
    w.in_stride[i] = plane;
    plane *= w.in[i];
    windows *= w.out[i];
  }
  const std::int64_t planes = x[0].shape()[0] * x[0].shape()[1];
  Dims at{};
  for (std::int64_t n = 0; n < windows; ++n) {
    std::int64_t cells = 1;
    for (std::size_t i = 0; i < rank; ++i) {
      w.start[i] = at[i] * o.stride[i] - o.before[i];
      w.reach[i] = reach_of(w.start[i], o.dilation[i], o.kernel_size[i], 0, w.in[i]);
      const Reach counted = o.count_include_pad
                                ? reach_of(w.start[i], o.dilation[i], o.kernel_size[i],
                                           -o.before[i], w.in[i] + o.behind[i])
                                : w.reach[i];
      cells *= counted.end - counted.begin;
    }
    for (std::int64_t p = 0; p < planes; ++p) {
      const auto to = static_cast<std::size_t>(p * windows + n);
      if (x[0].dtype() == DType::int64) {
        y[0].as<std::int64_t>()[to] = largest(w, x[0].as<std::int64_t>().data() + p * plane);
      } else if (o.op == Op::max) {
        y[0].f32()[to] = largest(w, x[0].f32().data() + p * plane);
      } else {
        y[0].f32()[to] = summed(o, w, x[0].f32().data() + p * plane, cells);
      }
    }
    for (std::size_t i = rank; i-- > 0;) {
      if (++at[i] < w.out[i]) break;
      at[i] = 0;
    }
  }
}

std::string Pool::extra_repr() const {
  const Options& o = options_;
  const std::string same = o.before == o.behind
                               ? concat("(", joined(o.before), ")")
                               : concat("(", joined(o.before), ") and (", joined(o.behind), ")");
  return concat("kernel_size=(", joined(o.kernel_size), "), stride=(", joined(o.stride),
                "), padding=", same, ", dilation=(", joined(o.dilation), ")");
}

}  // namespace nn
