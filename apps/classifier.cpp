#include <algorithm>
#include <apps/classifier.h>
#include <cmath>
#include <utility>

namespace apps {
namespace {

constexpr std::int64_t mnist_side = 28;

// Whether an input holds grey pictures as Keras and TensorFlow have them, [N, side, side, 1]: the same
// bytes as [N, 1, side, side].
bool has_channel_last(const nn::Shape& in) { return in.rank() == 4 && in[3] == 1 && in[1] > 3; }

// The side of the square pictures that an input holds, [N, 1 or 3, side, side], [N, side, side, 1],
// [N, side, side] or [N, side * side]; 0 where it holds none.
std::int64_t side_of(const nn::Shape& in) {
  if (has_channel_last(in)) return in[1] == in[2] ? in[1] : 0;
  if (in.rank() == 4) return in[2] == in[3] && (in[1] == 1 || in[1] == 3) ? in[2] : 0;
  if (in.rank() == 3) return in[1] == in[2] ? in[1] : 0;
  if (in.rank() != 2) return 0;
  const std::int64_t side = std::lround(std::sqrt(static_cast<double>(in[1])));
  return side * side == in[1] ? side : 0;
}

// torchvision's presets take the middle 224 of 256; small pictures are taken whole.
nn::PhotoSize photo_size(const nn::Shape& in) {
  constexpr std::int64_t small = 128, most = 8192;
  if (in[2] > most || in[3] > most) nn::fail("pictures of ", in, " are too large to prepare");
  nn::PhotoSize size{static_cast<int>(in[2]), static_cast<int>(in[3]), 0};
  if (in[2] == in[3] && in[2] >= small) size.shorter_side = static_cast<int>(in[2] * 8 / 7);
  return size;
}

// Throws nn::Error when it takes no pictures that can be made.
void require_pictures(const Network& network) {
  const nn::Shape& in = network.input;
  if (network.labels.empty()) {
    nn::fail(nn::printable(network.source()), ": expected a net that gives [1, classes] for ", in,
             ", this one gives another shape, which `rushlight summary` tells");
  }
  if (network.photos) return;
  const std::int64_t side = side_of(in);
  if (side < mnist_side || in[0] != 1) {
    nn::fail(nn::printable(network.source()),
             ": expected a net for square pictures of 28 pixels or more with 1 or 3 channels, this "
             "one takes ",
             in, ": --input says another size if it may have one");
  }
}

// The network with what is assumed of its pictures.
Network for_pictures(Network network) {
  require_rows(network, 1);
  require_pictures(network);
  const nn::Shape& in = network.input;
  const bool known = models::find(network.name) != nullptr;
  if (network.photos) {
    const nn::PhotoSize size = photo_size(in);
    network.assumed.push_back(
        {"picture",
         size.shorter_side == 0 ? nn::concat("stretched to ", size.height, "x", size.width)
                                : nn::concat("shorter side ", size.shorter_side,
                                             ", of that the middle ", size.height, "x", size.width),
         {}});
    return network;
  }
  if (in.rank() == 4 && in[1] == 3) {
    network.assumed.push_back({"colour", "the grey picture in all three channels", {}});
  }
  const std::int64_t side = side_of(in);
  if (side != mnist_side && !known) {
    network.assumed.push_back({"picture",
                               nn::concat("28x28 in the middle of ", side, "x", side),
                               {nn::concat("enlarged to ", side, "x", side)}});
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
  const nn::Shape& in = network_.input;
  const nn::Tensor field = padded(pictures, side_of(in));
  const nn::Tensor input = normalized(field, network_.normalization,
                                      in.rank() == 4 && !has_channel_last(in) ? in[1] : 1);
  return probabilities(input.view().reshaped(in.with(0, pictures.shape()[0])), first_row);
}

nn::Tensor Classifier::operator()(const nn::Image& photo) {
  const nn::Tensor pixels = nn::prepare_photo(photo, photo_size(network_.input));
  return probabilities(normalized_photo(pixels, network_.normalization), 0);
}

nn::Tensor Classifier::probabilities(nn::ConstTensorView input, std::int64_t first_row) {
  const std::int64_t rows = input.shape()[0];
  const auto classes = static_cast<std::int64_t>(network_.labels.size());
  nn::Tensor output({rows, classes});
  // One by one where the net ties rows together: that it takes one is known.
  const std::int64_t at_once = session_.row_wise() ? rows_at_once(network_, rows) : 1;
  for (std::int64_t row = 0; row < rows; row += at_once) {
    const nn::Tensor some = session_(input.rows(row, std::min(at_once, rows - row)));
    std::ranges::copy(some.f32(), output.f32().begin() + row * classes);
  }
  nn::Tensor result = models::probabilities(network_.output, output);
  const auto values = result.f32();
  const auto bad = std::ranges::find_if(values, [](float p) { return std::isnan(p); });
  if (bad != values.end()) {
    nn::fail(nn::printable(network_.source()), ": row ",
             first_row + (bad - values.begin()) / classes,
             ": model produced NaN: look at its weights with PyTorch's isnan");
  }
  return result;
}

}  // namespace apps
