#include <set>

#include <nn/draw/formats.h>
#include <nn/draw/palette.h>

namespace nn::draw {
namespace {

// What means something to Mermaid, Markdown or HTML, by its number.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\"#&<>;`\\*_~|{}").find(c) == std::string_view::npos) {
      result += c;
    } else {
      result += concat("#", int{c}, ";");
    }
  }
  return result;
}

// Markdown's text.
std::string escaped_title(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>&|#!~").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

std::string to_mermaid(const Diagram& diagram) {
  std::string text = concat(escaped_title(diagram.title), "\n\n```mermaid\nflowchart TD\n");
  std::set<Look> looks;
  for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
    const Diagram::Box& box = diagram.boxes[i];
    looks.insert(box.look);
    text += concat("  n", i, "[\"<b>", escaped(box.title), "</b>");
    for (const std::string& line : box.lines) text += "<br/>" + escaped(line);
    text += concat("\"]:::", colours_of(box.look).name, "\n");
  }
  for (const Arrow& arrow : diagram.arrows)
    text += concat("  n", arrow.from, " --> n", arrow.to, "\n");
  for (const Look look : looks) {
    const Colours colours = colours_of(look);
    text += concat("  classDef ", colours.name, " fill:", colours.fill, ",stroke:", colours.edge,
                   ",color:", look == Look::port ? "#fff" : "#102027", "\n");
  }
  return text + "```\n";
}

}  // namespace nn::draw
