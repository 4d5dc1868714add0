#include <algorithm>
#include <apps/classifier.h>
#include <apps/commands.h>
#include <apps/json.h>
#include <apps/output.h>
#include <apps/progress.h>
#include <apps/table.h>
#include <array>
#include <filesystem>

namespace apps {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t pictures_at_once = 512;

// "t10k-images-idx3-ubyte" in the folder: plain or .gz, with the dot that some copies have in place
// of the dash, or in torchvision's MNIST/raw below it.
fs::path find_file(const std::string& folder, const std::string& stem, const std::string& kind) {
  for (const char* below : {"", "MNIST/raw", "raw"}) {
    for (const char* separator : {"-", "."}) {
      for (const char* ending : {"", ".gz"}) {
        fs::path path = fs::path(folder) / below / nn::concat(stem, separator, kind, ending);
        std::error_code ignored;
        if (fs::exists(path, ignored)) return path;
      }
    }
  }
  nn::fail(nn::printable(folder), ": expected ", stem, "-", kind, " or ", stem, "-", kind,
           ".gz in it: name a folder that holds MNIST's idx files");
}

struct Data {
  nn::Tensor pictures;  // uint8 [N, 28, 28]
  nn::Tensor labels;    // uint8 [N]
};

Data read_data(const EvaluateOptions& options) {
  const std::string set = options.train ? "train" : "t10k";
  const fs::path pictures_file = find_file(options.folder, set + "-images", "idx3-ubyte");
  const fs::path labels_file = find_file(options.folder, set + "-labels", "idx1-ubyte");
  Data data{nn::read_idx(pictures_file), nn::read_idx(labels_file)};
  const nn::Shape& shape = data.pictures.shape();
  if (shape.rank() != 3 || shape[1] != 28 || shape[2] != 28) {
    nn::fail(nn::printable(pictures_file.string()), ": expected pictures [N, 28, 28], got ", shape);
  }
  if (data.labels.shape() != nn::Shape({shape[0]})) {
    nn::fail(nn::printable(labels_file.string()), ": expected ", shape[0],
             " labels as there are pictures, got ", data.labels.shape());
  }
  if (shape[0] == 0)
    nn::fail(nn::printable(pictures_file.string()), ": expected pictures, got none");
  for (const std::uint8_t label : data.labels.as<std::uint8_t>()) {
    if (label > 9)
      nn::fail(nn::printable(labels_file.string()), ": expected labels 0 to 9, got ", int{label});
  }
  return data;
}

using Confusion = std::array<std::array<std::int64_t, 10>, 10>;  // [true][predicted]

Confusion confusion(Classifier& classifier, const Data& data) {
  Confusion counts{};
  const auto labels = data.labels.as<std::uint8_t>();
  const std::int64_t total = data.pictures.shape()[0];
  Progress progress("evaluating", total);
  for (std::int64_t first = 0; first < total; first += pictures_at_once) {
    const std::int64_t count = std::min(pictures_at_once, total - first);
    const nn::Tensor rows = classifier(data.pictures.view().rows(first, count), first);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto row = rows.view().rows(i, 1).f32();
      const auto best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
      ++counts[labels[static_cast<std::size_t>(first + i)]][best];
    }
    progress.advance(count);
  }
  return counts;
}

std::string as_text(const Confusion& counts, std::int64_t correct, std::int64_t total) {
  std::vector<std::string> header{"true \\ said"};
  for (int digit = 0; digit < 10; ++digit) header.push_back(std::to_string(digit));
  Table table(header);
  for (std::size_t digit = 0; digit < 10; ++digit) {
    std::vector<std::string> row{std::to_string(digit)};
    for (const std::int64_t count : counts[digit]) row.push_back(std::to_string(count));
    table.add(std::move(row));
  }
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.2f",
                100.0 * static_cast<double>(correct) / static_cast<double>(total));
  return nn::concat("accuracy ", percent, " %, ", correct, " of ", total, "\n\n", table.text());
}

std::string as_json(const EvaluateOptions& options, const models::Model& model,
                    const Confusion& counts, std::int64_t correct, std::int64_t total) {
  std::vector<Json> rows;
  for (const auto& row : counts) rows.emplace_back(std::vector<Json>(row.begin(), row.end()));
  return Json::object({{"file", options.folder},
                       {"model", model.name},
                       {"set", options.train ? "train" : "test"},
                       {"correct", correct},
                       {"total", total},
                       {"accuracy", static_cast<double>(correct) / static_cast<double>(total)},
                       {"confusion", rows}})
             .text() +
         "\n";
}

}  // namespace

int run(const EvaluateOptions& options) {
  Classifier classifier(options.model, options.weights, {.weights = options.storage});
  if (classifier.model().labels.size() != 10) {
    nn::fail("evaluate needs a network of ten classes, ", classifier.model().name, " has ",
             classifier.model().labels.size());
  }
  const Data data = read_data(options);
  const Confusion counts = confusion(classifier, data);
  std::int64_t correct = 0;
  for (std::size_t digit = 0; digit < 10; ++digit) correct += counts[digit][digit];
  const std::int64_t total = data.pictures.shape()[0];
  print(options.json ? as_json(options, classifier.model(), counts, correct, total)
                     : as_text(counts, correct, total));
  return 0;
}

}  // namespace apps
