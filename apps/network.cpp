#include <algorithm>
#include <apps/network.h>
#include <apps/weights.h>
#include <cmath>
#include <filesystem>
#include <system_error>

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

// Weights of a size that keeps values between layers about as large as the input; shifts around 0,
// and BatchNorm's factors and variances around 1.
nn::Tensor made_up_values(const std::string& name, const nn::Shape& shape, Sequence& sequence) {
  nn::Tensor values(shape);
  const bool around_one =
      shape.rank() == 1 && (name.ends_with("weight") || name.ends_with("running_var"));
  const float inputs = shape.rank() > 1 ? static_cast<float>(shape.numel(1, shape.rank())) : 100;
  const float scale = around_one ? 0.5F : std::sqrt(6 / inputs);
  for (float& value : values.f32()) value = scale * sequence.next() + (around_one ? 1.0F : 0.0F);
  return values;
}

void make_up_weights(nn::Graph& graph) {
  Sequence sequence;
  for (auto& [name, parameter, role] : graph.parameters()) {
    if (role == nn::Role::counter) continue;
    parameter = made_up_values(name, parameter.shape(), sequence);
  }
}

std::string known_names() {
  std::string text;
  for (const models::Model& model : models::registry())
    text += nn::concat(text.empty() ? "" : ", ", model.name);
  return text;
}

}  // namespace

Network open_network(const std::string& name, const WeightsOptions& options) {
  std::error_code error;
  if (!std::filesystem::exists(name, error) && !error) {
    const models::Model* model = models::find(name);
    if (model == nullptr) {
      nn::fail(nn::printable(name), ": neither a file nor one of the known networks (",
               known_names(), ")");
    }
    Network network{model, model->build(), {}};
    make_up_weights(network.graph);
    return network;
  }
  const nn::StateDict weights = open_weights(name, options);
  const models::Model& model = models::fitting(weights);
  Network network{&model, model.build(), name};
  load_weights(network.graph, weights, options);
  return network;
}

nn::Tensor made_up_pictures(const models::Model& model, std::int64_t count) {
  nn::Tensor pictures({count, model.side, model.side}, nn::DType::uint8);
  auto pixel = pictures.as<std::uint8_t>().begin();
  Sequence sequence;
  const auto middle = static_cast<float>(model.side - 1) / 2;
  for (std::int64_t n = 0; n < count; ++n) {
    const float x = middle + 2 * sequence.next(), y = middle + 2 * sequence.next();
    const float radius = 6 + 2 * sequence.next();
    for (std::int64_t h = 0; h < model.side; ++h) {
      for (std::int64_t w = 0; w < model.side; ++w) {
        const float distance = std::hypot(static_cast<float>(w) - x, static_cast<float>(h) - y);
        const float ink = std::clamp(2 - std::abs(distance - radius), 0.0F, 1.0F);
        *pixel++ = static_cast<std::uint8_t>(255 * ink);
      }
    }
  }
  return nn::normalize(pictures, model.mean, model.std);
}

}  // namespace apps
