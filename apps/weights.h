#pragma once

#include <apps/options.h>
#include <string>

#include <nn/graph.h>
#include <nn/import/load.h>
#include <nn/io/state_dict.h>

namespace apps {

// A file of weights as the options say, with its tensors renamed. Throws nn::Error.
nn::StateDict open_weights(const std::string& file, const WeightsOptions& options);

// Fills the graph; says on stderr what the report notes. Throws nn::Error.
nn::LoadReport load_weights(nn::Graph& graph, const nn::StateDict& weights,
                            const WeightsOptions& options);

}  // namespace apps
