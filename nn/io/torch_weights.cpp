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

  std::vector<NamedTensor> choose() const {
    const Ref root = pickle_.root();
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

 private:
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

  std::vector<NamedTensor> from_dict(Ref root) const {
    for (const std::string_view key : usual_keys) {
      const auto value = value_at(root, key);
      if (!value || count_tensors(*value) == 0) continue;
      refuse_averages(root, key);
      return tensors_of(*value);
    }
    if (count_tensors(root) > 0) return tensors_of(root);
    std::vector<Ref> holders;
    const auto items = pickle_.items(root);
    for (std::size_t i = 1; i < items.size(); i += 2) {
      if (count_tensors(items[i]) > 0) holders.push_back(items[i]);
    }
    if (holders.size() == 1) return tensors_of(holders.front());
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
};

}  // namespace

std::vector<NamedTensor> choose_weights(const Pickle& pickle, const TorchTensors& tensors) {
  return Chooser(pickle, tensors).choose();
}

}  // namespace nn::io
