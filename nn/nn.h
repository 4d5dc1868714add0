#pragma once

// The library's table of contents.
// clang-format off

// Values
#include <nn/error.h>
#include <nn/float8.h>
#include <nn/dtype.h>
#include <nn/shape.h>
#include <nn/tensor.h>

// Describe
#include <nn/parameter.h>
#include <nn/layer.h>
#include <nn/module.h>
#include <nn/graph.h>

// Layers
#include <nn/layers/int_pair.h>
#include <nn/layers/conv2d.h>
#include <nn/layers/conv_transpose2d.h>
#include <nn/layers/linear.h>
#include <nn/layers/batch_norm.h>
#include <nn/layers/layer_norm.h>
#include <nn/layers/group_norm.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/avg_pool2d.h>
#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/pool.h>
#include <nn/layers/upsample.h>
#include <nn/layers/resize.h>
#include <nn/layers/activations.h>
#include <nn/layers/prelu.h>
#include <nn/layers/relu.h>
#include <nn/layers/leaky_relu.h>
#include <nn/layers/gelu.h>
#include <nn/layers/silu.h>
#include <nn/layers/sigmoid.h>
#include <nn/layers/tanh.h>
#include <nn/layers/softmax.h>
#include <nn/layers/log_softmax.h>
#include <nn/layers/from_dim.h>
#include <nn/layers/flatten.h>
#include <nn/layers/reshape.h>
#include <nn/layers/add.h>
#include <nn/layers/mul.h>
#include <nn/layers/binary.h>
#include <nn/layers/unary.h>
#include <nn/layers/reduce.h>
#include <nn/layers/matmul.h>
#include <nn/layers/take.h>
#include <nn/layers/gather.h>
#include <nn/layers/gather_nd.h>
#include <nn/layers/top_k.h>
#include <nn/layers/recurrent.h>
#include <nn/layers/where.h>
#include <nn/layers/cast.h>
#include <nn/layers/channels_last_conv2d.h>
#include <nn/layers/concat.h>
#include <nn/layers/dropout.h>
#include <nn/layers/identity.h>
#include <nn/layers/permute.h>
#include <nn/layers/transpose.h>
#include <nn/layers/slice.h>
#include <nn/layers/select.h>
#include <nn/layers/split.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/stem_conv2d.h>
#include <nn/layers/unsqueeze.h>
#include <nn/layers/expand.h>
#include <nn/layers/tile.h>
#include <nn/layers/sizes_of.h>
#include <nn/layers/deferred.h>
#include <nn/layers/constant.h>
#include <nn/layers/pad.h>
#include <nn/layers/adaptive_max_pool2d.h>
#include <nn/layers/arg_max.h>
#include <nn/layers/cum_sum.h>
#include <nn/layers/pixel_shuffle.h>
#include <nn/layers/scaled_dot_product_attention.h>

// Layers as functions
#include <nn/functional.h>

// Load
#include <nn/io/file_facts.h>
#include <nn/io/state_dict.h>
#include <nn/io/save.h>
#include <nn/io/idx.h>
#include <nn/import/rename.h>
#include <nn/import/weight_norm.h>
#include <nn/import/wrapper.h>
#include <nn/import/load.h>
#include <nn/import/propose.h>
#include <nn/import/explain.h>
#include <nn/import/imported_graph.h>
#include <nn/import/import_model.h>
#include <nn/image/image.h>
#include <nn/image/decode.h>
#include <nn/image/digit.h>
#include <nn/image/photo.h>

// Prepare and run
#include <nn/passes/pass.h>
#include <nn/passes/drop_identity.h>
#include <nn/passes/share_constants.h>
#include <nn/passes/join_moves.h>
#include <nn/passes/drop_moves.h>
#include <nn/passes/resolve_sizes.h>
#include <nn/passes/turn_softmax.h>
#include <nn/passes/name_activations.h>
#include <nn/passes/name_layer_norm.h>
#include <nn/passes/fold_batch_norm.h>
#include <nn/passes/fold_arithmetic.h>
#include <nn/passes/fuse_activation.h>
#include <nn/passes/fuse_max_pool.h>
#include <nn/thread_pool.h>
#include <nn/session.h>
#include <nn/run_all.h>

// Show
#include <nn/draw/graph_facts.h>
#include <nn/draw/diagram.h>
#include <nn/draw/formats.h>

// Measure
#include <nn/machine.h>
