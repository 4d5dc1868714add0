#include <algorithm>
#include <apps/classifier.h>
#include <apps/commands.h>
#include <apps/json.h>
#include <apps/output.h>
#include <apps/table.h>
#include <cmath>
#include <cstdio>
#include <optional>

namespace apps {
namespace {

constexpr std::size_t top_of_several = 3;
constexpr double bar_width = 40;

struct Class {
  std::string_view label;
  float probability;
};

// The classes of one row, most probable first, ties in the order of the labels.
std::vector<Class> ranked(const std::vector<std::string>& labels,
                          std::span<const float> probabilities) {
  std::vector<Class> classes;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    classes.push_back({labels[i], probabilities[i]});
  }
  std::ranges::stable_sort(classes, std::greater{}, &Class::probability);
  return classes;
}

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string as_text(const std::string& file, std::span<const Class> classes, bool digits) {
  Table table({digits ? "digit" : "class", "probability", ""});
  for (const auto& [label, probability] : classes) {
    const auto length =
        static_cast<std::size_t>(std::lround(bar_width * static_cast<double>(probability)));
    table.add(
        {std::string(label), fixed(static_cast<double>(probability), 4), std::string(length, '#')});
  }
  return nn::concat(nn::printable(file), ": ", classes[0].label, "\n", table.text());
}

std::string as_json(const std::string& file, std::span<const Class> classes,
                    const Network& network) {
  std::vector<Json> items;
  for (const auto& [label, probability] : classes) {
    items.push_back(
        Json::object({{"label", label}, {"probability", static_cast<double>(probability)}}));
  }
  return Json::object({{"file", file},
                       {"label", classes[0].label},
                       {"probability", static_cast<double>(classes[0].probability)},
                       {"classes", items},
                       {"assumed", assumed_json(network.assumed)}})
             .text() +
         "\n";
}

std::string blank_answer(const std::string& file, bool json) {
  if (!json) return nn::printable(file) + ": blank, nothing is drawn on it\n";
  return Json::object({{"file", file}, {"label", Json()}, {"reason", "blank"}}).text() + "\n";
}

// One picture's answer; nothing when it is blank.
std::optional<std::string> answer(const std::string& file, std::size_t top, bool json,
                                  Classifier& classifier) {
  const nn::Image image = nn::read_image(file);
  nn::Digit digit;
  if (!classifier.network().photos) digit = nn::prepare_digit(image);
  if (digit.blank) return std::nullopt;
  nn::Tensor probabilities;
  try {
    probabilities = classifier.network().photos
                        ? classifier(image)
                        : classifier(digit.pixels.view().reshaped({1, 28, 28}));
  } catch (const nn::Error& error) {
    nn::fail(nn::printable(file), ": ", error.what());
  }
  std::vector<Class> classes = ranked(classifier.network().labels, probabilities.f32());
  classes.resize(std::min(top, classes.size()));
  return json ? as_json(file, classes, classifier.network())
              : as_text(file, classes, !classifier.network().photos);
}

}  // namespace

int run(const ClassifyOptions& options) {
  // Pictures come one by one: other threads would have nothing to share.
  Classifier classifier(open_model(options.model, options.weights, options.net),
                        {.threads = 1, .weights = options.storage});
  tell_assumed(classifier.network());
  const std::size_t classes = classifier.network().labels.size();
  constexpr std::size_t most_shown = 20;
  const std::size_t all = classes <= most_shown ? classes : 5;
  const std::size_t top =
      options.top > 0 ? options.top : (options.images.size() == 1 ? all : top_of_several);
  int result = 0;
  for (const std::string& file : options.images) {
    std::optional<std::string> text;
    try {
      text = answer(file, top, options.json, classifier);
    } catch (const nn::Error& error) {
      complain(error.what());
      result = 1;
      continue;
    }
    if (!text) result = 1;
    print(text ? *text : blank_answer(file, options.json));
  }
  return result;
}

}  // namespace apps
