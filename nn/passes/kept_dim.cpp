#include <algorithm>
#include <array>

#include <nn/layers/add.h>
#include <nn/layers/arg_max.h>
#include <nn/layers/binary.h>
#include <nn/layers/concat.h>
#include <nn/layers/cum_sum.h>
#include <nn/layers/expand.h>
#include <nn/layers/layer_norm.h>
#include <nn/layers/linear.h>
#include <nn/layers/log_softmax.h>
#include <nn/layers/matmul.h>
#include <nn/layers/mul.h>
#include <nn/layers/permute.h>
#include <nn/layers/recurrent.h>
#include <nn/layers/reduce.h>
#include <nn/layers/scaled_dot_product_attention.h>
#include <nn/layers/select.h>
#include <nn/layers/slice.h>
#include <nn/layers/softmax.h>
#include <nn/layers/split.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/strides.h>
#include <nn/layers/take.h>
#include <nn/layers/top_k.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>
#include <nn/layers/where.h>
#include <nn/passes/kept_dim.h>

namespace nn {
namespace {

using Dim = std::optional<std::size_t>;

// What is asked of a layer.
struct Asked {
  std::span<const TensorSpec> in;
  const TensorSpec& out;
  std::size_t input, dim;

  const Shape& shape() const { return in[input].shape; }
  std::size_t rank() const { return shape().rank(); }
  // Where the dimensions are aligned at the last ones and this one is not repeated.
  Dim aligned() const {
    const std::size_t to = dim + out.shape.rank() - rank();
    if (out.shape.rank() < rank() || out.shape[to] != shape()[dim]) return std::nullopt;
    return to;
  }
  Dim same_unless(bool mixed) const { return mixed ? Dim() : Dim(dim); }
  bool is(std::optional<std::int64_t> other) const {
    return !other || normalize_dim(*other, rank()) == dim;
  }
};

// The last `matrix` dimensions are the layer's own.
Dim before(const Asked& ask, std::size_t matrix) {
  return ask.dim + matrix < ask.rank() ? ask.aligned() : Dim();
}

Dim rule(const Linear&, const Asked& ask) { return ask.same_unless(ask.dim + 1 == ask.rank()); }
Dim rule(const LayerNorm& layer, const Asked& ask) {
  return before(ask, layer.options().normalized_shape.rank());
}
Dim rule(const RMSNorm& layer, const Asked& ask) {
  return before(ask, layer.options().normalized_shape.rank());
}
Dim along(const std::optional<std::int64_t>& dim, const Asked& ask) {
  return ask.same_unless(ask.is(dim ? *dim : implicit_softmax_dim(ask.rank())));
}
Dim rule(const Softmax& layer, const Asked& ask) { return along(layer.options().dim, ask); }
Dim rule(const LogSoftmax& layer, const Asked& ask) { return along(layer.options().dim, ask); }
Dim rule(const CumSum& layer, const Asked& ask) { return along(layer.options().dim, ask); }
Dim rule(const TopK& layer, const Asked& ask) { return along(layer.options().dim, ask); }
Dim rule(const Slice& layer, const Asked& ask) { return along(layer.options().dim, ask); }
Dim rule(const Split& layer, const Asked& ask) { return along(layer.options().dim, ask); }
Dim rule(const Concat& layer, const Asked& ask) {
  return ask.rank() == ask.out.shape.rank() ? along(layer.options().dim, ask) : Dim();
}
Dim rule(const Select& layer, const Asked& ask) {
  const std::size_t gone = normalize_dim(layer.options().dim, ask.rank());
  if (gone == ask.dim) return std::nullopt;
  return ask.dim - (gone < ask.dim ? 1 : 0);
}
Dim rule(const Take& layer, const Asked& ask) {
  const std::size_t dim = normalize_dim(layer.options().dim, ask.in[0].shape.rank());
  if (ask.input == 1) return dim + ask.dim;
  if (ask.dim == dim) return std::nullopt;
  return ask.dim < dim ? ask.dim : ask.dim + ask.in[1].shape.rank() - 1;
}
Dim rule(const Squeeze& layer, const Asked& ask) {
  const std::vector<std::int64_t>& dims = layer.options().dims;
  Dims gone{};
  for (std::size_t i = 0; i < ask.rank(); ++i) gone[i] = dims.empty() && ask.shape()[i] == 1;
  for (const std::int64_t dim : dims) {
    const std::size_t i = normalize_dim(dim, ask.rank());
    gone[i] = ask.shape()[i] == 1;
  }
  if (gone[ask.dim] != 0) return std::nullopt;
  return ask.dim - static_cast<std::size_t>(std::count(gone.begin(), gone.begin() + ask.dim, 1));
}
Dim rule(const Unsqueeze& layer, const Asked& ask) {
  return ask.dim + (normalize_dim(layer.options().dim, ask.rank() + 1) <= ask.dim ? 1 : 0);
}
Dim rule(const Permute& layer, const Asked& ask) {
  for (std::size_t i = 0; i < ask.rank(); ++i) {
    if (normalize_dim(layer.options().dims[i], ask.rank()) == ask.dim) return i;
  }
  return std::nullopt;
}
Dim rule(const Transpose& layer, const Asked& ask) {
  const std::size_t a = normalize_dim(layer.options().dim0, ask.rank());
  const std::size_t b = normalize_dim(layer.options().dim1, ask.rank());
  return ask.dim == a ? b : ask.dim == b ? a : ask.dim;
}
Dim without(std::span<const std::size_t> gone, bool keepdim, const Asked& ask) {
  if (std::ranges::count(gone, ask.dim) > 0) return std::nullopt;
  if (keepdim) return ask.dim;
  return ask.dim - static_cast<std::size_t>(
                       std::ranges::count_if(gone, [&](std::size_t i) { return i < ask.dim; }));
}
Dim rule(const Reduce& layer, const Asked& ask) {
  std::vector<std::size_t> gone;
  for (const std::int64_t dim : layer.options().dims) {
    gone.push_back(normalize_dim(dim, ask.rank()));
  }
  return gone.empty() ? Dim() : without(gone, layer.options().keepdim, ask);
}
Dim rule(const ArgMax& layer, const Asked& ask) {
  if (!layer.options().dim) return std::nullopt;
  const std::array gone{normalize_dim(*layer.options().dim, ask.rank())};
  return without(gone, layer.options().keepdim, ask);
}
Dim rule(const Add&, const Asked& ask) { return ask.aligned(); }
Dim rule(const Mul&, const Asked& ask) { return ask.aligned(); }
Dim rule(const Binary&, const Asked& ask) { return ask.aligned(); }
Dim rule(const Where&, const Asked& ask) { return ask.aligned(); }
Dim rule(const Expand& layer, const Asked& ask) {
  if (ask.input == 0) return ask.aligned();
  return layer.options().rows_of_input && ask.dim == 0 ? Dim(0) : Dim();
}
Dim rule(const MatMul&, const Asked& ask) {
  const bool matrices = ask.in[0].shape.rank() >= 2 && ask.in[1].shape.rank() >= 2;
  const std::size_t summed = ask.input == 0 ? 1 : 2;  // counted from the end
  return matrices && ask.rank() - ask.dim != summed ? ask.aligned() : Dim();
}
Dim rule(const ScaledDotProductAttention& layer, const Asked& ask) {
  return before(ask, layer.options().enable_gqa ? 3 : 2);
}

Dim rule(const Recurrent&, const Asked& ask) { return ask.dim == 1 ? Dim(1) : Dim(); }

template <class... Layers>
struct Rules {
  // The rule of the layer's class; nothing where the list has none.
  static std::optional<Dim> of(const Module& layer, const Asked& ask) {
    std::optional<Dim> found;
    const auto attempt = [&](const auto* known) {
      if (known != nullptr) found = rule(*known, ask);
      return known != nullptr;
    };
    (attempt(layer.as<Layers>()) || ...);
    return found;
  }
};
using KnownRules =
    Rules<Linear, LayerNorm, RMSNorm, Softmax, LogSoftmax, CumSum, TopK, Slice, Split, Concat,
          Select, Take, Squeeze, Unsqueeze, Permute, Transpose, Reduce, ArgMax, Add, Mul, Binary,
          Where, Expand, MatMul, ScaledDotProductAttention, Recurrent>;

// Does a layer of one input treat each element alone and all alike? It does where all are rows.
bool is_elementwise(const Module& layer, const Asked& ask) {
  if (ask.in.size() != 1 || ask.in[0].shape != ask.out.shape) return false;
  const TensorSpec flat{{ask.shape().numel()}, ask.in[0].dtype};
  const bool batched = true;
  try {
    return layer.outputs({&flat, 1})[0].shape == flat.shape &&
           layer.rows_independent({&flat, 1}, {&batched, 1});
  } catch (const Error&) {
    return false;  // asks for more dimensions
  }
}

}  // namespace

std::optional<std::size_t> kept_dim(const Module& layer, std::span<const TensorSpec> in,
                                    const TensorSpec& out, std::size_t input, std::size_t dim) {
  const Asked ask{in, out, input, dim};
  if (const std::optional<Dim> found = KnownRules::of(layer, ask)) return *found;
  return ask.same_unless(!is_elementwise(layer, ask));
}

}  // namespace nn
