#pragma once

#include <vector>

#include <nn/import/common_layers.h>
#include <nn/layers/recurrent.h>

namespace nn {

// The values of one layer in one direction: weights [gates · H, *], biases null where there is none.
struct RecurrentWeights {
  Values weight_ih, weight_hh, bias_ih = nullptr, bias_hh = nullptr;
};

// Throws Error for weights that do not fit each other.
Module recurrent_of(Recurrent::Cell cell, const RecurrentWeights& weights, bool reverse,
                    bool reset_first = false);

}  // namespace nn
