#pragma once

#include <apps/network.h>
#include <cstdint>
#include <string>

namespace apps {

// The network of a file that carries its graph: ONNX, or a program of torch.export. What its output
// holds is told from its last layer; sizes that the file leaves free and how pictures become its
// input are assumed, and said in `assumed`. Throws nn::Error when it has not one input of float32
// and one output.
//
// A net of three channels is one for photographs, unless digits alone are at hand.
enum class Pictures : std::uint8_t { any, digits };
Network graph_network(const std::string& file, const NetOptions& net,
                      Pictures pictures = Pictures::any);

}  // namespace apps
