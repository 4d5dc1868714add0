#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nn/nn.h>

namespace apps {

// What one core can do at most.
struct Limits {
  double flops;      // operations a second in multiply-adds
  double bandwidth;  // bytes a second in reading as many as a network's weights are
};

// Bytes of a layer's weights.
std::size_t weight_bytes(const nn::Node& node);
std::size_t weight_bytes(const nn::Graph& graph);

// How fast a node of a session's graph is.
struct LayerSpeed {
  std::string name;
  std::string kind;
  std::vector<nn::Shape> outputs;  // of the whole batch
  double seconds;                  // median of one call
  std::int64_t multiply_adds;      // of one call, by the layer's formula; 0: it counts none
  std::size_t bytes;               // of weights, read once for each block of rows

  double flops() const { return 2 * static_cast<double>(multiply_adds) / seconds; }
  double bandwidth() const { return static_cast<double>(bytes) / seconds; }
  // Would reading the weights alone take longer than computing alone?
  bool bound_by_weights(const Limits& limits) const;
};

// How fast a session runs input of one batch.
struct Speed {
  std::int64_t calls;
  double median;  // seconds of a call
  double minimum;
};

// Calls session.run on the input until the seconds are over, after one that is not counted; a few
// times at least.
Speed measure_session(nn::Session& session, const nn::Tensor& input, double seconds);
// The same with session.profile.
std::vector<LayerSpeed> measure_layers(nn::Session& session, const nn::Tensor& input,
                                       double seconds);

}  // namespace apps
