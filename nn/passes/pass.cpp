#include <array>

#include <nn/passes/channels_last.h>
#include <nn/passes/drop_identity.h>
#include <nn/passes/drop_moves.h>
#include <nn/passes/fold_arithmetic.h>
#include <nn/passes/fold_batch_norm.h>
#include <nn/passes/fuse_activation.h>
#include <nn/passes/fuse_max_pool.h>
#include <nn/passes/join_moves.h>
#include <nn/passes/name_activations.h>
#include <nn/passes/name_layer_norm.h>
#include <nn/passes/pass.h>
#include <nn/passes/share_constants.h>
#include <nn/passes/turn_softmax.h>

namespace nn {

std::span<const Pass> default_passes() {
  static constexpr std::array passes{
      Pass{"drop_identity", drop_identity},     Pass{"share_constants", share_constants},
      Pass{"join_moves", join_moves},           Pass{"turn_softmax", turn_softmax},
      Pass{"drop_moves", drop_moves},           Pass{"name_activations", name_activations},
      Pass{"name_layer_norm", name_layer_norm}, Pass{"fold_batch_norm", fold_batch_norm},
      Pass{"fold_arithmetic", fold_arithmetic}, Pass{"fuse_activation", fuse_activation},
      Pass{"fuse_max_pool", fuse_max_pool},     Pass{"channels_last", channels_last},
  };
  return passes;
}

Graph run_passes(Graph graph, std::span<const TensorSpec> inputs, std::span<const Pass> passes) {
  for (const Pass& pass : passes) graph = pass.run(graph, infer(graph, inputs));
  return graph;
}

}  // namespace nn
