#pragma once

#include <apps/json.h>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/state_dict.h>
#include <nn/shape.h>

namespace apps {

// A layer as a session runs it.
struct SessionLayer {
  std::string name, kind, kernel;
  nn::Shape output;  // of one picture
};

// Those of the known network of that name, with these weights. Throws nn::Error when there is none.
std::vector<SessionLayer> session_layers(const nn::StateDict& weights, std::string_view network);

std::string session_layers_text(const std::vector<SessionLayer>& layers);
Json session_layers_json(const std::vector<SessionLayer>& layers);

// [1, 28, 28] as an array of numbers.
Json shape_json(const nn::Shape& shape);

}  // namespace apps
