// The table's rows for RNN, LSTM and GRU.
#include <algorithm>
#include <array>

#include <nn/import/onnx_step.h>
#include <nn/import/recurrent_layers.h>
#include <nn/layers/concat.h>
#include <nn/layers/permute.h>
#include <nn/layers/slice.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

using Cell = Recurrent::Cell;

// Of [directions, gates · H, *] one direction's rows, gates in PyTorch's order.
Values gates_of(const Values& all, std::int64_t direction, std::span<const std::int64_t> order) {
  const Shape& shape = all->shape();
  const auto gates = static_cast<std::int64_t>(order.size());
  if (shape.rank() < 2 || shape[0] <= direction || shape[1] % gates != 0) {
    fail("a weight is ", shape, ", expected [directions, ", gates, " · hidden_size, …]");
  }
  Shape out;
  for (std::size_t i = 1; i < shape.rank(); ++i) out = out.appended(shape[i]);
  Tensor result(out);
  const auto run = static_cast<std::size_t>(out.numel() / gates);
  const std::span<const float> from =
      all->f32().subspan(static_cast<std::size_t>(direction * out.numel()));
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::ranges::copy(from.subspan(static_cast<std::size_t>(order[i]) * run, run),
                      result.f32().subspan(i * run).begin());
  }
  return std::make_shared<const Tensor>(std::move(result));
}

// Of [directions, 2 · gates · H] the biases of x, or those of the state.
Values bias_of(const Values& all, std::int64_t direction, bool of_state,
               std::span<const std::int64_t> order) {
  const Shape& shape = all->shape();
  if (shape.rank() != 2 || shape[1] % 2 != 0) {
    fail("the bias is ", shape, ", expected [directions, 2 · gates · hidden_size]");
  }
  const Tensor parts = all->reshaped({shape[0] * 2, shape[1] / 2});
  return gates_of(std::make_shared<const Tensor>(parts), 2 * direction + (of_state ? 1 : 0), order);
}

void require_plain(const OnnxStep& step, std::size_t peepholes) {
  if (step.has("clip")) fail("attribute 'clip' is not supported");
  if (step.integer("input_forget", 0) != 0) fail("attribute 'input_forget' is 1, expected 0");
  if (step.gives(4)) fail("input 4, the lengths of the sequences, is not supported");
  if (step.gives(peepholes)) fail("input ", peepholes, ", the peepholes, is not supported");
}

// The cell, by the attribute 'activations', which has to be the standard's for each direction.
Cell cell_of(const OnnxStep& step, Cell cell, std::int64_t directions) {
  std::vector<std::string> expected{"Tanh"};
  if (cell == Cell::lstm) expected = {"Sigmoid", "Tanh", "Tanh"};
  if (cell == Cell::gru) expected = {"Sigmoid", "Tanh"};
  const std::vector<std::string> given = step.texts("activations");
  if (given.empty()) return cell;
  const auto is = [&](const std::vector<std::string>& each) {
    bool same = given.size() == each.size() * static_cast<std::size_t>(directions);
    for (std::size_t i = 0; same && i < given.size(); ++i) same = given[i] == each[i % each.size()];
    return same;
  };
  if (is(expected)) return cell;
  if (cell == Cell::rnn_tanh && is({"Relu"})) return Cell::rnn_relu;
  fail("attribute 'activations' has others than ", expected[0],
       expected.size() > 1 ? " and Tanh" : "", ", which are not supported");
}

void give_recurrent(OnnxStep& step, Cell kind, std::span<const std::int64_t> order) {
  require_plain(step, kind == Cell::lstm ? 7 : 6);
  const std::string direction = step.text("direction", "forward");
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  if (directions == 1 && direction != "forward" && direction != "reverse") {
    fail("attribute 'direction' is '", printable(direction),
         "', expected forward, reverse or bidirectional");
  }
  const Cell cell = cell_of(step, kind, directions);
  const bool rows_first = step.integer("layout", 0) != 0;
  const auto turned = [&](const Operand& x) {
    return rows_first ? step.between(Transpose({.dim0 = 0, .dim1 = 1}), {x}) : x;
  };
  const Operand x = turned(step.input(0));
  const std::size_t states = kind == Cell::lstm ? 2 : 1;
  const bool has_states = step.gives(5);
  if (states == 2 && step.gives(6) != has_states) fail("one of two initial states is missing");
  std::vector<std::vector<Operand>> results(1 + states);
  for (std::int64_t d = 0; d < directions; ++d) {
    RecurrentWeights weights{gates_of(step.weight(1), d, order),
                             gates_of(step.weight(2), d, order)};
    if (step.gives(3)) {
      weights.bias_ih = bias_of(step.weight(3), d, false, order);
      weights.bias_hh = bias_of(step.weight(3), d, true, order);
    }
    std::vector<Operand> inputs{x};
    for (std::size_t i = 0; has_states && i < states; ++i) {
      inputs.push_back(
          step.between(Slice({.dim = 0, .start = d, .end = d + 1}), {turned(step.input(5 + i))}));
    }
    const bool reset_first = kind == Cell::gru && step.integer("linear_before_reset", 0) == 0;
    const auto out = step.between_all(
        recurrent_of(cell, weights, d == 1 || direction == "reverse", reset_first), inputs);
    results[0].push_back(step.between(Unsqueeze({.dim = 1}), {out[0]}));
    for (std::size_t i = 1; i <= states; ++i) results[i].push_back(out[i]);
  }
  for (std::size_t i = 0; i <= states; ++i) {
    if (!step.wants(i)) continue;
    Operand y = results[i][0];
    const std::int64_t dim = i == 0 ? 1 : 0;  // of the directions
    if (directions == 2) y = step.between(Concat({.dim = dim}), {y, results[i][1]});
    if (rows_first && i == 0) y = step.between(Permute({.dims = {2, 0, 1, 3}}), {y});
    step.give(i == 0 ? y : turned(y), i);
  }
}

void rnn(OnnxStep& step) {
  constexpr std::array<std::int64_t, 1> order{0};
  give_recurrent(step, Cell::rnn_tanh, order);
}
void lstm(OnnxStep& step) {
  constexpr std::array<std::int64_t, 4> order{0, 2, 3,
                                              1};  // the file's: input, output, forget, cell
  give_recurrent(step, Cell::lstm, order);
}
void gru(OnnxStep& step) {
  constexpr std::array<std::int64_t, 3> order{1, 0, 2};  // the file's: update, reset, new
  give_recurrent(step, Cell::gru, order);
}

constexpr std::array rows{
    OnnxOperator{"RNN", rnn},
    OnnxOperator{"LSTM", lstm},
    OnnxOperator{"GRU", gru},
};

}  // namespace

std::span<const OnnxOperator> onnx_recurrent_operators() { return rows; }

}  // namespace nn
