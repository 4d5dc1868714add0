#include <algorithm>
#include <array>
#include <charconv>

#include <models/printed_layer.h>
#include <models/printed_steps.h>
#include <models/wiring_names.h>
#include <nn/nn.h>

namespace models {
namespace {

// Classes whose modules are no chain, by the words in their names.
constexpr std::array branching_kinds{"Residual",    "ResBlock",     "BasicBlock", "Bottleneck",
                                     "Inception",   "DenseLayer",   "DenseBlock", "Attention",
                                     "Transformer", "SqueezeExcit", "SEBlock",    "SELayer",
                                     "Fire"};
constexpr std::array branching_keys{"downsample", "shortcut", "skip", "residual", "branch"};

bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

// Of each module: is forward "one after another"? So it is for Sequential and for classes derived
// from it, which show by the names 0, 1, 2, … of what they hold.
std::vector<bool> find_sequential(const PrintedNet& net) {
  const auto modules = net.modules();
  std::vector<bool> sequential(modules.size());
  for (std::size_t i = 0; i < modules.size(); ++i) {
    std::size_t count = 0;
    bool numbered = modules[i].kind != "ModuleList";
    for (std::size_t j = i + 1; numbered && j < modules[i].end; j = modules[j].end) {
      numbered = modules[j].key == std::to_string(count++);
    }
    sequential[i] = modules[i].kind == "Sequential" || (numbered && count > 0);
  }
  return sequential;
}

// Modules that a class keeps for its training.
bool is_for_training(std::string_view kind) {
  return kind.ends_with("Loss") || kind.ends_with("Loss2d") || contains(kind, "Accuracy") ||
         kind.ends_with("F1Score") || kind == "MetricCollection";
}

void refuse_branches(const PrintedNet& net, std::size_t module) {
  const PrintedModule& m = net.modules()[module];
  if (module != 0 && m.end > module + 1) {
    const std::string_view foreign = wiring::foreign_layer(m.key);
    if (!foreign.empty()) {
      nn::fail(net.place(module), ": '", nn::printable(net.name(module)), "' is by its name ",
               foreign, ", and print(model) does not show how that is joined: export the model to ",
               "ONNX or a .pt2 file, or write its graph in C++");
    }
  }
  for (const char* word : branching_kinds) {
    if (!contains(m.kind, word)) continue;
    nn::fail(net.place(module), ": '", nn::printable(m.kind), "' is by its name no chain of ",
             "layers, and print(model) does not show how they are joined: export the model to ONNX "
             "or a .pt2 file, or write its graph in C++");
  }
  for (const char* word : branching_keys) {
    if (!m.key.starts_with(word)) continue;
    nn::fail(net.place(module), ": '", nn::printable(net.name(module)),
             "' is by its name a way around other layers, and print(model) does not show where it "
             "joins them: export the model to ONNX or a .pt2 file, or write its graph in C++");
  }
}

[[noreturn]] void refuse_kind(const PrintedNet& net, std::size_t module) {
  const PrintedModule& m = net.modules()[module];
  const std::string at = net.place(module);
  if (contains(m.kind, "ScriptModule")) {
    nn::fail(at, ": this is a TorchScript module, whose text lacks the layers' arguments: print ",
             "the Python model that it was made from");
  }
  if (m.kind.starts_with("Lazy")) {
    nn::fail(at, ": ", nn::printable(m.kind),
             " does not know its sizes yet: run the model once before printing it");
  }
  nn::fail(at, ": layer '", nn::printable(net.name(module)), "' (", nn::printable(m.kind),
           "): expected one of ", printed_kinds());
}

// The innermost module that holds both.
std::size_t common_parent(const PrintedNet& net, std::size_t before, std::size_t module) {
  std::size_t parent = net.modules()[module].parent;
  while (parent > before) parent = net.modules()[parent].parent;
  return parent;
}

PrintedStep step_of(const PrintedNet& net, std::size_t module) {
  const PrintedModule& m = net.modules()[module];
  std::optional<nn::Module> layer;
  try {
    layer = printed_layer(m.kind, m.arguments);
  } catch (const nn::Error& error) {
    nn::fail(net.place(module), ": layer '", nn::printable(net.name(module)), "' (",
             nn::printable(m.kind), "): ", error.what());
  }
  if (!layer) refuse_kind(net, module);
  const Duty duty = duty_of(*layer);
  return {module, net.name(module), *std::move(layer), duty, false, false};
}

}  // namespace

Duty duty_of(const nn::Module& layer) {
  const std::string kind = layer.kind();
  const auto is_one_of = [&](std::initializer_list<const char*> kinds) {
    return std::ranges::find(kinds, kind) != kinds.end();
  };
  if (is_one_of({"Conv2d", "Linear"})) return Duty::weights;
  if (is_one_of({"BatchNorm1d", "BatchNorm2d"})) return Duty::norm;
  if (is_one_of({"MaxPool2d", "AvgPool2d"})) return Duty::pool;
  if (is_one_of({"Softmax", "LogSoftmax"})) return Duty::output;
  if (is_one_of({"Flatten"})) return Duty::flatten;
  if (is_one_of({"Dropout", "Dropout2d", "Identity"})) return Duty::nothing;
  if (is_one_of({"AdaptiveAvgPool2d", "Reshape"})) return Duty::other;
  return Duty::activation;
}

std::vector<PrintedStep> printed_steps(const PrintedNet& net) {
  std::vector<PrintedStep> steps;
  const auto modules = net.modules();
  const std::vector<bool> sequential = find_sequential(net);
  for (std::size_t i = 0; i < modules.size(); ++i) {
    refuse_branches(net, i);
    if (modules[i].end > i + 1) continue;
    if (is_for_training(modules[i].kind)) continue;
    const std::string& kind = modules[i].kind;
    if (modules[i].arguments.empty() && (kind == "Sequential" || kind == "ModuleList")) continue;
    PrintedStep step = step_of(net, i);
    if (!steps.empty()) {
      step.open_before = !sequential[common_parent(net, steps.back().module, i)];
    }
    step.tool =
        i != 0 && !sequential[modules[i].parent] &&
        (step.duty == Duty::activation || step.duty == Duty::pool || step.duty == Duty::output ||
         step.duty == Duty::flatten || step.duty == Duty::nothing);
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace models
