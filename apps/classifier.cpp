#include <algorithm>
#include <apps/classifier.h>
#include <apps/shipped.h>
#include <apps/weights.h>
#include <cmath>

namespace apps {
namespace {

nn::Session session_of(const models::Model& model, const nn::StateDict& weights,
                       const WeightsOptions& options, nn::SessionOptions session) {
  nn::Graph net = model.build();
  load_weights(net, weights, options);
  return nn::Session(std::move(net), model.input_shape(), std::move(session));
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

Classifier::Classifier(const std::string& file, const WeightsOptions& options,
                       nn::SessionOptions session)
    : Classifier(open_weights(file.empty() ? shipped_weights() : file, options), options,
                 std::move(session)) {}

Classifier::Classifier(const nn::StateDict& weights, const WeightsOptions& options,
                       nn::SessionOptions session)
    : source_(weights.source()),
      model_(&models::fitting(weights)),
      session_(session_of(*model_, weights, options, std::move(session))) {}

nn::Tensor Classifier::operator()(nn::ConstTensorView pictures, std::int64_t first_row) {
  const nn::Tensor field = padded(pictures, model_->side);
  const nn::Tensor input = nn::normalize(field, model_->mean, model_->std);
  nn::Tensor result = models::probabilities(*model_, session_(input));
  const auto values = result.f32();
  const auto bad = std::ranges::find_if(values, [](float p) { return std::isnan(p); });
  if (bad != values.end()) {
    nn::fail(nn::printable(source_), ": row ",
             first_row + (bad - values.begin()) / result.shape()[1],
             ": model produced NaN: look at its weights with PyTorch's isnan");
  }
  return result;
}

}  // namespace apps
