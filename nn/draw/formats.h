#pragma once

#include <string>

#include <nn/draw/diagram.h>

namespace nn::draw {

// A picture of its own: valid XML, no fonts, styles or links from elsewhere; names are escaped.
std::string to_svg(const Diagram& diagram);
// For Graphviz.
std::string to_dot(const Diagram& diagram);
// Markdown with a Mermaid flowchart, as GitHub shows it.
std::string to_mermaid(const Diagram& diagram);

}  // namespace nn::draw
