// The smallest program around our library: loads a network, runs one picture and prints the
// results.
//
//   rushlight_start WEIGHTS.pt PICTURE.f32
#include <cstdio>
#include <exception>

#include <models/mnist_convnet.h>
#include <nn/nn.h>

namespace {

void run(const char* weights, const char* picture) {
  nn::Graph net = models::mnist_convnet();
  nn::load(net, nn::StateDict::open(weights));
  nn::Tensor x({1, 1, 28, 28});
  std::FILE* const file = std::fopen(picture, "rb");
  if (file == nullptr || std::fread(x.data(), x.nbytes(), 1, file) != 1) {
    nn::fail("cannot read ", picture);
  }
  nn::Session session(std::move(net), x.shape(), {.threads = 1});
  const nn::Tensor y = session(x);
  for (const float value : y.f32()) std::printf("%.9g\n", static_cast<double>(value));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: rushlight_start WEIGHTS.pt PICTURE.f32\n", stderr);
    return 2;
  }
  try {
    run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rushlight_start: %s\n", error.what());
    return 1;
  }
}
