#include <nn/import/recurrent_layers.h>

namespace nn {

Module recurrent_of(Recurrent::Cell cell, const RecurrentWeights& weights, bool reverse,
                    bool reset_first) {
  const Shape& in = weights.weight_ih->shape();
  const Shape& state = weights.weight_hh->shape();
  if (in.rank() != 2 || state.rank() != 2) {
    fail("the weights are ", in, " and ", state, ", expected two matrices");
  }
  Recurrent layer({.cell = cell,
                   .input_size = in[1],
                   .hidden_size = state[1],
                   .bias = weights.bias_ih != nullptr,
                   .reverse = reverse,
                   .reset_first = reset_first});
  layer.weight_ih.assign(weights.weight_ih);
  layer.weight_hh.assign(weights.weight_hh);
  if (weights.bias_ih) {
    layer.bias_ih.assign(weights.bias_ih);
    layer.bias_hh.assign(weights.bias_hh);
  }
  return layer;
}

}  // namespace nn
