#include <algorithm>
#include <apps/examined.h>
#include <apps/progress.h>
#include <apps/weights.h>
#include <map>

#include <models/registry.h>
#include <nn/import/load.h>
#include <nn/import/wrapper.h>
#include <nn/io/crc32.h>

namespace apps {
namespace {

// The first tensor of the same values, for each in turn.
class Duplicates {
 public:
  explicit Duplicates(const nn::StateDict& weights) : weights_(weights) {}

  std::size_t first_like(std::size_t index, const nn::Tensor& values,
                         const Statistics& statistics) {
    constexpr std::int64_t fewest = 16;
    if (values.numel() < fewest || statistics.min == statistics.max) return index;
    const std::span<const std::byte> bytes = values.view().bytes();
    const auto [found, added] =
        first_.emplace(std::pair(to_text(values.spec()), nn::io::crc32(bytes)), index);
    if (added) return index;
    const nn::Tensor other = weights_.read(weights_.entries()[found->second].name);
    return std::ranges::equal(bytes, other.view().bytes()) ? found->second : index;
  }

 private:
  const nn::StateDict& weights_;
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> first_;  // by type, shape, checksum
};

// Larger files are no chains of layers.
constexpr std::size_t most_wired = 4096;

void find_wiring(Examined& file) {
  if (file.weights.entries().size() > most_wired) {
    file.no_wiring = nn::concat("more than ", most_wired, " tensors");
    return;
  }
  try {
    file.wiring = models::infer_wiring(file.weights);
  } catch (const nn::Error& error) {
    // The reason alone: the file is named already.
    const std::string source = nn::printable(file.weights.source()) + ": ";
    file.no_wiring = error.what();
    if (file.no_wiring.starts_with(source)) file.no_wiring.erase(0, source.size());
  }
}

void find_network(Examined& file) {
  const auto is_readable = [](const nn::StateDict::Entry& entry) {
    return entry.unreadable.empty();
  };
  if (!std::ranges::all_of(file.weights.entries(), is_readable)) {
    file.no_wiring = "it holds tensors that can only be listed";
    return;
  }
  file.nearest = models::nearest(file.weights);
  if (file.nearest.model == nullptr || !file.nearest.report.fits()) return;
  file.network = file.nearest.model->name;
  file.notes = nn::notes(file.nearest.report);
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
  Examined result;
  result.weights = open_verified(file, options);
  Duplicates duplicates(result.weights);
  const auto entries = result.weights.entries();
  Progress bar("reading", tensor_bytes(result.weights));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t original = result.weights.original_of(i);
    result.duplicate_of.push_back(original == i ? i : result.duplicate_of[original]);
    if (!entries[i].unreadable.empty()) {
      result.statistics.emplace_back();
    } else if (original != i) {
      result.statistics.push_back(result.statistics[original]);
    } else {
      const nn::Tensor values = result.weights.read(entries[i].name);
      result.statistics.emplace_back(statistics_of(values));
      result.duplicate_of[i] = duplicates.first_like(i, values, *result.statistics[i]);
    }
    bar.advance(static_cast<std::int64_t>(entries[i].bytes));
  }
  find_network(result);
  if (result.network.empty()) {
    if (result.no_wiring.empty()) find_wiring(result);
    const nn::Wrapper wrapper = nn::find_wrapper(result.weights);
    if (!wrapper.empty()) result.notes.push_back(nn::to_text(wrapper));
  }
  return result;
}

}  // namespace apps
