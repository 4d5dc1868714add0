#pragma once

#include <apps/options.h>
#include <cstdint>
#include <string>

#include <models/registry.h>
#include <nn/nn.h>

namespace apps {

// A known network with weights.
struct Network {
  const models::Model* model;
  nn::Graph graph;
  std::string file;  // that the weights came from; empty: they are made up
};

// `name` is a weights file, which tells the network by its tensors, or where there is no such file
// a network of the registry, with weights from a formula. Throws nn::Error.
Network open_network(const std::string& name, const WeightsOptions& options);

// Input of the network: rings of ink on black, no two alike. Drawn like digits, for layers may be
// faster where their input is zero.
nn::Tensor made_up_pictures(const models::Model& model, std::int64_t count);

}  // namespace apps
