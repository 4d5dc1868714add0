#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include <nn/error.h>
#include <nn/io/entries.h>
#include <nn/io/torch_weights.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::array<std::string_view, 7> usual_keys = {
    "state_dict", "model_state_dict", "model", "net", "module", "weights", "params"};

// "ema", "model_ema", "ema_state_dict": an average of the weights over the training.
bool is_average(std::string_view key) {
  return key == "ema" || key.starts_with("ema_") || key.ends_with("_ema") ||
         key.find("_ema_") != std::string_view::npos;
}

class Chooser {
 public:
  Chooser(const Pickle& pickle, const TorchTensors& tensors) : pickle_(pickle), tensors_(tensors) {}

  ChosenWeights choose(std::string_view key) {
    const Ref place = at(key);
    ChosenWeights chosen;
    chosen.tensors = from(place);
    if (!weights_key_.empty()) key = weights_key_;
    list_extras(key, chosen);
    chosen.facts.weights_key = printable(key);
    return chosen;
  }

 private:
  // The value at a path of keys.
  Ref at(std::string_view path) const {
    Ref place = pickle_.root();
    while (!path.empty()) {
      const std::size_t dot = path.find('.');
      const std::string_view key = path.substr(0, dot);
      const auto value =
          pickle_.is(place, Kind::dict) ? value_at(place, key) : std::optional<Ref>();
      if (!value) {
        fail("there is no key '", printable(key), "' in ",
             pickle_.is(place, Kind::dict) ? describe(place) : name_of(pickle_.kind(place)));
      }
      place = *value;
      path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return place;
  }

  std::vector<NamedTensor> from(Ref root) {
    switch (pickle_.kind(root)) {
      case Kind::dict:
        return from_dict(root);
      case Kind::list:
      case Kind::tuple:
        return from_list(pickle_.items(root));
      case Kind::object:
        fail_module(pickle_.global(root));
      default:
        break;
    }
    if (is_tensor(root)) return from_list({&root, 1});
    fail("expected tensors, the file holds ", name_of(pickle_.kind(root)));
  }

  void list_extras(std::string_view chosen_key, ChosenWeights& chosen) const {
    const Ref root = pickle_.root();
    if (!pickle_.is(root, Kind::dict)) return;
    const auto items = pickle_.items(root);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (!pickle_.is(items[i], Kind::string) || is_tensor(items[i + 1])) continue;
      const std::string_view key = pickle_.text(items[i]);
      if (key != chosen_key) chosen.facts.extras.emplace_back(printable(key), show(items[i + 1]));
    }
  }

  std::string show(Ref value) const {
    switch (pickle_.kind(value)) {
      case Kind::boolean:
        return pickle_.boolean(value) ? "True" : "False";
      case Kind::integer:
        return nn::to_text(pickle_.integer(value));
      case Kind::real:
        return nn::to_text(pickle_.real(value));
      case Kind::string:
        return printable(pickle_.text(value));
      default:
        return std::string(name_of(pickle_.kind(value)));
    }
  }

  bool is_tensor(Ref value) const { return tensors_.find(value) != nullptr; }

  std::size_t count_tensors(Ref dict) const {
    if (!pickle_.is(dict, Kind::dict)) return 0;
    const auto items = pickle_.items(dict);
    std::size_t count = 0;
    for (std::size_t i = 1; i < items.size(); i += 2) count += is_tensor(items[i]) ? 1 : 0;
    return count;
  }

  std::optional<Ref> value_at(Ref dict, std::string_view key) const {
    const auto items = pickle_.items(dict);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (pickle_.is(items[i], Kind::string) && pickle_.text(items[i]) == key) return items[i + 1];
    }
    return std::nullopt;
  }

  std::vector<NamedTensor> from_dict(Ref root) {
    for (const std::string_view key : usual_keys) {
      const auto value = value_at(root, key);
      if (!value || count_tensors(*value) == 0) continue;
      refuse_averages(root, key);
      weights_key_ = key;
      return tensors_of(*value);
    }
    if (count_tensors(root) > 0) return tensors_of(root);
    std::vector<std::size_t> holders;
    const auto items = pickle_.items(root);
    for (std::size_t i = 1; i < items.size(); i += 2) {
      if (count_tensors(items[i]) > 0) holders.push_back(i);
    }
    if (holders.size() == 1) {
      const std::size_t i = holders.front();
      if (pickle_.is(items[i - 1], Kind::string)) weights_key_ = pickle_.text(items[i - 1]);
      return tensors_of(items[i]);
    }
    for (const std::string_view key : usual_keys) {
      const auto value = value_at(root, key);
      if (value && pickle_.is(*value, Kind::object)) fail_module(pickle_.global(*value));
    }
    fail(holders.empty() ? "expected tensors, at the top level there is "
                         : "several keys hold tensors, none of them a usual one: ",
         describe(root), "; save the weights alone, torch.save(model.state_dict(), path)");
  }

  void refuse_averages(Ref root, std::string_view chosen) const {
    const auto items = pickle_.items(root);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (!pickle_.is(items[i], Kind::string) || !is_average(pickle_.text(items[i]))) continue;
      if (count_tensors(items[i + 1]) == 0) continue;
      const std::string average = printable(pickle_.text(items[i]));
      fail("the checkpoint holds weights under '", chosen, "' and averaged ones under '", average,
           "'; save the ones you want, torch.save(checkpoint['", average, "'], path)");
    }
  }

  std::vector<NamedTensor> tensors_of(Ref dict) const {
    std::vector<NamedTensor> chosen;
    std::unordered_set<std::string> names;
    const auto items = pickle_.items(dict);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      const TorchTensor* tensor = tensors_.find(items[i + 1]);
      if (tensor == nullptr) continue;
      std::string name = name_of_key(items[i]);
      if (!names.insert(name).second) fail("two tensors are named '", printable(name), "'");
      chosen.push_back({std::move(name), tensor});
    }
    return chosen;
  }

  std::string name_of_key(Ref key) const {
    if (pickle_.is(key, Kind::integer)) return nn::to_text(pickle_.integer(key));
    if (!pickle_.is(key, Kind::string)) {
      fail("the key of a tensor is ", name_of(pickle_.kind(key)), ", expected a string");
    }
    const std::string_view text = pickle_.text(key);
    check_tensor_name(text);
    return std::string(text);
  }

  std::vector<NamedTensor> from_list(std::span<const Ref> items) const {
    std::vector<NamedTensor> chosen;
    for (const Ref item : items) {
      const TorchTensor* tensor = tensors_.find(item);
      if (tensor == nullptr) {
        fail("expected tensors, the file holds a list with ", name_of(pickle_.kind(item)));
      }
      chosen.push_back({nn::to_text(chosen.size()), tensor});
    }
    if (chosen.empty()) fail("expected tensors, the file holds an empty list");
    return chosen;
  }

  // "a dict with 'epoch' (an int), 'model' (a dict)"
  std::string describe(Ref dict) const {
    constexpr std::size_t shown_at_most = 8;
    const auto items = pickle_.items(dict);
    if (items.empty()) return "an empty dict";
    std::string text = "a dict with ";
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (i > 0) text += ", ";
      if (i == 2 * shown_at_most) return text + "…";
      const Ref key = items[i];
      text += pickle_.is(key, Kind::string) ? concat("'", printable(pickle_.text(key)), "'")
                                            : std::string(name_of(pickle_.kind(key)));
      text += concat(" (", name_of(pickle_.kind(items[i + 1])), ")");
    }
    return text;
  }

  [[noreturn]] static void fail_module(const GlobalName& type) {
    fail("this file pickles a whole module (", type,
         "), which only Python can use; save the weights alone, "
         "torch.save(model.state_dict(), path)");
  }

  const Pickle& pickle_;
  const TorchTensors& tensors_;
  std::string weights_key_;
};

}  // namespace

ChosenWeights choose_weights(const Pickle& pickle, const TorchTensors& tensors,
                             const OpenOptions& options) {
  return Chooser(pickle, tensors).choose(options.key);
}

}  // namespace nn::io
