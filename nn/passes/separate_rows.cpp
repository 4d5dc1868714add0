#include <algorithm>
#include <memory>

#include <nn/layers/expand.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/unsqueeze.h>
#include <nn/passes/kept_dim.h>
#include <nn/passes/separate_rows.h>

namespace nn {
namespace {

// Where a value has the rows: dimension `dim` counts [outer, rows, the rest].
struct Place {
  std::size_t dim = 0;
  std::int64_t outer = 1;

  friend bool operator==(const Place&, const Place&) = default;
};
using Places = std::vector<std::optional<Place>>;  // nothing: equal for all rows

std::size_t index(Value value) { return static_cast<std::size_t>(value.id); }

bool in_front(const Place& place, const Shape& shape) {
  return place == Place{} && shape.rank() > 0 && shape[0] == 1;
}

// The elements stay in order, so the rows stay behind as many of them. Those places come first that
// have a dimension of their own, then those before other factors.
Places reshaped(const Place& place, const Shape& from, const Shape& to) {
  const std::int64_t before = from.numel(0, place.dim) * place.outer;
  Places alone, others;
  for (std::size_t dim = 0; dim < to.rank(); ++dim) {
    const std::int64_t ahead = to.numel(0, dim);
    if (ahead == 0 || before % ahead != 0) continue;
    const std::int64_t outer = before / ahead;
    if (outer == 0 || to[dim] % outer != 0) continue;
    if (to[dim] == 1) {
      alone.push_back(Place{dim, outer});
    } else if (outer == 1) {
      others.insert(others.begin(), Place{dim, outer});
    } else {
      others.push_back(Place{dim, outer});
    }
  }
  alone.insert(alone.end(), others.begin(), others.end());
  return alone;
}

class Search {
 public:
  Search(const Graph& graph, std::span<const TensorSpec> specs, Places places)
      : graph_(graph), specs_(specs), places_(std::move(places)) {}

  // Goes through the nodes; back to the last choice where rows are mixed.
  bool run() {
    std::size_t left = 16 * graph_.nodes().size() + 1024;  // of a hostile graph's choices, too
    std::size_t i = 0;
    while (left-- > 0) {
      const bool end = i == graph_.nodes().size();
      if (end && outputs_in_front()) return true;
      Places choices = end ? Places{} : choices_at(graph_.nodes()[i]);
      if (!choices.empty()) {
        std::ranges::reverse(choices);
        open_.push_back({i, std::move(choices)});
      }
      while (!open_.empty() && open_.back().choices.empty()) open_.pop_back();
      if (open_.empty()) return false;
      i = open_.back().node;
      for (const Value value : graph_.nodes()[i].outputs) {
        places_[index(value)] = open_.back().choices.back();
      }
      open_.back().choices.pop_back();
      ++i;
    }
    return false;
  }

  const Places& places() const { return places_; }

 private:
  struct Open {
    std::size_t node;
    Places choices;  // not tried yet, the first one last
  };

  bool outputs_in_front() const {
    return std::ranges::all_of(graph_.outputs(), [&](const Graph::Port& port) {
      const std::size_t at = index(port.value);
      return places_[at] && in_front(*places_[at], specs_[at].shape);
    });
  }

  // Where the node's outputs may have the rows; empty where it mixes them.
  Places choices_at(const Node& node) const {
    std::vector<TensorSpec> in;
    const auto batched = std::make_unique<bool[]>(node.inputs.size());
    const auto* expand = node.as<Expand>();
    bool any = false, front = true;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const std::size_t at = index(node.inputs[i]);
      in.push_back(specs_[at]);
      batched[i] = places_[at] && (expand == nullptr || i < expand->inputs_read());
      any = any || batched[i];
      front = front && (!batched[i] || in_front(*places_[at], specs_[at].shape));
    }
    if (!any) return {std::nullopt};
    const Shape& out = specs_[index(node.outputs[0])].shape;
    if (node.layer.keeps_bytes() && !node.as<Squeeze>() && !node.as<Unsqueeze>()) {
      return reshaped(*places_[index(node.inputs[0])], in[0].shape, out);
    }
    if (front && node.layer.rows_independent(in, {batched.get(), in.size()})) return {Place{}};
    std::optional<Place> result;
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!batched[i]) continue;
      const Place place = *places_[index(node.inputs[i])];
      const auto dim = kept_dim(node.layer, in, specs_[index(node.outputs[0])], i, place.dim);
      if (!dim) return {};
      const Place kept{*dim, place.outer};
      if (result && *result != kept) return {};
      result = kept;
    }
    return {result};
  }

  const Graph& graph_;
  std::span<const TensorSpec> specs_;
  Places places_;
  std::vector<Open> open_;
};

}  // namespace

std::optional<std::vector<bool>> separate_rows(const Graph& graph,
                                               std::span<const TensorSpec> specs,
                                               const std::vector<bool>& batched) {
  Places places(graph.value_count());
  bool any = false;
  for (std::size_t i = 0; i < graph.inputs().size(); ++i) {
    const std::size_t at = index(graph.inputs()[i].value);
    if (!batched[i]) continue;
    if (!in_front(Place{}, specs[at].shape)) return std::nullopt;
    places[at] = Place{};
    any = true;
  }
  Search search(graph, specs, std::move(places));
  if (!any || !search.run()) return std::nullopt;
  std::vector<bool> result(graph.value_count());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::optional<Place>& place = search.places()[i];
    result[i] = place && in_front(*place, specs[i].shape);
  }
  return result;
}

}  // namespace nn
