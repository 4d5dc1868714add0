#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// One layer of torch.nn.RNN, LSTM or GRU in one direction, over a sequence.
//   x [L, N, input_size], h_0 [1, N, H], for LSTM c_0 [1, N, H]
//     -> y [L, N, H], h_n [1, N, H], for LSTM c_n [1, N, H]
// The initial states may be left out: they are zeros then.
//
// Parameters as PyTorch's: weight_ih_l0 [gates · H, input_size], weight_hh_l0 [gates · H, H], bias_ih_l0
// and bias_hh_l0 [gates · H] (with `bias`), the gates of LSTM in the order input, forget, cell, output,
// those of GRU reset, update, new.
//
//   RNN   h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of that
//   LSTM  i, f, o = σ(…), g = tanh(…); c' = f c + i g; h' = o tanh(c')
//   GRU   r, z = σ(…); n = tanh(W_in x + b_in + r (W_hn h + b_hn)); h' = (1 − z) n + z h
class Recurrent {
 public:
  enum class Cell : std::uint8_t { rnn_tanh, rnn_relu, lstm, gru };
  struct Options {
    Cell cell = Cell::rnn_tanh;
    std::int64_t input_size;
    std::int64_t hidden_size;
    bool bias = true;
    bool reverse = false;      // from the sequence's end to its begin; y keeps the sequence's order
    bool reset_first = false;  // GRU: n = tanh(W_in x + b_in + W_hn (r h) + b_hn), ONNX's default
  };

  // Throws Error for a size below 1.
  explicit Recurrent(const Options& options);

  // "RNN", "LSTM" or "GRU"
  std::string_view kind() const;
  std::size_t output_count() const { return is_lstm() ? 3 : 2; }
  // Throws Error: "expected x [L, N, 8], got [2, 3, 7]", and for states that do not fit it.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  std::size_t scratch_bytes(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
               Context& context) const;
  std::int64_t multiply_adds(std::span<const TensorSpec> in) const;
  std::vector<NamedParameter> parameters();
  // "8, 16, reverse=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }
  std::int64_t gates() const;

  Parameter weight_ih, weight_hh, bias_ih, bias_hh;

 private:
  bool is_lstm() const { return options_.cell == Cell::lstm; }

  Options options_;
};

}  // namespace nn
