#include <models/pytorch_examples.h>
#include <nn/nn.h>

namespace models {

nn::Graph pytorch_mnist() {
  using namespace nn;
  return {
      {"conv1", Conv2d({.in_channels = 1, .out_channels = 32, .kernel_size = 3})},
      {"relu1", ReLU{}},
      {"conv2", Conv2d({.in_channels = 32, .out_channels = 64, .kernel_size = 3})},
      {"relu2", ReLU{}},
      {"pool", MaxPool2d({.kernel_size = 2})},
      {"dropout1", Dropout({.p = 0.25})},
      {"flatten", Flatten{}},
      {"fc1", Linear({.in_features = 12 * 12 * 64, .out_features = 128})},
      {"relu3", ReLU{}},
      {"dropout2", Dropout({.p = 0.5})},
      {"fc2", Linear({.in_features = 128, .out_features = 10})},
      {"log_softmax", LogSoftmax({.dim = 1})},
  };
}

nn::Graph pytorch_mnist_2017() {
  using namespace nn;
  return {
      {"conv1", Conv2d({.in_channels = 1, .out_channels = 10, .kernel_size = 5})},
      {"pool1", MaxPool2d({.kernel_size = 2})},
      {"relu1", ReLU{}},
      {"conv2", Conv2d({.in_channels = 10, .out_channels = 20, .kernel_size = 5})},
      {"conv2_drop", Dropout2d{}},
      {"pool2", MaxPool2d({.kernel_size = 2})},
      {"relu2", ReLU{}},
      {"view", Reshape({.shape = {-1, 320}})},
      {"fc1", Linear({.in_features = 4 * 4 * 20, .out_features = 50})},
      {"relu3", ReLU{}},
      {"dropout", Dropout({.p = 0.5})},
      {"fc2", Linear({.in_features = 50, .out_features = 10})},
      {"log_softmax", LogSoftmax({.dim = 1})},
  };
}

}  // namespace models
