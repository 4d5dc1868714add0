#include <algorithm>
#include <apps/classifier.h>
#include <apps/progress.h>
#include <apps/settle.h>
#include <cmath>
#include <cstdio>
#include <limits>

namespace apps {
namespace {

constexpr std::int64_t settling_pictures = 500;
constexpr std::int64_t close_pictures = 10;  // some two standard deviations of a count of 480
constexpr double clear_loss = 0.9;
constexpr int most_rounds = 3;
constexpr double close_loss = 1.01;  // leaky_relu's slope of 0.01 makes no more
constexpr double least_probability = 1e-30;

// The values to try of what is open; one empty text where it is not.
std::vector<std::string> open_values(const Network& network, std::string_view what) {
  const models::Assumption* assumption = network.assumption(what);
  if (assumption == nullptr || assumption->alternatives.empty()) return {""};
  std::vector<std::string> values{assumption->chosen};
  values.insert(values.end(), assumption->alternatives.begin(), assumption->alternatives.end());
  return values;
}

std::vector<std::int64_t> spread_indices(std::int64_t total) {
  const std::int64_t step = total / settling_pictures;
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < settling_pictures; ++i) indices.push_back(i * step);
  return indices;
}

Mnist selected(const Mnist& data, const std::vector<std::int64_t>& indices) {
  const auto count = static_cast<std::int64_t>(indices.size());
  Mnist chosen{nn::Tensor({count, 28, 28}, nn::DType::uint8),
               nn::Tensor({count}, nn::DType::uint8)};
  auto picture = chosen.pictures.as<std::uint8_t>().begin();
  auto label = chosen.labels.as<std::uint8_t>().begin();
  for (const std::int64_t i : indices) {
    picture = std::ranges::copy(data.pictures.view().rows(i, 1).as<std::uint8_t>(), picture).out;
    *label++ = data.labels.as<std::uint8_t>()[static_cast<std::size_t>(i)];
  }
  return chosen;
}

// Counts the right pictures and takes the mean loss; none is right where the net gives NaN.
void measure(Setting& setting, Classifier& classifier, const Mnist& data) {
  setting.loss = std::numeric_limits<double>::infinity();
  nn::Tensor rows;
  try {
    rows = classifier(data.pictures);
  } catch (const nn::Error&) {
    return;
  }
  const auto labels = data.labels.as<std::uint8_t>();
  double loss = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = rows.view().rows(static_cast<std::int64_t>(i), 1).f32();
    if (std::ranges::max_element(row) - row.begin() == labels[i]) ++setting.correct;
    loss -= std::log(std::max(static_cast<double>(row[labels[i]]), least_probability));
  }
  setting.loss = loss / static_cast<double>(labels.size());
}

// The same net with other layers between those with weights.
Network rewired(const nn::StateDict* weights, const Network& network, const NetOptions& net) {
  if (weights == nullptr) {
    Network same = network;
    if (net.normalization) {
      same.normalization = *net.normalization;
      std::erase_if(same.assumed, [](const auto& open) { return open.what == "normalize"; });
    }
    return same;
  }
  Network other = unloaded_network(*weights, net);
  const auto values = network.graph.parameters();
  for (auto& [name, parameter, role] : other.graph.parameters()) {
    const auto same = std::ranges::find(values, name, &nn::Module::ConstNamedParameter::name);
    if (same != values.end() && same->parameter.has_value()) {
      parameter.assign(same->parameter.shared());
    }
  }
  return other;
}

// First the one to take, then the others: those close to the most right by their loss, the rest by
// what they get right.
void sort_best_first(std::vector<Setting>& settings) {
  const auto most = std::ranges::max(settings, {}, &Setting::correct).correct;
  const auto close = [&](const Setting& setting) {
    return setting.correct >= most - close_pictures;
  };
  double least = std::numeric_limits<double>::infinity();
  for (const Setting& setting : settings) {
    if (close(setting)) least = std::min(least, setting.loss);
  }
  const auto best = std::ranges::find_if(settings, [&](const Setting& setting) {
    return close(setting) && setting.loss <= close_loss * least;
  });
  std::rotate(settings.begin(), best, best + 1);
  std::stable_sort(settings.begin() + 1, settings.end(), [&](const Setting& a, const Setting& b) {
    if (close(a) != close(b)) return close(a);
    return close(a) ? a.loss < b.loss : a.correct > b.correct;
  });
}

void set(NetOptions& net, const std::string& what, const std::string& value) {
  if (what == "normalize") {
    net.normalization = parse_normalization(value);
  } else {
    models::set_option(net.wiring, what, value);
  }
}

NetOptions with(NetOptions net, const Setting& setting) {
  for (const auto& [what, value] : setting.choices) set(net, what, value);
  return net;
}

// A net, the labelled pictures and what is known of its wiring so far.
class Trials {
 public:
  Trials(const nn::StateDict* weights, const Network& network, const Mnist& sample,
         const nn::SessionOptions& session)
      : weights_(weights), network_(network), sample_(sample), session_(session) {}

  std::size_t tried() const { return tried_; }

  // Every open activation, pool and normalization together, besides what is settled; best first.
  std::vector<Setting> all(const NetOptions& net, const Setting& settled) {
    const std::vector<std::string> activations = open_values(network_, "activation");
    const std::vector<std::string> pools = open_values(network_, "pool");
    const std::vector<std::string> normalizations = open_values(network_, "normalize");
    std::vector<Setting> settings;
    Progress progress(
        "settling what is open",
        static_cast<std::int64_t>(activations.size() * pools.size() * normalizations.size()));
    for (const std::string& activation : activations) {
      for (const std::string& pool : pools) {
        Setting layers = settled;
        if (!activation.empty()) layers.choices.emplace_back("activation", activation);
        if (!pool.empty()) layers.choices.emplace_back("pool", pool);
        Classifier classifier(rewired(weights_, network_, with(net, layers)), session_);
        for (const std::string& normalization : normalizations) {
          Setting setting = layers;
          if (!normalization.empty()) {
            setting.choices.emplace_back("normalize", normalization);
            classifier.normalize_as(*parse_normalization(normalization));
          }
          measure(setting, classifier, sample_);
          settings.push_back(std::move(setting));
          progress.advance(1);
        }
      }
    }
    tried_ += settings.size();
    sort_best_first(settings);
    return settings;
  }

  // The one other choice that makes a setting clearly better, or nothing.
  std::optional<std::pair<std::string, std::string>> improvement(const NetOptions& net,
                                                                 const Setting& best) {
    std::optional<std::pair<std::string, std::string>> found;
    if (weights_ == nullptr) return found;
    Setting better = best;
    const Network network = unloaded_network(*weights_, with(net, best));
    for (const models::Assumption& open : network.assumed) {
      if (open.given || !is_option(open.what)) continue;
      for (const std::string& value : open.alternatives) {
        Setting setting = best;
        setting.correct = 0;
        setting.choices.emplace_back(open.what, value);
        if (!measure(setting, net)) continue;
        ++tried_;
        const bool clearly = setting.correct > better.correct + close_pictures ||
                             (setting.correct >= better.correct - close_pictures &&
                              setting.loss < clear_loss * better.loss);
        if (!clearly) continue;
        found.emplace(open.what, value);
        better = std::move(setting);
      }
    }
    return found;
  }

 private:
  // May labels settle it? A net's output is of no matter for which class is largest.
  static bool is_option(std::string_view what) {
    const auto names = models::wiring_option_names();
    return what != "output" && what != "layers" && what != "input" && what != "activation" &&
           what != "pool" && std::ranges::find(names, what) != names.end();
  }

  // False where no net is wired so.
  bool measure(Setting& setting, const NetOptions& net) const {
    try {
      Classifier classifier(rewired(weights_, network_, with(net, setting)), session_);
      apps::measure(setting, classifier, sample_);
      return true;
    } catch (const nn::Error&) {
      return false;
    }
  }
  static void measure(Setting& setting, Classifier& classifier, const Mnist& sample) {
    apps::measure(setting, classifier, sample);
  }

  const nn::StateDict* weights_;
  const Network& network_;
  const Mnist& sample_;
  const nn::SessionOptions& session_;
  std::size_t tried_ = 0;
};

std::string percent(std::int64_t correct) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f",
                100.0 * static_cast<double>(correct) / settling_pictures);
  return text;
}

}  // namespace

std::string to_text(const Setting& setting) {
  std::string text;
  for (const auto& [what, value] : setting.choices) {
    text += nn::concat(text.empty() ? "" : ", ", what, " ", value);
  }
  return text;
}

std::optional<Settled> settle(const nn::StateDict* weights, const Network& network,
                              const NetOptions& net, const Mnist& data,
                              const nn::SessionOptions& session) {
  const std::vector<std::string> activations = open_values(network, "activation");
  const std::vector<std::string> pools = open_values(network, "pool");
  const std::vector<std::string> normalizations = open_values(network, "normalize");
  const std::size_t count = activations.size() * pools.size() * normalizations.size();
  if (count == 1) return std::nullopt;

  const std::string source = nn::printable(network.source());
  const std::int64_t total = data.pictures.shape()[0];
  if (total < 2 * settling_pictures) {
    nn::fail(source, ": its weights do not tell everything (", network.assumed[0].what,
             ", …), which takes ", settling_pictures, " labelled pictures of at least ",
             2 * settling_pictures, " to settle, there are ", total,
             ": give --activation, --pool and --normalize");
  }
  Settled result;
  result.pictures = spread_indices(total);
  const Mnist sample = selected(data, result.pictures);
  Trials trials(weights, network, sample, session);
  Setting settled;
  std::vector<Setting> settings;
  for (int round = 0;; ++round) {
    settings = trials.all(net, settled);
    if (round == most_rounds) break;
    const auto improvement = trials.improvement(net, settings[0]);
    if (!improvement) break;
    std::erase_if(settled.choices,
                  [&](const auto& choice) { return choice.first == improvement->first; });
    settled.choices.push_back(*improvement);
  }
  result.tried = trials.tried();
  result.best = settings[0];
  if (settings.size() > 1) result.second = settings[1];
  if (2 * result.best.correct < settling_pictures) {
    nn::fail(source, ": the best of ", result.tried, " settings, ", to_text(result.best),
             ", is right in ", percent(result.best.correct), " % of ", settling_pictures,
             " pictures, expected 50 % or more: these are not a net's weights for digits, or it is "
             "wired otherwise, which --net can tell");
  }
  result.network = rewired(weights, network, with(net, result.best));
  return result;
}

}  // namespace apps
