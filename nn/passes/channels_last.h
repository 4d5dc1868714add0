#pragma once

#include <span>

#include <nn/graph.h>

namespace nn {

// Lets connected 1 × 1 and depthwise convolutions, and what may stand between them (activations,
// sums and products, global average pools), run on images whose channels are neighbours, [N, H, W, C],
// where the images to be turned at the edges of the region are few beside those within it.
Graph channels_last(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
