#include <nn/draw/formats.h>
#include <nn/draw/palette.h>

namespace nn::draw {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string label(const Diagram::Box& box) {
  std::string text = quoted(box.title);
  text.pop_back();
  for (const std::string& line : box.lines) {
    text += "\\n" + quoted(line).substr(1);
    text.pop_back();
  }
  return text + '"';
}

}  // namespace

std::string to_dot(const Diagram& diagram) {
  std::string text = concat("digraph {\n  label=", quoted(diagram.title),
                            "; labelloc=t; fontname=\"sans-serif\";\n  node [shape=box, "
                            "style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=10];\n");
  for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
    const Diagram::Box& box = diagram.boxes[i];
    const Colours colours = colours_of(box.look);
    text += concat("  n", i, " [label=", label(box), ", fillcolor=\"", colours.fill, "\", color=\"",
                   colours.edge, "\"", box.look == Look::port ? ", fontcolor=white" : "", "];\n");
  }
  for (const Arrow& arrow : diagram.arrows)
    text += concat("  n", arrow.from, " -> n", arrow.to, ";\n");
  return text + "}\n";
}

}  // namespace nn::draw
