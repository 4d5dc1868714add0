#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <models/net_text.h>
#include <nn/module.h>

namespace models {

// What a layer is for in the search for a net's wiring.
enum class Duty : std::uint8_t {
  weights,     // Conv2d, Linear
  norm,        // BatchNorm1d, BatchNorm2d
  activation,  // ReLU, Tanh, …
  pool,        // MaxPool2d, AvgPool2d
  output,      // Softmax, LogSoftmax
  flatten,
  nothing,  // Dropout, Identity
  other,    // AdaptiveAvgPool2d, Reshape
};
Duty duty_of(const nn::Module& layer);

// A layer of a printed net.
struct PrintedStep {
  std::size_t module;  // index in PrintedNet::modules()
  std::string name;    // "layer1.0"
  nn::Module layer;
  Duty duty;
  // Does it stand next to the step before in a module whose `forward` is not known, so that
  // functions that print does not show (relu, max_pool2d, view) may come between?
  bool open_before;
  // A layer without weights in a module whose `forward` is not known, which may use it at other
  // places and several times.
  bool tool;
};

// The layers in the order of the text. Sequential (or a class derived from it, which shows by its
// names 0, 1, 2, …) runs what it holds in that order; any other class may do what it likes. Losses
// and metrics are left out. Throws nn::Error, with the line, for a kind of layer that the library
// does not have or arguments that it does not take, and for modules that have branches by all that
// is known ('downsample' inside, classes named as residual, inception or attention blocks).
std::vector<PrintedStep> printed_steps(const PrintedNet& net);

}  // namespace models
