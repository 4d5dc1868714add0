#pragma once

#include <nn/graph.h>
#include <nn/kernels/activation.h>

namespace nn {

// The function that an elementwise activation layer applies; none where the node is another layer.
kernels::Activation activation_of(const Node& node);

}  // namespace nn
