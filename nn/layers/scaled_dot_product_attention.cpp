#include <algorithm>
#include <cmath>
#include <limits>

#include <nn/kernels/gemm.h>
#include <nn/kernels/part.h>
#include <nn/kernels/softmax.h>
#include <nn/layers/broadcast.h>
#include <nn/layers/repr.h>
#include <nn/layers/scaled_dot_product_attention.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

constexpr float minus_infinity = -std::numeric_limits<float>::infinity();

// The heads of all examples as one stack of products.
struct Heads {
  Shape batch;                           // of the output, without its last two dimensions
  Dims query{}, key{}, value{}, mask{};  // matrices between neighbours; elements in the mask
  std::int64_t mask_row = 0, mask_column = 0;
  std::int64_t l = 0, s = 0, e = 0, ev = 0;
  std::int64_t group = 1;  // heads of the query for each of key and value
};

// Heads of key and value, repeated.
Shape spread(const Shape& batch, std::int64_t group) {
  if (group == 1) return batch;
  return batch.with(batch.rank() - 1, batch[batch.rank() - 1] * group);
}

Heads heads_of(std::span<const Shape* const> in, bool enable_gqa) {
  const Shape &q = *in[0], &k = *in[1], &v = *in[2];
  if (q.rank() < 2 || k.rank() < 2 || v.rank() < 2) {
    fail("expected query, key and value of at least 2 dimensions, got ", q, ", ", k, " and ", v);
  }
  Heads h;
  h.l = q[q.rank() - 2];
  h.e = q[q.rank() - 1];
  h.s = k[k.rank() - 2];
  h.ev = v[v.rank() - 1];
  if (k[k.rank() - 1] != h.e || v[v.rank() - 2] != h.s) {
    fail("expected a key [", h.s, ", ", h.e, "] and a value [", h.s, ", …] for the query ", q,
         ", got ", k, " and ", v);
  }
  for (const std::int64_t size : {h.l, h.s, h.e, h.ev}) {
    if (size > kernels::largest_gemm_size) {
      fail("a matrix has at most ", kernels::largest_gemm_size, " rows or columns, got ", size);
    }
  }
  const Shape query = matrices_of(q), key = matrices_of(k), value = matrices_of(v);
  if (enable_gqa) {
    const std::size_t last = query.rank() - 1;
    const bool ranks = query.rank() > 0 && key.rank() == query.rank() && value.rank() == key.rank();
    if (!ranks || key[last] == 0 || key[last] != value[last] || query[last] % key[last] != 0) {
      fail("enable_gqa: expected key and value with a share of the query's heads, got ", q, ", ", k,
           " and ", v);
    }
    h.group = query[last] / key[last];
  }
  h.batch = broadcast_shape(broadcast_shape(query, spread(key, h.group)), spread(value, h.group));
  const std::size_t rank = h.batch.rank();
  h.query = repeated_strides(query, rank);
  h.key = repeated_strides(key, rank);
  h.value = repeated_strides(value, rank);
  if (in.size() == 4) {
    const Shape& mask = *in[3];
    const Shape scores = h.batch.appended(h.l).appended(h.s);
    if (mask.rank() > scores.rank() || broadcast_shape(mask, scores) != scores) {
      fail("expected a mask that repeats to ", scores, ", got ", mask);
    }
    h.mask = repeated_strides(mask, scores.rank());
    h.mask_row = h.mask[rank];
    h.mask_column = h.mask[rank + 1];
  }
  return h;
}

Heads heads_of(std::span<const TensorSpec> in, bool enable_gqa) {
  std::array<const Shape*, 4> shapes{};
  for (std::size_t i = 0; i < in.size(); ++i) shapes[i] = &in[i].shape;
  return heads_of({shapes.data(), in.size()}, enable_gqa);
}

Heads heads_of(std::span<const ConstTensorView> in, bool enable_gqa) {
  std::array<const Shape*, 4> shapes{};
  for (std::size_t i = 0; i < in.size(); ++i) shapes[i] = &in[i].shape();
  return heads_of({shapes.data(), in.size()}, enable_gqa);
}

// Where a head's matrices begin.
struct Place {
  std::int64_t query = 0, key = 0, value = 0, mask = 0;
};

Place place_of(const Heads& h, std::int64_t head) {
  Place at;
  for (std::size_t d = h.batch.rank(); d-- > 0;) {
    const std::int64_t index = head % h.batch[d];
    head /= h.batch[d];
    const std::int64_t shared = d + 1 == h.batch.rank() ? index / h.group : index;
    at.query += index * h.query[d];
    at.key += shared * h.key[d];
    at.value += shared * h.value[d];
    at.mask += index * h.mask[d];
  }
  return at;
}

// Scales and masks a row of scores.
void finish_scores(const Heads& h, float scale, const ConstTensorView* mask, std::int64_t at,
                   std::int64_t row, bool is_causal, float* scores) {
  for (std::int64_t j = 0; j < h.s; ++j) scores[j] *= scale;
  if (is_causal) std::fill(scores + std::min(row + 1, h.s), scores + h.s, minus_infinity);
  if (mask == nullptr) return;
  at += row * h.mask_row;
  if (mask->dtype() == DType::boolean) {
    const auto bytes = mask->bytes();
    for (std::int64_t j = 0; j < h.s; ++j) {
      const auto shown = bytes[static_cast<std::size_t>(at + j * h.mask_column)];
      if (shown == std::byte{0}) scores[j] = minus_infinity;
    }
  } else {
    const float* const added = mask->f32().data() + at;
    for (std::int64_t j = 0; j < h.s; ++j) scores[j] += added[j * h.mask_column];
  }
}

}  // namespace

std::vector<TensorSpec> ScaledDotProductAttention::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 3 && in.size() != 4) {
    fail("expected a query, a key, a value and perhaps a mask, got ", in.size(), " inputs");
  }
  for (std::size_t i = 0; i < in.size(); ++i) {
    const bool bool_mask = i == 3 && in[i].dtype == DType::boolean;
    if (in[i].dtype != DType::float32 && !bool_mask) {
      fail("expected inputs of float32 (or a mask of bool), got ", in[i].dtype);
    }
  }
  if (in.size() == 4 && options_.is_causal) {
    fail("Explicit attn_mask should not be set when is_causal=True");
  }
  const Heads h = heads_of(in, options_.enable_gqa);
  return {{h.batch.appended(h.l).appended(h.ev), DType::float32}};
}

std::size_t ScaledDotProductAttention::scratch_bytes(std::span<const TensorSpec> in) const {
  const Heads h = heads_of(in, options_.enable_gqa);
  return static_cast<std::size_t>(Shape{h.l, h.s}.numel()) * sizeof(float);
}

void ScaledDotProductAttention::forward(std::span<const ConstTensorView> x,
                                        std::span<const TensorView> y, Context& context) const {
  const Heads h = heads_of(x, options_.enable_gqa);
  if (y[0].numel() == 0) return;
  const auto scale =
      static_cast<float>(options_.scale.value_or(1 / std::sqrt(static_cast<double>(h.e))));
  const ConstTensorView* const mask = x.size() == 4 ? &x[3] : nullptr;
  const auto width = [](std::int64_t size) { return std::max<std::int64_t>(size, 1); };
  const auto one_head = [&](std::int64_t head, Context& own) {
    const Place at = place_of(h, head);
    const std::span<float> scores = own.scratch_floats(static_cast<std::size_t>(h.l * h.s));
    const float* const query = x[0].f32().data() + at.query * h.l * h.e;
    const float* const key = x[1].f32().data() + at.key * h.s * h.e;
    const float* const value = x[2].f32().data() + at.value * h.s * h.ev;
    kernels::gemm(h.l, h.s, h.e, {query, width(h.e)}, {key, width(h.e), true}, scores.data(),
                  width(h.s));
    for (std::int64_t row = 0; row < h.l; ++row) {
      const auto one =
          scores.subspan(static_cast<std::size_t>(row * h.s), static_cast<std::size_t>(h.s));
      finish_scores(h, scale, mask, at.mask, row, options_.is_causal, one.data());
      const bool hidden =
          std::all_of(one.begin(), one.end(), [](float score) { return score == minus_infinity; });
      if (hidden) {
        std::fill(one.begin(), one.end(), 0.0F);
      } else {
        kernels::softmax<float>({1, one.size(), 1}, one, one);
      }
    }
    kernels::gemm(h.l, h.ev, h.s, {scores.data(), width(h.s)}, {value, width(h.ev)},
                  y[0].f32().data() + head * h.l * h.ev, width(h.ev));
  };
  const std::int64_t heads = h.batch.numel();
  const double products = static_cast<double>(h.l) * static_cast<double>(h.s) *
                          static_cast<double>(h.e + h.ev) * static_cast<double>(heads);
  const std::int64_t parts = std::min(kernels::parts_worth(products, context.threads()), heads);
  context.share(parts, [&](std::int64_t i, Context& own) {
    const kernels::Part part{i, parts};
    for (std::int64_t head = part.begin(heads); head < part.end(heads); ++head) one_head(head, own);
  });
}

// Heads are computed one by one.
bool ScaledDotProductAttention::rows_independent(std::span<const TensorSpec> in,
                                                 std::span<const bool> batched) const {
  return in[0].shape.rank() >= 3 && broadcast_rows_independent(in, batched);
}

std::int64_t ScaledDotProductAttention::multiply_adds(std::span<const TensorSpec> in) const {
  const Heads h = heads_of(in, options_.enable_gqa);
  return h.batch.appended(h.l).appended(h.s).appended(h.e + h.ev).numel();
}

std::string ScaledDotProductAttention::extra_repr() const {
  std::string text = options_.is_causal ? "is_causal=True" : "";
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
  if (options_.scale) add(concat("scale=", repr(*options_.scale)));
  if (options_.enable_gqa) add("enable_gqa=True");
  return text;
}

}  // namespace nn
