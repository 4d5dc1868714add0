#pragma once

#include <apps/json.h>
#include <apps/network.h>
#include <string>
#include <vector>

#include <nn/shape.h>

namespace apps {

// A layer as a session runs it.
struct SessionLayer {
  std::string name, kind, kernel;
  nn::Shape output;  // of one picture
};

std::vector<SessionLayer> session_layers(const Network& network);

std::string session_layers_text(const std::vector<SessionLayer>& layers);
Json session_layers_json(const std::vector<SessionLayer>& layers);

// [1, 28, 28] as an array of numbers.
Json shape_json(const nn::Shape& shape);

}  // namespace apps
