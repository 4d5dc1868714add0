#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <models/printed_steps.h>
#include <models/wiring.h>

namespace models {

// One layer of a chain that is to become a graph.
struct Link {
  std::string name;
  nn::Module layer;
  Duty duty;
  bool open_before = false;  // as PrintedStep's
  bool tool = false;
  std::size_t module = 0;  // index in the printed net; 0 for what is not printed
};

// The sizes of a layer with weights or a BatchNorm along the channels; nothing for other layers.
std::optional<std::int64_t> channels_in(const nn::Module& layer);
std::optional<std::int64_t> channels_out(const nn::Module& layer);

// The layers of a printed net in the order in which they presumably run, each choice told in
// `assumed`:
//  - where `forward` is not known, layers with weights run once each, in the order printed;
//  - of BatchNorms that stand in a row (bn1, bn2 below conv1, conv2) each follows the layer whose
//    channels it has, of several the one of its number, or as `options.norm_after` says;
//  - a layer with weights is followed by an activation, unless it is the last; where none is
//    printed, and a function may stand, by `options.activation`, the one kind of activation that is
//    printed elsewhere, or relu; `options.without_activation` names layers that none follows;
//  - such an activation stands behind the layer's BatchNorm, or before it by `options.order`;
//  - activations that are printed before all weights or behind them serve for that alone.
// Flatten and dropout of such classes are left out: one follows from shapes, the other does nothing.
std::vector<Link> chain_of(const PrintedNet& net, const WiringOptions& options,
                           std::vector<Assumption>& assumed);

}  // namespace models
