#include <algorithm>
#include <array>

#include <nn/io/checkpoint.h>
#include <nn/io/module_walk.h>
#include <nn/io/pickle_lookup.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

// Beginnings of words, and whole words.
constexpr std::array<std::string_view, 9> training_stems = {
    "optim", "sched", "scaler", "callback", "hyper", "hparam", "sampler", "metric", "loss"};
constexpr std::array<std::string_view, 11> training_words = {
    "rng", "loops", "amp", "acc", "accuracy", "history", "opt", "lr", "args", "config", "cfg"};

std::string next_word(std::string_view& text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  while (!text.empty() && !is_letter(text.front())) text.remove_prefix(1);
  std::string word;
  while (!text.empty() && is_letter(text.front())) {
    word += static_cast<char>(text.front() | 0x20);  // in lower case
    text.remove_prefix(1);
  }
  return word;
}

}  // namespace

bool is_training_key(std::string_view key) {
  if (key.find('.') != std::string_view::npos) return false;  // the path of a parameter
  for (std::string word = next_word(key); !word.empty(); word = next_word(key)) {
    const auto begins = [&](std::string_view stem) { return word.starts_with(stem); };
    if (std::ranges::any_of(training_stems, begins)) return true;
    if (std::ranges::find(training_words, word) != training_words.end()) return true;
  }
  return false;
}

bool is_average_key(std::string_view key) {
  for (std::string word = next_word(key); !word.empty(); word = next_word(key)) {
    if (word == "ema" || word == "swa") return true;
  }
  return false;
}

Checkpoint::Checkpoint(const Pickle& pickle, const TorchTensors& tensors)
    : pickle_(pickle), tensors_(tensors), marks_(pickle.size()) {
  mark_all();
}

bool Checkpoint::is_optimizer(Ref value) const {
  const auto has = [&](std::string_view name) {
    return pickle_.value_at(value, name) || attribute(pickle_, value, name);
  };
  return has("param_groups") && has("state");
}

// Key and value of a dict, or of a placeholder that is a kind of dict; else the items.
Checkpoint::Content Checkpoint::content_of(Ref value) const {
  switch (pickle_.kind(value)) {
    case Kind::dict:
      return {pickle_.items(value), 2};
    case Kind::object:
      return {pairs_of(pickle_, value), 2};
    case Kind::list:
    case Kind::tuple:
      return {pickle_.items(value), 1};
    default:
      return {{}, 1};
  }
}

bool Checkpoint::holds_own_tensors(Ref value) const {
  const auto [items, step] = content_of(value);
  for (std::size_t i = step - 1; i < items.size(); i += step) {
    const TorchTensor* tensor = tensors_.find(items[i]);
    if (tensor == nullptr || tensor->view.shape.rank() == 0) continue;
    const bool trains = step == 2 && pickle_.is(items[i - 1], Kind::string) &&
                        is_training_key(pickle_.text(items[i - 1]));
    if (!trains) return true;
  }
  return holds_only_tensors(value);
}

bool Checkpoint::holds_only_tensors(Ref value) const {
  const auto [items, step] = content_of(value);
  for (std::size_t i = step - 1; i < items.size(); i += step) {
    if (!is_tensor(items[i])) return false;
  }
  return !items.empty();
}

// What the marks of a value depend on.
std::vector<Ref> Checkpoint::parts_of(Ref value) const {
  const auto items = pickle_.items(value);
  std::vector<Ref> parts;
  if (is_tensor(value)) return parts;
  if (pickle_.is(value, Kind::dict)) {
    for (std::size_t i = 1; i < items.size(); i += 2) parts.push_back(items[i]);
    return parts;
  }
  parts.assign(items.begin(), items.end());
  if (pickle_.is(value, Kind::object)) parts.push_back(pickle_.state(value));
  return parts;
}

void Checkpoint::mark(Ref value) {
  std::uint8_t marks = seen;
  if (is_tensor(value)) marks |= has_tensors;
  const auto contains = [&](Ref part) { return (marks_[part] & has_tensors) != 0; };
  if (std::ranges::any_of(parts_of(value), contains)) marks |= has_tensors;
  const auto holds = [&](std::span<const Ref> pairs) {
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
      const bool trains =
          pickle_.is(pairs[i], Kind::string) && is_training_key(pickle_.text(pairs[i]));
      if (!trains && (marks_[pairs[i + 1]] & has_weights) != 0) return true;
    }
    return false;
  };
  bool weights = false;
  if ((marks & has_tensors) != 0 && !is_optimizer(value)) {
    switch (pickle_.kind(value)) {
      case Kind::dict:
        weights = holds_own_tensors(value) || holds(pickle_.items(value));
        break;
      case Kind::list:
      case Kind::tuple: {
        const auto has = [&](Ref item) { return (marks_[item] & has_weights) != 0; };
        weights = holds_own_tensors(value) || std::ranges::any_of(pickle_.items(value), has);
        break;
      }
      case Kind::object:
        weights = is_module(pickle_, value) || holds_own_tensors(value) ||
                  holds(attributes_of(pickle_, value)) || holds(pairs_of(pickle_, value));
        break;
      default:
        break;
    }
  }
  marks_[value] = static_cast<std::uint8_t>(marks | (weights ? has_weights : 0));
}

// Parts first, without recursion; a value that contains itself is taken without that part.
void Checkpoint::mark_all() {
  struct Step {
    Ref value;
    std::vector<Ref> parts;
    std::size_t next = 0;
  };
  std::vector<Step> path;
  const auto enter = [&](Ref value) {
    if ((marks_[value] & seen) != 0) return;
    marks_[value] = seen;
    path.push_back({value, parts_of(value), 0});
  };
  enter(pickle_.root());
  while (!path.empty()) {
    Step& step = path.back();
    if (step.next < step.parts.size()) {
      enter(step.parts[step.next++]);
    } else {
      mark(step.value);
      path.pop_back();
    }
  }
}

}  // namespace nn::io
