#include <apps/output.h>
#include <apps/weights.h>

namespace apps {

nn::StateDict open_weights(const std::string& file, const WeightsOptions& options) {
  nn::StateDict weights = nn::StateDict::open(file, options.open);
  nn::rename(weights, options.renames);
  return weights;
}

nn::LoadReport load_weights(nn::Graph& graph, const nn::StateDict& weights,
                            const WeightsOptions& options) {
  nn::LoadReport report = nn::load(graph, weights, {.allow_rounding = options.allow_rounding});
  for (const std::string& note : nn::notes(report)) {
    complain(nn::concat(nn::printable(weights.source()), ": ", note));
  }
  return report;
}

}  // namespace apps
