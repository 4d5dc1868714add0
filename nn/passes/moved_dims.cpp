#include <numeric>

#include <nn/layers/permute.h>
#include <nn/layers/transpose.h>
#include <nn/passes/moved_dims.h>

namespace nn {

std::optional<std::vector<std::size_t>> moved_dims(const Node& node, std::size_t rank) {
  std::vector<std::size_t> order(rank);
  if (const auto* permute = node.as<Permute>()) {
    const auto& dims = permute->options().dims;
    if (dims.size() != rank) return std::nullopt;
    for (std::size_t i = 0; i < rank; ++i) order[i] = normalize_dim(dims[i], rank);
    return order;
  }
  if (const auto* transpose = node.as<Transpose>()) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (rank == 0) return order;
    std::swap(order[normalize_dim(transpose->options().dim0, rank)],
              order[normalize_dim(transpose->options().dim1, rank)]);
    return order;
  }
  return std::nullopt;
}

}  // namespace nn
