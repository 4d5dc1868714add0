#include <nn/layers/activations.h>
#include <nn/layers/gelu.h>
#include <nn/layers/leaky_relu.h>
#include <nn/layers/relu.h>
#include <nn/layers/sigmoid.h>
#include <nn/layers/silu.h>
#include <nn/layers/tanh.h>
#include <nn/passes/activation_of.h>

namespace nn {
namespace {

template <class... Layers>
kernels::Activation activation_among(const Node& node) {
  kernels::Activation found;
  const auto look = [&](const auto* layer) {
    if (layer) found = layer->activation();
  };
  (look(node.as<Layers>()), ...);
  return found;
}

}  // namespace

kernels::Activation activation_of(const Node& node) {
  return activation_among<ReLU, LeakyReLU, GELU, SiLU, Sigmoid, Tanh, ELU, SELU, CELU, Hardtanh,
                          ReLU6, Clamp, Hardsigmoid, Hardswish, Softplus, Softsign, Mish,
                          LogSigmoid>(node);
}

}  // namespace nn
