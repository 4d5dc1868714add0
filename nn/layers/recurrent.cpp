#include <algorithm>

#include <nn/kernels/activation.h>
#include <nn/kernels/gemm.h>
#include <nn/layers/recurrent.h>

namespace nn {
namespace {

using Floats = std::span<float>;

void sigmoid(Floats x) { kernels::activate({kernels::ActivationKind::sigmoid}, x, x); }
void tanh(Floats x) { kernels::activate({kernels::ActivationKind::tanh}, x, x); }

void add(std::span<const float> x, Floats to) {
  for (std::size_t i = 0; i < x.size(); ++i) to[i] += x[i];
}

// One row's step: `in` is W_ih x + b_ih, `state` W_hh h + b_hh; both are overwritten.

void rnn_step(bool relu, Floats in, Floats state, Floats h) {
  add(state, in);
  kernels::activate({relu ? kernels::ActivationKind::relu : kernels::ActivationKind::tanh}, in, h);
}

void lstm_step(Floats in, Floats state, Floats h, Floats c) {
  const std::size_t size = h.size();
  add(state, in);
  sigmoid(in.first(2 * size));
  tanh(in.subspan(2 * size, size));
  sigmoid(in.last(size));
  for (std::size_t i = 0; i < size; ++i) {
    c[i] = in[size + i] * c[i] + in[i] * in[2 * size + i];
    h[i] = c[i];
  }
  tanh(h);
  for (std::size_t i = 0; i < size; ++i) h[i] *= in[3 * size + i];
}

void gates_of_gru(Floats in, std::span<const float> state, std::size_t size) {
  add(state.first(2 * size), in.first(2 * size));
  sigmoid(in.first(2 * size));
}

// `from_h` is W_hn … + b_hn, without the reset of what comes out.
void new_state_of_gru(Floats in, std::span<const float> from_h, Floats h) {
  const std::size_t size = h.size();
  const Floats fresh = in.last(size);
  add(from_h, fresh);
  tanh(fresh);
  for (std::size_t i = 0; i < size; ++i) h[i] = fresh[i] + in[size + i] * (h[i] - fresh[i]);
}

void add_bias(const Parameter& bias, Floats to) {
  if (!bias.declared()) return;
  for (std::size_t begin = 0; begin < to.size(); begin += bias.f32().size()) {
    add(bias.f32(), to.subspan(begin, bias.f32().size()));
  }
}

}  // namespace

Recurrent::Recurrent(const Options& options) : options_(options) {
  if (options_.input_size < 1 || options_.hidden_size < 1) {
    fail(kind(), ": expected sizes of at least 1, got input_size=", options_.input_size,
         " and hidden_size=", options_.hidden_size);
  }
  const std::int64_t rows = gates() * options_.hidden_size;
  weight_ih = Parameter({rows, options_.input_size});
  weight_hh = Parameter({rows, options_.hidden_size});
  if (!options_.bias) return;
  bias_ih = Parameter({rows});
  bias_hh = Parameter({rows});
}

std::string_view Recurrent::kind() const {
  return is_lstm() ? "LSTM" : options_.cell == Cell::gru ? "GRU" : "RNN";
}

std::int64_t Recurrent::gates() const { return is_lstm() ? 4 : options_.cell == Cell::gru ? 3 : 1; }

std::vector<TensorSpec> Recurrent::outputs(std::span<const TensorSpec> in) const {
  const std::size_t states = is_lstm() ? 2 : 1;
  if (in.size() != 1 && in.size() != 1 + states) {
    fail("expected a sequence and perhaps ", states, " initial states, got ", in.size(), " inputs");
  }
  for (const TensorSpec& spec : in) {
    if (spec.dtype != DType::float32) fail("expected inputs of float32, got ", spec.dtype);
  }
  const Shape& x = in[0].shape;
  if (x.rank() != 3 || x[2] != options_.input_size) {
    fail("expected x [L, N, ", options_.input_size, "], got ", x);
  }
  const Shape state{1, x[1], options_.hidden_size};
  for (const TensorSpec& spec : in.subspan(1)) {
    if (spec.shape != state) fail("expected an initial state ", state, ", got ", spec.shape);
  }
  if (std::max(x[0], Shape{x[0], x[1]}.numel()) > kernels::largest_gemm_size) {
    fail("a sequence has at most ", kernels::largest_gemm_size, " steps in all rows, got ", x);
  }
  std::vector<TensorSpec> out{{Shape{x[0], x[1], options_.hidden_size}, DType::float32}};
  out.resize(1 + states, {state, DType::float32});
  return out;
}

std::size_t Recurrent::scratch_bytes(std::span<const TensorSpec> in) const {
  const Shape& x = in[0].shape;
  const std::int64_t rows = gates() * options_.hidden_size;
  const Shape floats{x[1], x[0] * rows + rows + 3 * options_.hidden_size};
  return static_cast<std::size_t>(floats.numel()) * sizeof(float);
}

void Recurrent::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                        Context& context) const {
  const Shape& shape = x[0].shape();
  const std::int64_t length = shape[0], n = shape[1], size = options_.hidden_size;
  const std::int64_t rows = gates() * size;
  if (n == 0) return;
  const auto count = [](std::int64_t number) { return static_cast<std::size_t>(number); };
  Floats scratch = context.scratch_floats(count(n * (length * rows + rows + 3 * size)));
  const auto take = [&](std::int64_t floats) {
    const Floats taken = scratch.first(count(floats));
    scratch = scratch.subspan(count(floats));
    return taken;
  };
  const Floats in = take(length * n * rows), state = take(n * rows);
  const Floats h = take(n * size), c = take(n * size), reset = take(n * size);
  const auto start = [&](Floats at, std::size_t input) {
    if (x.size() > input) {
      std::ranges::copy(x[input].f32(), at.begin());
    } else {
      std::ranges::fill(at, 0.0F);
    }
  };
  start(h, 1);
  if (is_lstm()) start(c, 2);
  // All steps' x at once: [L·N, input] by [input, gates·H]
  kernels::gemm(length * n, rows, options_.input_size, {x[0].f32().data(), options_.input_size},
                {weight_ih.f32().data(), options_.input_size, true}, in.data(), rows);
  add_bias(bias_ih, in);
  for (std::int64_t step = 0; step < length; ++step) {
    const std::int64_t t = options_.reverse ? length - 1 - step : step;
    kernels::gemm(n, rows, size, {h.data(), size}, {weight_hh.f32().data(), size, true},
                  state.data(), rows);
    add_bias(bias_hh, state);
    const auto row_of = [&](Floats all, std::int64_t i, std::int64_t width) {
      return all.subspan(count(i * width), count(width));
    };
    for (std::int64_t i = 0; i < n; ++i) {
      const Floats own = row_of(in, t * n + i, rows), from_h = row_of(state, i, rows);
      const Floats own_h = row_of(h, i, size);
      switch (options_.cell) {
        case Cell::rnn_tanh:
        case Cell::rnn_relu:
          rnn_step(options_.cell == Cell::rnn_relu, own, from_h, own_h);
          break;
        case Cell::lstm:
          lstm_step(own, from_h, own_h, row_of(c, i, size));
          break;
        case Cell::gru: {
          gates_of_gru(own, from_h, count(size));
          const Floats last = from_h.last(count(size)), own_reset = row_of(reset, i, size);
          if (options_.reset_first) {
            for (std::size_t k = 0; k < own_h.size(); ++k) own_reset[k] = own[k] * own_h[k];
            kernels::gemm(1, size, size, {own_reset.data(), size},
                          {weight_hh.f32().data() + 2 * size * size, size, true}, last.data(),
                          size);
            if (bias_hh.declared()) add(bias_hh.f32().last(count(size)), last);
          } else {
            for (std::size_t k = 0; k < own_h.size(); ++k) last[k] *= own[k];
          }
          new_state_of_gru(own, last, own_h);
          break;
        }
      }
    }
    std::ranges::copy(h, y[0].f32().begin() + t * n * size);
  }
  std::ranges::copy(h, y[1].f32().begin());
  if (is_lstm()) std::ranges::copy(c, y[2].f32().begin());
}

std::int64_t Recurrent::multiply_adds(std::span<const TensorSpec> in) const {
  return in[0].shape[0] * in[0].shape[1] * gates() * options_.hidden_size *
         (options_.input_size + options_.hidden_size);
}

std::vector<NamedParameter> Recurrent::parameters() {
  std::vector<NamedParameter> result{{"weight_ih_l0", weight_ih}, {"weight_hh_l0", weight_hh}};
  if (bias_ih.declared()) {
    result.push_back({"bias_ih_l0", bias_ih});
    result.push_back({"bias_hh_l0", bias_hh});
  }
  return result;
}

std::string Recurrent::extra_repr() const {
  std::string text = concat(options_.input_size, ", ", options_.hidden_size);
  if (options_.cell == Cell::rnn_relu) text += ", nonlinearity='relu'";
  if (!options_.bias) text += ", bias=False";
  if (options_.reverse) text += ", reverse=True";
  return text;
}

}  // namespace nn
