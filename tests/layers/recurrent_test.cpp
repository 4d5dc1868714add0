// Against PyTorch they are compared in whole nets (tests/golden/onnx_rows, programs).
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../error_of.h"

namespace {

using nn::Recurrent;
using nn::Tensor;
using Cell = Recurrent::Cell;

// Of sizes 1 and 1, with all weights of x 0.5, of the state 2, biases 0.25 and -0.75.
Recurrent one_cell(Cell cell, bool reverse, bool reset_first) {
  Recurrent layer({.cell = cell,
                   .input_size = 1,
                   .hidden_size = 1,
                   .reverse = reverse,
                   .reset_first = reset_first});
  const auto all = [&](float value) {
    Tensor tensor({layer.gates()});
    std::ranges::fill(tensor.f32(), value);
    return tensor;
  };
  layer.weight_ih = all(0.5F).reshaped({layer.gates(), 1});
  layer.weight_hh = all(2).reshaped({layer.gates(), 1});
  layer.bias_ih = all(0.25F);
  layer.bias_hh = all(-0.75F);
  return layer;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// The state after x = 1 and x = -2, by the formulas.
double by_hand(Cell cell, bool reset_first) {
  double h = 0, c = 0;
  for (const double x : {1.0, -2.0}) {
    const double in = 0.5 * x + 0.25, gate = sigmoid(in + 2 * h - 0.75);
    if (cell == Cell::rnn_tanh) h = std::tanh(in + 2 * h - 0.75);
    if (cell == Cell::rnn_relu) h = std::max(in + 2 * h - 0.75, 0.0);
    if (cell == Cell::lstm) {
      c = gate * c + gate * std::tanh(in + 2 * h - 0.75);
      h = gate * std::tanh(c);
    }
    if (cell == Cell::gru) {
      const double state = reset_first ? 2 * gate * h - 0.75 : gate * (2 * h - 0.75);
      h = (1 - gate) * std::tanh(in + state) + gate * h;
    }
  }
  return h;
}

TEST(Recurrent, CellsFollowTheirFormulasInBothDirections) {
  for (const Cell cell : {Cell::rnn_tanh, Cell::rnn_relu, Cell::lstm, Cell::gru}) {
    for (const bool reset_first : {false, true}) {
      const float expected = static_cast<float>(by_hand(cell, reset_first));
      const auto run = [&](bool reverse, const Tensor& numbers) {
        const Tensor x = numbers.reshaped({2, 1, 1});
        const std::vector<nn::ConstTensorView> inputs{x};
        return nn::apply(one_cell(cell, reverse, reset_first), inputs);
      };
      const std::vector<Tensor> forth = run(false, nn::tensor({1, -2}));
      const std::vector<Tensor> reverse = run(true, nn::tensor({-2, 1}));
      EXPECT_NEAR(forth[0].f32()[1], expected, 1e-6);
      EXPECT_NEAR(reverse[0].f32()[0], expected, 1e-6) << "y keeps the sequence's order";
      EXPECT_EQ(forth[1].f32()[0], forth[0].f32()[1]);
    }
  }
}

TEST(Recurrent, RefusesWhatDoesNotFit) {
  const Recurrent layer({.cell = Cell::gru, .input_size = 3, .hidden_size = 2});
  const auto refusal = [&](const nn::Shape& x, const nn::Shape& state) {
    const std::vector<nn::TensorSpec> in{{x, nn::DType::float32}, {state, nn::DType::float32}};
    return error_of([&] { layer.outputs(in); });
  };
  EXPECT_EQ(refusal({4, 2, 3}, {1, 2, 2}), "(no error)");
  EXPECT_EQ(refusal({4, 2, 5}, {1, 2, 2}), "expected x [L, N, 3], got [4, 2, 5]");
  EXPECT_EQ(refusal({4, 2, 3}, {1, 1, 2}), "expected an initial state [1, 2, 2], got [1, 1, 2]");
  EXPECT_EQ(error_of([] { Recurrent({.input_size = 0, .hidden_size = 2}); }),
            "RNN: expected sizes of at least 1, got input_size=0 and hidden_size=2");
}

}  // namespace
