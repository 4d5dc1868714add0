#include <cmath>

#include <nn/import/weight_norm.h>

namespace nn {
namespace {

// g has v's sizes, or 1 where a norm was taken; a scalar is the norm of all.
bool belong_together(const Shape& g, const Shape& v) {
  if (v.rank() == 0) return false;
  if (g.rank() == 0) return true;
  if (g.rank() != v.rank()) return false;
  for (std::size_t i = 0; i < g.rank(); ++i) {
    if (g[i] != v[i] && g[i] != 1) return false;
  }
  return true;
}

// Calls use(index in v, index in g) for each value of v.
template <class Use>
void for_each_pair(const Shape& g, const Shape& v, Use use) {
  std::vector<std::int64_t> at(v.rank(), 0);
  const std::int64_t count = v.numel();
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t in_g = 0;
    for (std::size_t d = 0; d < g.rank(); ++d) in_g = in_g * g[d] + (g[d] == 1 ? 0 : at[d]);
    use(static_cast<std::size_t>(i), static_cast<std::size_t>(in_g));
    for (std::size_t d = v.rank(); d-- > 0 && ++at[d] == v[d];) at[d] = 0;
  }
}

}  // namespace

std::vector<WeightNorm> find_weight_norms(const StateDict& state_dict) {
  constexpr std::string_view hook = "weight_g";
  constexpr std::string_view parametrization = "parametrizations.weight.original0";
  std::vector<WeightNorm> found;
  for (const StateDict::Entry& entry : state_dict.entries()) {
    const std::string& g = entry.name;
    WeightNorm norm;
    if (g == hook || g.ends_with(concat(".", hook))) {
      const std::string layer = g.substr(0, g.size() - hook.size());
      norm = {layer + "weight", g, layer + "weight_v"};
    } else if (g == parametrization || g.ends_with(concat(".", parametrization))) {
      const std::string layer = g.substr(0, g.size() - parametrization.size());
      norm = {layer + "weight", g, layer + "parametrizations.weight.original1"};
    } else {
      continue;
    }
    const StateDict::Entry* v = state_dict.find(norm.v);
    if (v != nullptr && belong_together(entry.shape, v->shape)) found.push_back(std::move(norm));
  }
  return found;
}

Tensor joined_weight(const StateDict& state_dict, const WeightNorm& norm) {
  const Tensor length = to(state_dict.read(norm.g), DType::float32);
  Tensor weight = to(state_dict.read(norm.v), DType::float32);
  std::vector<double> squares(length.f32().size(), 0);
  for_each_pair(length.shape(), weight.shape(), [&](std::size_t i, std::size_t in_g) {
    const double value = static_cast<double>(weight.f32()[i]);
    squares[in_g] += value * value;
  });
  for_each_pair(length.shape(), weight.shape(), [&](std::size_t i, std::size_t in_g) {
    const double scale = static_cast<double>(length.f32()[in_g]) / std::sqrt(squares[in_g]);
    weight.f32()[i] = static_cast<float>(static_cast<double>(weight.f32()[i]) * scale);
  });
  return weight;
}

}  // namespace nn
