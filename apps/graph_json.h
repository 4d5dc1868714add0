#pragma once

#include <apps/json.h>
#include <apps/model.h>
#include <span>
#include <string>

#include <nn/draw/graph_facts.h>

namespace apps {

// What `summary` and `inspect --graph` tell of a network: inputs, outputs, layers with what they
// read, and sums.
Json graph_json(const Model& model, const nn::GraphFacts& facts);

// Constants that are no weights say nothing of a network's size.
bool is_counted(const nn::NodeFacts& node);

// "[1, 64, 56, 56], [1, 64, 56, 56]"
std::string shapes_text(const nn::GraphFacts& facts, std::span<const nn::Value> values);

}  // namespace apps
