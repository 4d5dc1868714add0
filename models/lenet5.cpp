#include <models/lenet5.h>
#include <nn/nn.h>

namespace models {

nn::Graph lenet5() {
  using namespace nn;
  return {
      {"feature_extractor",
       Graph{
           {"0", Conv2d({.in_channels = 1, .out_channels = 6, .kernel_size = 5})},
           {"1", Tanh{}},
           {"2", AvgPool2d({.kernel_size = 2})},
           {"3", Conv2d({.in_channels = 6, .out_channels = 16, .kernel_size = 5})},
           {"4", Tanh{}},
           {"5", AvgPool2d({.kernel_size = 2})},
           {"6", Conv2d({.in_channels = 16, .out_channels = 120, .kernel_size = 5})},
           {"7", Tanh{}},
       }},
      {"flatten", Flatten{}},
      {"classifier",
       Graph{
           {"0", Linear({.in_features = 120, .out_features = 84})},
           {"1", Tanh{}},
           {"2", Linear({.in_features = 84, .out_features = 10})},
       }},
  };
}

}  // namespace models
