#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include <nn/draw/formats.h>
#include <nn/draw/palette.h>

namespace nn::draw {
namespace {

constexpr double line_height = 15;
constexpr double padding = 7;
constexpr double header = 26;

// XML's text: markup escaped, and what XML 1.0 has no place for replaced.
std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool no_character = text.substr(i).starts_with("\xef\xbf\xbe") ||
                              text.substr(i).starts_with("\xef\xbf\xbf");  // U+FFFE, U+FFFF
    if (no_character) {
      result += "\xef\xbf\xbd";
      i += 2;
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else {
      result += c;
    }
  }
  return result;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// A long line's beginning and end.
std::string shortened(const std::string& line) {
  constexpr std::size_t most = 44, ends = 20;
  if (characters(line) <= most) return line;
  const auto starts = [&](std::size_t at) {
    return (static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U;
  };
  std::size_t first = ends, last = line.size() - ends;
  while (!starts(first)) --first;
  while (!starts(last)) ++last;
  return line.substr(0, first) + "…" + line.substr(last);
}

// Fonts differ from reader to reader: room for a wide one.
Size size_of(const Diagram::Box& box) {
  double width = 8.4 * static_cast<double>(characters(box.title));
  for (const std::string& line : box.lines) {
    width = std::max(width, 6.3 * static_cast<double>(characters(shortened(line))));
  }
  return {std::round(std::max(80.0, width + 2 * padding)),
          line_height * static_cast<double>(1 + box.lines.size()) + padding + 3};
}

// Whole numbers and halves; a picture needs no more.
std::string number(double value) {
  const auto halves = static_cast<std::int64_t>(std::lround(2 * value));
  return std::to_string(halves / 2) + (halves % 2 == 0 ? "" : ".5");
}

std::string box_text(const Diagram::Box& box, Point corner, Size size) {
  const std::string middle = number(corner.x + size.width / 2);
  std::string text =
      concat("<g class=\"", colours_of(box.look).name, "\"><rect x=\"", number(corner.x), "\" y=\"",
             number(corner.y), "\" width=\"", number(size.width), "\" height=\"",
             number(size.height), "\" rx=\"5\"/>");
  double y = corner.y + line_height;
  text += concat("<text x=\"", middle, "\" y=\"", number(y), "\" class=\"t\">",
                 escaped(shortened(box.title)), "</text>");
  for (const std::string& line : box.lines) {
    y += line_height;
    text += concat("<text x=\"", middle, "\" y=\"", number(y), "\">", escaped(shortened(line)));
    if (shortened(line) != line) text += "<title>" + escaped(line) + "</title>";
    text += "</text>";
  }
  return text + "</g>\n";
}

std::string line_text(const Line& line, double arrow_length) {
  std::string path;
  Point at;
  for (std::size_t i = 0; i < line.points.size(); ++i) {
    Point to = line.points[i];
    if (line.arrow && i + 1 == line.points.size()) to.y -= arrow_length;
    if (i == 0) {
      path = concat("M", number(to.x), " ", number(to.y));
    } else if (number(to.x) != number(at.x)) {  // a bend, upright at both ends
      const std::string half = number((at.y + to.y) / 2);
      path += concat("C", number(at.x), " ", half, " ", number(to.x), " ", half, " ", number(to.x),
                     " ", number(to.y));
    } else if (number(to.y) != number(at.y)) {
      const bool goes_on =
          i + 1 < line.points.size() && number(line.points[i + 1].x) == number(to.x);
      if (!goes_on) path += concat("V", number(to.y));
      if (goes_on) to.y = at.y;  // one stroke for the whole way
    }
    at = to;
  }
  return concat("<path d=\"", path, "\"", line.arrow ? " marker-end=\"url(#a)\"" : "", "/>\n");
}

std::string styles(const Diagram& diagram) {
  std::string text =
      "rect{stroke-width:1.2}text{text-anchor:middle;font-size:11px;fill:#37474f}"
      ".t{font-size:12.5px;font-weight:600;fill:#102027}.port text{fill:#fff}"
      ".h{text-anchor:start;font-size:12px}path{fill:none;stroke:#607d8b;stroke-width:1.3}";
  std::set<Look> looks;
  for (const Diagram::Box& box : diagram.boxes) looks.insert(box.look);
  for (const Look look : looks) {
    const Colours colours = colours_of(look);
    text += concat(".", colours.name, " rect{fill:", colours.fill, ";stroke:", colours.edge, "}");
  }
  return text;
}

}  // namespace

std::string to_svg(const Diagram& diagram) {
  std::vector<Size> sizes;
  for (const Diagram::Box& box : diagram.boxes) sizes.push_back(size_of(box));
  Layout layout = lay_out(sizes, diagram.arrows);
  for (Point& corner : layout.corners) corner.y += header;
  for (Line& line : layout.lines) {
    for (Point& point : line.points) point.y += header;
  }
  const double title_width = 6.8 * static_cast<double>(characters(diagram.title)) + 32;
  const std::string width = number(std::max(layout.size.width, title_width));
  const std::string height = number(layout.size.height + header);
  std::string text = concat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "\" height=\"", height,
      "\" viewBox=\"0 0 ", width, " ", height,
      "\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, "
      "sans-serif\">\n<title>",
      escaped(diagram.title), "</title>\n<style>", styles(diagram),
      "</style>\n<defs><marker id=\"a\" viewBox=\"0 0 6 6\" refX=\"0\" refY=\"3\" "
      "markerWidth=\"6\" "
      "markerHeight=\"6\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" "
      "style=\"fill:#607d8b;stroke:none\"/></marker></defs>\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#fff\"/>\n<text x=\"16\" y=\"22\" class=\"h\">",
      escaped(diagram.title), "</text>\n");
  constexpr double arrow_length = 6;
  for (const Line& line : layout.lines) text += line_text(line, arrow_length);
  for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
    text += box_text(diagram.boxes[i], layout.corners[i], sizes[i]);
  }
  return text + "</svg>\n";
}

}  // namespace nn::draw
