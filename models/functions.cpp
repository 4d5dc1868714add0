#include <array>

#include <models/functions.h>
#include <nn/nn.h>

namespace models {
namespace {

struct Activation {
  std::string_view name;
  std::string_view kind;
  nn::Module (*make)();
};

constexpr std::array activations{
    Activation{"relu", "ReLU", [] { return nn::Module(nn::ReLU{}); }},
    Activation{"tanh", "Tanh", [] { return nn::Module(nn::Tanh{}); }},
    Activation{"sigmoid", "Sigmoid", [] { return nn::Module(nn::Sigmoid{}); }},
    Activation{"leaky_relu", "LeakyReLU", [] { return nn::Module(nn::LeakyReLU{}); }},
    Activation{"gelu", "GELU", [] { return nn::Module(nn::GELU{}); }},
    Activation{"silu", "SiLU", [] { return nn::Module(nn::SiLU{}); }},
};

constexpr auto names = [] {
  std::array<std::string_view, activations.size()> result;
  for (std::size_t i = 0; i < activations.size(); ++i) result[i] = activations[i].name;
  return result;
}();

std::string spoken_pool(std::string_view name, nn::IntPair kernel, nn::IntPair stride) {
  std::string text = nn::concat(name, " ", kernel.h, "x", kernel.w);
  if (stride != kernel) {
    text += stride.h == stride.w ? nn::concat(" stride ", stride.h)
                                 : nn::concat(" stride ", stride.h, "x", stride.w);
  }
  return text;
}

}  // namespace

std::span<const std::string_view> activation_names() { return names; }

std::optional<nn::Module> activation_named(std::string_view name) {
  for (const Activation& activation : activations) {
    if (activation.name == name) return activation.make();
  }
  return std::nullopt;
}

std::optional<nn::Module> pool_named(std::string_view name) {
  if (name == "max") return nn::Module(nn::MaxPool2d({.kernel_size = 2}));
  if (name == "avg") return nn::Module(nn::AvgPool2d({.kernel_size = 2}));
  return std::nullopt;
}

std::string spoken(const nn::Module& layer) {
  if (const auto* max = layer.as<nn::MaxPool2d>()) {
    return spoken_pool("max", max->options().kernel_size, max->options().stride);
  }
  if (const auto* avg = layer.as<nn::AvgPool2d>()) {
    return spoken_pool("avg", avg->options().kernel_size, avg->options().stride);
  }
  const std::string kind = layer.kind();
  for (const Activation& activation : activations) {
    if (activation.kind == kind) return std::string(activation.name);
  }
  return kind;
}

}  // namespace models
