#include <models/functions.h>
#include <models/wiring_graph.h>
#include <nn/nn.h>

namespace models {
namespace {

std::string spoken_pool(std::string_view name, nn::IntPair kernel, nn::IntPair stride) {
  std::string text = nn::concat(name, " ", kernel.h, "x", kernel.w);
  if (stride != kernel) {
    text += stride.h == stride.w ? nn::concat(" stride ", stride.h)
                                 : nn::concat(" stride ", stride.h, "x", stride.w);
  }
  return text;
}

}  // namespace

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
  if (const auto* leaky = layer.as<nn::LeakyReLU>()) {
    const double slope = leaky->options().negative_slope;
    if (slope != nn::LeakyReLU::Options{}.negative_slope) {
      return nn::concat("leaky_relu=", slope);
    }
  }
  for (const std::string& name : wiring::activation_names()) {
    const nn::Module known = wiring::activation_from(name);
    if (known.kind() == kind && known.extra_repr() == layer.extra_repr()) return name;
  }
  for (const std::string& name : wiring::activation_names()) {
    if (wiring::activation_from(name).kind() == kind) return name;
  }
  return kind;
}

}  // namespace models
