#include <models/batch_norm_convnet.h>
#include <nn/nn.h>

namespace models {
namespace {

nn::Graph block(std::int64_t in, std::int64_t out) {
  using namespace nn;
  return {
      {"0", Conv2d({.in_channels = in, .out_channels = out, .kernel_size = 5, .padding = 2})},
      {"1", BatchNorm2d({.num_features = out})},
      {"2", ReLU{}},
      {"3", MaxPool2d({.kernel_size = 2})},
  };
}

}  // namespace

nn::Graph batch_norm_convnet() {
  using namespace nn;
  return {
      {"layer1", block(1, 16)},
      {"layer2", block(16, 32)},
      {"flatten", Flatten{}},
      {"fc", Linear({.in_features = 7 * 7 * 32, .out_features = 10})},
  };
}

}  // namespace models
