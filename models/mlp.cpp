#include <models/mlp.h>
#include <nn/nn.h>

namespace models {

nn::Graph mlp(const std::vector<std::int64_t>& sizes) {
  using namespace nn;
  if (sizes.size() < 2) fail("mlp: expected at least 2 sizes, got ", sizes.size());
  Graph net;
  Value value = net.add("flatten", Flatten{}, {net.input()});
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    if (i > 0) value = net.add(concat("linear_relu_stack.", 2 * i - 1), ReLU{}, {value});
    value = net.add(concat("linear_relu_stack.", 2 * i),
                    Linear({.in_features = sizes[i], .out_features = sizes[i + 1]}), {value});
  }
  net.output(value);
  return net;
}

}  // namespace models
