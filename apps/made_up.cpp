#include <algorithm>
#include <apps/made_up.h>
#include <cmath>
#include <string>

namespace apps {
namespace {

// Values in [-1, 1) that repeat late.
class Sequence {
 public:
  float next() {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<float>(state_ >> 8) * 0x1p-23F - 1;
  }

 private:
  std::uint32_t state_ = 1;
};

// Shifts lie around 0, BatchNorm's factors and variances around 1.
nn::Tensor made_up_values(const std::string& name, const nn::Shape& shape, Sequence& sequence) {
  nn::Tensor values(shape);
  const bool around_one =
      shape.rank() == 1 && (name.ends_with("weight") || name.ends_with("running_var"));
  const float inputs = shape.rank() > 1 ? static_cast<float>(shape.numel(1, shape.rank())) : 100;
  const float scale = around_one ? 0.5F : std::sqrt(6 / inputs);
  for (float& value : values.f32()) value = scale * sequence.next() + (around_one ? 1.0F : 0.0F);
  return values;
}

}  // namespace

void make_up_weights(nn::Graph& graph) {
  Sequence sequence;
  for (auto& [name, parameter, role] : graph.parameters()) {
    if (role == nn::Role::counter) continue;
    parameter = made_up_values(name, parameter.shape(), sequence);
  }
}

nn::Tensor made_up_pictures(std::int64_t count, std::int64_t height, std::int64_t width) {
  nn::Tensor pictures({count, height, width}, nn::DType::uint8);
  auto pixel = pictures.as<std::uint8_t>().begin();
  Sequence sequence;
  const float middle_x = static_cast<float>(width - 1) / 2;
  const float middle_y = static_cast<float>(height - 1) / 2;
  for (std::int64_t n = 0; n < count; ++n) {
    const float x = middle_x + 2 * sequence.next(), y = middle_y + 2 * sequence.next();
    const float radius = 6 + 2 * sequence.next();
    for (std::int64_t h = 0; h < height; ++h) {
      for (std::int64_t w = 0; w < width; ++w) {
        const float distance = std::hypot(static_cast<float>(w) - x, static_cast<float>(h) - y);
        const float ink = std::clamp(2 - std::abs(distance - radius), 0.0F, 1.0F);
        *pixel++ = static_cast<std::uint8_t>(255 * ink);
      }
    }
  }
  return pictures;
}

}  // namespace apps
