#include <models/mnist_convnet.h>
#include <nn/nn.h>

namespace models {

nn::Graph mnist_convnet() {
  using namespace nn;
  return {
      {"conv1", Conv2d({.in_channels = 1, .out_channels = 20, .kernel_size = 5})},
      {"relu1", ReLU{}},
      {"pool1", MaxPool2d({.kernel_size = 2})},
      {"conv2", Conv2d({.in_channels = 20, .out_channels = 50, .kernel_size = 5})},
      {"relu2", ReLU{}},
      {"pool2", MaxPool2d({.kernel_size = 2})},
      {"flatten", Flatten{}},
      {"fc1", Linear({.in_features = 4 * 4 * 50, .out_features = 500})},
      {"relu3", ReLU{}},
      {"fc2", Linear({.in_features = 500, .out_features = 10})},
      {"log_softmax", LogSoftmax({.dim = 1})},
  };
}

}  // namespace models
