#include <algorithm>
#include <apps/examined.h>
#include <apps/progress.h>
#include <apps/weights.h>

#include <models/registry.h>
#include <nn/import/load.h>

namespace apps {
namespace {

void find_network(Examined& file) {
  const auto is_readable = [](const nn::StateDict::Entry& entry) {
    return entry.unreadable.empty();
  };
  if (!std::ranges::all_of(file.weights.entries(), is_readable)) return;
  for (const models::Model& model : models::registry()) {
    const nn::LoadReport report = nn::compare(model.build(), file.weights);
    if (!report.fits()) continue;
    file.network = model.name;
    if (!report.wrapper.empty()) file.wrapper_note = nn::to_text(report.wrapper);
    return;
  }
}

}  // namespace

Json extras_json(const nn::FileFacts& facts) {
  Json extras = Json::object({});
  for (const auto& [name, content] : facts.extras) extras.set(name, content);
  return extras;
}

std::int64_t tensor_bytes(const nn::StateDict& weights) {
  std::uint64_t bytes = weights.facts().other_tensor_bytes;
  for (const nn::StateDict::Entry& entry : weights.entries()) bytes += entry.bytes;
  return static_cast<std::int64_t>(bytes);
}

nn::StateDict open_verified(const std::string& file, const WeightsOptions& options) {
  nn::StateDict weights = open_weights(file, options);
  Progress bar("checking", tensor_bytes(weights));
  weights.verify([&](std::uint64_t bytes) { bar.advance(static_cast<std::int64_t>(bytes)); });
  return weights;
}

Examined examine(const std::string& file, const WeightsOptions& options) {
  Examined result{open_verified(file, options), {}, {}, {}};
  const auto entries = result.weights.entries();
  Progress bar("reading", tensor_bytes(result.weights));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t original = result.weights.original_of(i);
    if (!entries[i].unreadable.empty()) {
      result.statistics.emplace_back();
    } else if (original != i) {
      result.statistics.push_back(result.statistics[original]);
    } else {
      result.statistics.emplace_back(statistics_of(result.weights.read(entries[i].name)));
    }
    bar.advance(static_cast<std::int64_t>(entries[i].bytes));
  }
  find_network(result);
  return result;
}

}  // namespace apps
