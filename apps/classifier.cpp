#include <algorithm>
#include <apps/classifier.h>
#include <cmath>
#include <utility>

namespace apps {
namespace {

constexpr std::int64_t mnist_side = 28;

// The network with what is assumed of its pictures.
Network for_pictures(Network network) {
  const nn::Shape& in = network.input;
  const bool pictures =
      in.rank() == 4 && in[2] == in[3] && in[2] >= mnist_side && (in[1] == 1 || in[1] == 3);
  if (!pictures) {
    nn::fail(nn::printable(network.source()),
             ": expected a net for square pictures of 28 pixels or more with 1 or 3 channels, this "
             "one takes ",
             in, ": --input says another size if it may have one");
  }
  const bool known = models::find(network.name) != nullptr;
  if (in[1] == 3) {
    network.assumed.push_back({"colour", "the grey picture in all three channels", {}});
  }
  if (in[2] != mnist_side && !known) {
    network.assumed.push_back({"picture",
                               nn::concat("28x28 in the middle of ", in[2], "x", in[3]),
                               {nn::concat("enlarged to ", in[2], "x", in[3])}});
  }
  return network;
}

// Pictures [N, 28, 28] in the middle of black fields [N, side, side].
nn::Tensor padded(nn::ConstTensorView pictures, std::int64_t side) {
  const std::int64_t from = pictures.shape()[2];
  const std::int64_t border = (side - from) / 2;
  nn::Tensor field({pictures.shape()[0], side, side}, nn::DType::uint8);
  const auto source = pictures.as<std::uint8_t>();
  const auto target = field.as<std::uint8_t>();
  for (std::int64_t row = 0; row < pictures.shape()[0] * from; ++row) {
    const std::int64_t picture = row / from;
    const std::int64_t to = (picture * side + border + row % from) * side + border;
    std::copy_n(source.begin() + row * from, from, target.begin() + to);
  }
  return field;
}

}  // namespace

Classifier::Classifier(Network network, nn::SessionOptions options)
    : network_(for_pictures(std::move(network))),
      session_(std::exchange(network_.graph, {}), network_.input, std::move(options)) {}

nn::Tensor Classifier::operator()(nn::ConstTensorView pictures, std::int64_t first_row) {
  const nn::Tensor field = padded(pictures, network_.input[2]);
  const nn::Tensor input = normalized(field, network_.normalization, network_.input[1]);
  nn::Tensor result = models::probabilities(network_.output, session_(input));
  const auto values = result.f32();
  const auto bad = std::ranges::find_if(values, [](float p) { return std::isnan(p); });
  if (bad != values.end()) {
    nn::fail(nn::printable(network_.source()), ": row ",
             first_row + (bad - values.begin()) / result.shape()[1],
             ": model produced NaN: look at its weights with PyTorch's isnan");
  }
  return result;
}

}  // namespace apps
