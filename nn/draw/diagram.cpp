#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include <nn/draw/diagram.h>

namespace nn::draw {
namespace {

constexpr std::size_t widest_line = 40;  // characters

struct Known {
  std::string_view part;  // of the kind's name
  Look look;
};
// The first that a kind's name contains.
constexpr std::array known_looks{
    Known{"Conv", Look::convolution},   Known{"Linear", Look::product},
    Known{"MatMul", Look::product},     Known{"Attention", Look::product},
    Known{"matmul", Look::product},     Known{"Norm", Look::norm},
    Known{"Softmax", Look::softmax},    Known{"LogSoftmax", Look::softmax},
    Known{"Pool", Look::pool},          Known{"Upsample", Look::pool},
    Known{"PixelShuffle", Look::pool},  Known{"mean", Look::pool},
    Known{"LU", Look::activation},      Known{"Sigmoid", Look::activation},
    Known{"sigmoid", Look::activation}, Known{"swish", Look::activation},
    Known{"Mish", Look::activation},    Known{"anh", Look::activation},
    Known{"Soft", Look::activation},    Known{"Reshape", Look::move},
    Known{"Flatten", Look::move},       Known{"Permute", Look::move},
    Known{"Transpose", Look::move},     Known{"Slice", Look::move},
    Known{"Select", Look::move},        Known{"Split", Look::move},
    Known{"queeze", Look::move},        Known{"Expand", Look::move},
    Known{"Pad", Look::move},           Known{"Identity", Look::move},
    Known{"Dropout", Look::move},       Known{"Concat", Look::join},
    Known{"add", Look::join},           Known{"mul", Look::join},
    Known{"Add", Look::join},           Known{"Mul", Look::join},
    Known{"sub", Look::join},           Known{"div", Look::join},
};

Look look_of(std::string_view kind) {
  const auto found = std::ranges::find_if(
      known_looks, [&](const Known& known) { return kind.find(known.part) != kind.npos; });
  return found == known_looks.end() ? Look::other : found->look;
}

// "64, 128, kernel_size=(3, 3), stride=(2, 2)" at its outermost commas.
std::vector<std::string> split(std::string_view arguments) {
  std::vector<std::string> parts;
  int depth = 0;
  std::string part;
  for (const char c : arguments) {
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c == ',' && depth == 0) {
      parts.push_back(std::exchange(part, {}));
    } else if (c != ' ' || !part.empty()) {
      part += c;
    }
  }
  if (!part.empty()) parts.push_back(part);
  return parts;
}

// What PyTorch prints though it is what nobody asked for.
bool is_default(std::string_view argument) {
  static constexpr std::array<std::string_view, 14> defaults{"bias=True",
                                                             "dilation=1",
                                                             "ceil_mode=False",
                                                             "affine=True",
                                                             "track_running_stats=True",
                                                             "momentum=0.1",
                                                             "stride=(1, 1)",
                                                             "padding=(0, 0)",
                                                             "dilation=(1, 1)",
                                                             "groups=1",
                                                             "padding=0",
                                                             "eps=1e-05",
                                                             "start_dim=1",
                                                             "end_dim=-1"};
  return std::ranges::find(defaults, argument) != defaults.end();
}

// Lines of at most so many characters, where possible: "64, 128, 3x3, stride=2x2".
std::vector<std::string> argument_lines(std::string_view arguments) {
  std::vector<std::string> lines;
  for (std::string part : split(printable(arguments))) {
    if (is_default(part)) continue;
    const std::size_t open = part.find("=(");
    if (open != part.npos && part.ends_with(')') && std::ranges::count(part, ',') == 1) {
      const std::size_t comma = part.find(',');
      const std::string pair = concat(part.substr(open + 2, comma - open - 2), "x",
                                      part.substr(comma + 2, part.size() - comma - 3));
      part = part.substr(0, open) == "kernel_size" ? pair : concat(part.substr(0, open + 1), pair);
    }
    if (lines.empty() || lines.back().size() + 2 + part.size() > widest_line) {
      if (!lines.empty()) lines.back() += ',';
      lines.push_back(std::move(part));
    } else {
      lines.back() += ", " + part;
    }
  }
  return lines;
}

std::string spec_text(const TensorSpec& spec) {
  return spec.dtype == DType::float32 ? to_text(spec.shape) : to_text(spec);
}

std::string shapes_text(const GraphFacts& facts, std::span<const Value> values) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, values.size()); ++i) {
    text += (i == 0 ? "" : ", ") + spec_text(facts.spec(values[i]));
  }
  return values.size() > most ? concat(text, " and ", values.size() - most, " more") : text;
}

std::string costs_text(const NodeFacts& node) {
  std::string text;
  if (node.parameters > 0) text = concat(short_number(node.parameters), " parameters");
  if (node.multiply_adds > 0) {
    text += concat(text.empty() ? "" : ", ", short_number(node.multiply_adds), " multiply-adds");
  }
  return text;
}

}  // namespace

std::string short_number(std::int64_t number) {
  static constexpr std::array<const char*, 7> units{"", " k", " M", " G", " T", " P", " E"};
  auto value = static_cast<double>(number);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  char text[32];
  const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  std::snprintf(text, sizeof text, "%.*f%s", digits, value, units[unit]);
  return text;
}

Diagram diagram_of(const GraphFacts& facts, std::string_view name) {
  Diagram diagram;
  diagram.title = concat(printable(name), ": ", short_number(facts.parameters()), " parameters, ",
                         short_number(facts.multiply_adds()), " multiply-adds");
  struct Source {  // of a value
    std::size_t box = SIZE_MAX, port = 0;
  };
  std::vector<Source> sources(facts.specs.size());
  std::vector<const NodeFacts*> constants(facts.specs.size());
  const auto index = [](Value value) { return static_cast<std::size_t>(value.id); };
  const auto connect = [&](Value value) {
    const Source& source = sources[index(value)];
    if (source.box != SIZE_MAX) {
      diagram.arrows.push_back({source.box, source.port, diagram.boxes.size()});
    }
  };
  for (const Graph::Port& port : facts.inputs) {
    sources[index(port.value)] = {diagram.boxes.size(), 0};
    diagram.boxes.push_back(
        {Look::port, printable(port.name), {spec_text(facts.spec(port.value))}});
  }
  for (const NodeFacts& node : facts.nodes) {
    if (node.constant) {
      constants[index(node.outputs[0])] = &node;
      continue;
    }
    Diagram::Box box{look_of(node.kind), node.kind, argument_lines(node.arguments)};
    for (const Value value : node.inputs) {
      if (constants[index(value)] == nullptr) {
        connect(value);
      } else {
        box.lines.push_back("constant " + spec_text(facts.spec(value)));
      }
    }
    box.lines.push_back(printable(node.name));
    box.lines.push_back(shapes_text(facts, node.outputs));
    if (std::string costs = costs_text(node); !costs.empty()) box.lines.push_back(std::move(costs));
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      sources[index(node.outputs[i])] = {diagram.boxes.size(), i};
    }
    diagram.boxes.push_back(std::move(box));
  }
  for (const Graph::Port& port : facts.outputs) {
    connect(port.value);
    diagram.boxes.push_back(
        {Look::port, printable(port.name), {spec_text(facts.spec(port.value))}});
  }
  return diagram;
}

}  // namespace nn::draw
