#pragma once

#include <nn/passes/pass.h>

namespace nn {

// Conv2d or Linear followed by BatchNorm, where nothing else reads the value between: the scale
// goes into the weight and the shift into the bias, computed in double. Left alone when a scale or
// shift is not finite, so that infinities and NaN come out as without the pass.
Graph fold_batch_norm(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
