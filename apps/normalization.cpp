#include <algorithm>
#include <apps/normalization.h>
#include <array>
#include <charconv>
#include <cmath>

#include <nn/image/digit.h>

namespace apps {
namespace {

const std::array<Normalization, 4> usual{
    Normalization{"0.1307,0.3081", 0.1307F, 0.3081F}, Normalization{"x/255", 0, 1},
    Normalization{"±1", 0.5F, 0.5F}, Normalization{"none", 0, 1, true}};

std::optional<float> number(std::string_view text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

std::span<const Normalization> usual_normalizations() { return usual; }

Normalization normalization_of(float mean, float std) {
  for (const Normalization& known : usual) {
    if (!known.raw && known.mean == mean && known.std == std) return known;
  }
  const auto shortest = [](float value) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return std::string(buffer.data(), end);
  };
  return {nn::concat(shortest(mean), ",", shortest(std)), mean, std};
}

std::optional<Normalization> parse_normalization(std::string_view text) {
  if (text == "+-1") text = "±1";
  if (text == "0..255") text = "none";
  if (text == "imagenet") return imagenet_normalization();
  const auto known = std::ranges::find(usual, text, &Normalization::name);
  if (known != usual.end()) return *known;
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto mean = number(text.substr(0, comma));
  const auto std = number(text.substr(comma + 1));
  if (!mean || !std || !(*std > 0)) return std::nullopt;
  return normalization_of(*mean, *std);
}

Normalization imagenet_normalization() { return {.name = "imagenet", .imagenet = true}; }

nn::Tensor normalized_photo(nn::ConstTensorView photo, const Normalization& normalization) {
  constexpr std::array<float, 3> mean{0.485F, 0.456F, 0.406F}, std{0.229F, 0.224F, 0.225F};
  const nn::Shape& shape = photo.shape();
  nn::Tensor input({1, 3, shape[1], shape[2]});
  auto to = input.f32().begin();
  for (std::size_t c = 0; c < 3; ++c) {
    Normalization of_channel = normalization;
    if (normalization.imagenet) of_channel = normalization_of(mean[c], std[c]);
    const auto rows = photo.rows(static_cast<std::int64_t>(c), 1);
    to = std::ranges::copy(normalized(rows, of_channel, 1).f32(), to).out;
  }
  return input;
}

nn::Tensor normalized(nn::ConstTensorView pictures, const Normalization& normalization,
                      std::int64_t channels) {
  const nn::Shape& shape = pictures.shape();  // [N, H, W]
  if (normalization.imagenet) nn::fail("'imagenet' normalizes photographs, expected mean,std");
  nn::Tensor plane;
  if (normalization.raw) {
    plane = nn::Tensor({shape[0], 1, shape[1], shape[2]});
    std::ranges::copy(pictures.as<std::uint8_t>(), plane.f32().begin());
  } else {
    plane = nn::normalize(pictures, normalization.mean, normalization.std);
  }
  if (channels == 1) return plane;
  nn::Tensor input({shape[0], channels, shape[1], shape[2]});
  const std::int64_t pixels = shape[1] * shape[2];
  const auto from = plane.f32();
  auto to = input.f32().begin();
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t c = 0; c < channels; ++c) {
      to = std::copy_n(from.begin() + n * pixels, pixels, to);
    }
  }
  return input;
}

}  // namespace apps
