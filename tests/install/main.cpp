#include <cmath>
#include <iostream>

#include <models/mnist_convnet.h>
#include <nn/nn.h>

// Runs the tutorial's net from its weights: outside MODEL.pt
int main(int argc, char** argv) {
  if (argc != 2) return 2;
  nn::Graph net = models::mnist_convnet();
  nn::load(net, nn::StateDict::open(argv[1]));
  nn::Session session(net, {1, 1, 28, 28});
  const nn::Tensor probabilities = nn::functional::softmax(session(nn::Tensor({1, 1, 28, 28})), 1);
  float sum = 0;
  for (const float p : probabilities.f32()) sum += p;
  std::cout << probabilities << "\n";
  return std::abs(sum - 1.0F) < 1e-5F ? 0 : 1;
}
