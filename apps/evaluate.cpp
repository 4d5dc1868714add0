#include <algorithm>
#include <apps/classifier.h>
#include <apps/commands.h>
#include <apps/graph_network.h>
#include <apps/json.h>
#include <apps/mnist.h>
#include <apps/output.h>
#include <apps/progress.h>
#include <apps/settle.h>
#include <apps/shipped.h>
#include <apps/table.h>
#include <apps/weights.h>
#include <array>
#include <cstdio>

namespace apps {
namespace {

constexpr std::int64_t pictures_at_once = 512;

using Confusion = std::array<std::array<std::int64_t, 10>, 10>;  // [true][predicted]

// Of all pictures but those left out.
Confusion confusion(Classifier& classifier, const Mnist& data,
                    const std::vector<std::int64_t>& left_out) {
  Confusion counts{};
  const auto labels = data.labels.as<std::uint8_t>();
  const std::int64_t total = data.pictures.shape()[0];
  Progress progress("evaluating", total);
  for (std::int64_t first = 0; first < total; first += pictures_at_once) {
    const std::int64_t count = std::min(pictures_at_once, total - first);
    const nn::Tensor rows = classifier(data.pictures.view().rows(first, count), first);
    for (std::int64_t i = 0; i < count; ++i) {
      if (std::ranges::binary_search(left_out, first + i)) continue;
      const auto row = rows.view().rows(i, 1).f32();
      const auto best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
      ++counts[labels[static_cast<std::size_t>(first + i)]][best];
    }
    progress.advance(count);
  }
  return counts;
}

std::string percent(std::int64_t correct, std::int64_t total, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits,
                100.0 * static_cast<double>(correct) / static_cast<double>(total));
  return text;
}

std::string settled_text(const Settled& settled) {
  const auto pictures = static_cast<std::int64_t>(settled.pictures.size());
  std::string text = nn::concat("settled on ", pictures,
                                " pictures, which are not counted: ", to_text(settled.best), ", ",
                                percent(settled.best.correct, pictures, 1), " % right");
  if (settled.second) {
    text += nn::concat("; next of ", settled.tried, ": ", to_text(*settled.second), ", ",
                       percent(settled.second->correct, pictures, 1), " %");
  }
  return text + "\n";
}

Json setting_json(const Setting& setting, std::int64_t pictures) {
  Json json = Json::object(
      {{"correct", setting.correct},
       {"accuracy", static_cast<double>(setting.correct) / static_cast<double>(pictures)},
       {"loss", setting.loss}});
  for (const auto& [what, value] : setting.choices) json.set(what, value);
  return json;
}

Json settled_json(const std::optional<Settled>& settled) {
  if (!settled) return {};
  const auto pictures = static_cast<std::int64_t>(settled->pictures.size());
  Json json = setting_json(settled->best, pictures);
  json.set("pictures", pictures);
  json.set("tried", static_cast<std::int64_t>(settled->tried));
  json.set("second", settled->second ? setting_json(*settled->second, pictures) : Json());
  return json;
}

// What was counted.
struct Result {
  Confusion counts{};
  std::int64_t correct = 0;
  std::int64_t total = 0;
};

std::string as_text(const Result& result, const std::optional<Settled>& settled) {
  std::vector<std::string> header{"true \\ said"};
  for (int digit = 0; digit < 10; ++digit) header.push_back(std::to_string(digit));
  Table table(header);
  for (std::size_t digit = 0; digit < 10; ++digit) {
    std::vector<std::string> row{std::to_string(digit)};
    for (const std::int64_t count : result.counts[digit]) row.push_back(std::to_string(count));
    table.add(std::move(row));
  }
  return nn::concat(settled ? settled_text(*settled) : "", "accuracy ",
                    percent(result.correct, result.total, 2), " %, ", result.correct, " of ",
                    result.total, "\n\n", table.text());
}

std::string as_json(const EvaluateOptions& options, const Network& network, const Result& result,
                    const std::optional<Settled>& settled) {
  std::vector<Json> rows;
  for (const auto& row : result.counts) {
    rows.emplace_back(std::vector<Json>(row.begin(), row.end()));
  }
  return Json::object(
             {{"file", options.folder},
              {"model", network.name},
              {"set", options.train ? "train" : "test"},
              {"correct", result.correct},
              {"total", result.total},
              {"accuracy", static_cast<double>(result.correct) / static_cast<double>(result.total)},
              {"settled", settled_json(settled)},
              {"assumed", assumed_json(network.assumed)},
              {"confusion", rows}})
             .text() +
         "\n";
}

}  // namespace

int run(const EvaluateOptions& options) {
  const std::string file = options.model.empty() ? shipped_weights() : options.model;
  std::optional<nn::StateDict> weights;
  if (!nn::holds_graph(file)) weights = open_weights(file, options.weights);
  Network network = weights ? network_of(*weights, options.weights, options.net)
                            : graph_network(file, options.net, Pictures::digits);
  if (network.labels.size() != 10) {
    nn::fail(nn::printable(network.source()), ": evaluate needs a network of ten classes, ",
             nn::printable(network.name), " has ", network.labels.size());
  }
  const Mnist data = read_mnist(options.folder, options.train);
  const nn::SessionOptions session{.weights = options.storage};
  std::optional<Settled> settled =
      settle(weights ? &*weights : nullptr, network, options.net, data, session);
  if (settled) network = std::move(settled->network);
  Classifier classifier(std::move(network), session);
  tell_assumed(classifier.network());
  Result result;
  result.counts =
      confusion(classifier, data, settled ? settled->pictures : std::vector<std::int64_t>{});
  for (std::size_t truth = 0; truth < 10; ++truth) {
    result.correct += result.counts[truth][truth];
    for (const std::int64_t count : result.counts[truth]) result.total += count;
  }
  print(options.json ? as_json(options, classifier.network(), result, settled)
                     : as_text(result, settled));
  return 0;
}

}  // namespace apps
