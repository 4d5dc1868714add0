// The table's rows for RNN, LSTM and GRU.
#include <array>

#include <nn/import/exported_step.h>
#include <nn/import/recurrent_layers.h>
#include <nn/layers/concat.h>
#include <nn/layers/slice.h>
#include <nn/layers/transpose.h>

namespace nn {
namespace {

using Cell = Recurrent::Cell;

void give_recurrent(ExportedStep& step, Cell cell) {
  if (step.boolean("train", false) && step.number("dropout", 0) != 0) {
    fail("it drops values out: export the model after model.eval()");
  }
  const std::int64_t layers = step.integer("num_layers");
  const std::int64_t directions = step.boolean("bidirectional", false) ? 2 : 1;
  const bool biases = step.boolean("has_biases", true),
             rows_first = step.boolean("batch_first", false);
  const std::vector<Operand> params = step.tensors("params");
  const std::size_t each = biases ? 4 : 2, states = cell == Cell::lstm ? 2 : 1;
  const std::size_t cells = params.size() / each;
  if (layers < 1 || params.size() % each != 0 ||
      static_cast<std::uint64_t>(layers) * static_cast<std::uint64_t>(directions) != cells) {
    fail("it has ", params.size(), " parameters, expected ", each, " for each of ", layers,
         " layers and ", directions, " directions: projections are not supported");
  }
  const ExportedLayers before = step.before();
  const auto turned = [&](const Operand& x) {
    return rows_first ? before.add(Transpose({.dim0 = 0, .dim1 = 1}), {x}) : x;
  };
  const std::vector<Operand> initial =
      states == 2 ? step.tensors("hx") : std::vector<Operand>{step.tensor("hx")};
  if (initial.size() != states) fail("it has ", initial.size(), " states, expected ", states);
  Operand x = turned(step.tensor("input"));
  std::vector<std::vector<Operand>> last(states);
  std::size_t at = 0;  // of params
  for (std::int64_t i = 0; i < layers * directions; i += directions) {
    std::vector<Operand> sequences;
    for (std::int64_t d = 0; d < directions; ++d) {
      for (std::size_t k = 0; k < each; ++k) {
        if (!params[at + k].known()) fail("its parameters are computed from the inputs");
      }
      RecurrentWeights weights{params[at].constant, params[at + 1].constant};
      if (biases) {
        weights.bias_ih = params[at + 2].constant;
        weights.bias_hh = params[at + 3].constant;
      }
      at += each;
      std::vector<Operand> inputs{x};
      for (const Operand& state : initial) {
        inputs.push_back(before.add(Slice({.dim = 0, .start = i + d, .end = i + d + 1}), {state}));
      }
      const auto out = before.add_all(recurrent_of(cell, weights, d == 1), inputs);
      sequences.push_back(out[0]);
      for (std::size_t k = 0; k < states; ++k) last[k].push_back(out[k + 1]);
    }
    x = directions == 1 ? sequences[0] : before.add(Concat({.dim = 2}), sequences);
  }
  step.give(turned(x), 0);
  for (std::size_t k = 0; k < states; ++k) {
    step.give(last[k].size() == 1 ? last[k][0] : before.add(Concat({.dim = 0}), last[k]), k + 1);
  }
}

template <Cell cell>
void recurrent(ExportedStep& step) {
  give_recurrent(step, cell);
}

constexpr std::array rows{
    ExportedOperator{"lstm.input", recurrent<Cell::lstm>},
    ExportedOperator{"gru.input", recurrent<Cell::gru>},
    ExportedOperator{"rnn_tanh.input", recurrent<Cell::rnn_tanh>},
    ExportedOperator{"rnn_relu.input", recurrent<Cell::rnn_relu>},
};

}  // namespace

std::span<const ExportedOperator> exported_recurrent_operators() { return rows; }

}  // namespace nn
