#pragma once

#include <nn/passes/pass.h>

namespace nn {

// A number, or one for each channel, that is multiplied with or added to what a Conv2d or Linear gives
// goes into its weight and bias, computed in double; also where permutes and reshapes that keep the
// channels lie between, and nothing else reads what is between. So Linear layers get the bias that exporters write
// as a sum, and residual blocks' scales cost nothing.
Graph fold_arithmetic(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
