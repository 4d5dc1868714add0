#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include <nn/error.h>
#include <nn/io/checkpoint.h>
#include <nn/io/checkpoint_facts.h>
#include <nn/io/checkpoint_tensors.h>
#include <nn/io/module_walk.h>
#include <nn/io/numpy_text.h>
#include <nn/io/pickle_lookup.h>
#include <nn/io/torch_weights.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::array<std::string_view, 7> usual_keys = {
    "state_dict", "model_state_dict", "model", "net", "module", "weights", "params"};
constexpr std::string_view everything = "*";

// Takes steps from the top of a checkpoint to its weights and takes these.
class Chooser {
 public:
  Chooser(const Pickle& pickle, const TorchTensors& tensors)
      : pickle_(pickle),
        checkpoint_(pickle, tensors),
        facts_(checkpoint_),
        place_(pickle.root()),
        visited_{place_} {}

  ChosenWeights choose(std::string_view key) {
    if (key == everything) {
      take_all_ = true;
      collect();
    } else {
      follow(key);
      descend(!key.empty());
    }
    list_extras();
    ChosenWeights result;
    result.numbers = facts_.numbers();
    result.facts = facts_.finish(chosen_);
    result.facts.weights_key = printable(take_all_ && path_.empty() ? everything : path_);
    result.tensors = std::move(chosen_);
    return result;
  }

 private:
  // Steps.

  void step(const Child& child) {
    passed_.push_back({place_, child.value, path_});
    path_ = joined_path(path_, *child.label);
    place_ = child.value;
    if (!visited_.insert(place_).second) fail("'", printable(path_), "' contains itself");
  }

  // To where the user says: keys may contain dots, so the longest that there is goes first.
  void follow(std::string_view rest) {
    while (!rest.empty()) {
      std::size_t end = rest.size();
      auto found = part_named(rest);
      while (!found && (end = rest.substr(0, end).rfind('.')) != std::string_view::npos) {
        found = part_named(rest.substr(0, end));
      }
      if (!found) {
        fail("there is no key '", printable(rest), "' in ", describe_place());
      }
      const std::string_view label = rest.substr(0, end);
      // Of what belongs to the training, an optimizer for one, whatever there is was asked for.
      take_all_ |= checkpoint_.is_optimizer(*found) || is_training_key(label);
      step({std::string(label), *found});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  // Of a module, its submodules before its attributes.
  std::optional<Ref> part_named(std::string_view label) const {
    if (is_module(pickle_, place_)) {
      for (const std::string_view part : {"_modules", "_parameters", "_buffers"}) {
        const auto dict = attribute(pickle_, place_, part);
        const auto found = dict ? pickle_.value_at(*dict, label) : std::nullopt;
        if (found) return found;
      }
    }
    return child_named(pickle_, place_, label);
  }

  // By the rule, until there are weights to take.
  void descend(bool asked_for) {
    while (!take_all_ && !checkpoint_.is_tensor(place_) && !is_module(pickle_, place_)) {
      if (!checkpoint_.holds_weights(place_)) {
        take_all_ = asked_for;
        break;
      }
      if (const auto child = usual_child()) {
        step(*child);
        continue;
      }
      if (checkpoint_.holds_own_tensors(place_)) break;
      const auto holders = children_with_weights();
      if (holders.size() != 1) fail_ambiguous(holders);
      step(holders.front());
    }
    collect();
  }

  std::vector<Child> children_with_weights() const {
    std::vector<Child> holders;
    const std::size_t count = child_count(pickle_, place_);
    for (std::size_t i = 0; i < count; ++i) {
      Child child = child_at(pickle_, place_, i);
      const bool holds = checkpoint_.holds_weights(child.value);
      if (holds && child.label && !is_training_key(*child.label)) {
        holders.push_back(std::move(child));
      }
    }
    return holders;
  }

  // The child under one of the usual keys.
  std::optional<Child> usual_child() {
    if (pickle_.is(place_, Kind::list) || pickle_.is(place_, Kind::tuple)) return std::nullopt;
    std::vector<Child> usual;
    for (const std::string_view key : usual_keys) {
      const auto value = child_named(pickle_, place_, key);
      if (!value || !checkpoint_.holds_weights(*value)) continue;
      if (usual.empty() || !same_tensors(usual.front(), {std::string(key), *value})) {
        usual.push_back({std::string(key), *value});
      }
    }
    if (usual.empty()) return std::nullopt;
    std::vector<Child> others;
    std::optional<Child> average;
    for (Child& child : children_with_weights()) {
      if (is_average_key(*child.label)) average = child;
      const auto is_usual = std::ranges::find(usual_keys, *child.label) != usual_keys.end();
      if (!is_usual) others.push_back(std::move(child));
    }
    if (usual.size() > 1) {
      for (Child& other : others) usual.push_back(std::move(other));
      fail_ambiguous(usual);
    }
    if (average) {
      fail("the checkpoint holds weights under '", *usual[0].label, "' and averaged ones under '",
           printable(*average->label), "'; choose with ", flag(usual[0]), " or ", flag(*average));
    }
    for (const Child& other : others) {
      facts_.note(concat("the weights under '", printable(joined_path(path_, *other.label)),
                         "' were not taken; ", flag(other), " takes them"));
    }
    return usual[0];
  }

  // A model beside its own state_dict() is one choice, not two.
  bool same_tensors(const Child& a, const Child& b) const {
    const auto tensors_of = [&](const Child& child) {
      return collect_tensors(checkpoint_, child.value, Collect::weights).tensors;
    };
    return std::ranges::equal(tensors_of(a), tensors_of(b), [](const auto& x, const auto& y) {
      return x.name == y.name && x.tensor->storage == y.tensor->storage &&
             x.tensor->view.offset == y.tensor->view.offset;
    });
  }

  void collect() {
    const bool holds = take_all_ || checkpoint_.is_tensor(place_)
                           ? checkpoint_.holds_tensors(place_)
                           : checkpoint_.holds_weights(place_);
    if (!holds) fail_without_weights();
    CollectedTensors collected =
        collect_tensors(checkpoint_, place_, take_all_ ? Collect::all : Collect::weights);
    chosen_ = std::move(collected.tensors);
    if (chosen_.empty()) fail_without_weights();
    if (is_module(pickle_, place_)) {
      facts_.note(concat("the file pickles a whole module (", pickle_.global(place_),
                         "): its parameters and buffers were found, nothing was executed"));
    }
    for (std::string& note : collected.notes) facts_.note(std::move(note));
  }

  // What was passed by on the way, and what is not among the weights where they are.
  void list_extras() {
    const auto list = [&](Ref holder, const std::string& path, auto&& is_taken) {
      const std::size_t count = child_count(pickle_, holder);
      for (std::size_t i = 0; i < count; ++i) {
        const Child child = child_at(pickle_, holder, i);
        if (child.label && !is_taken(child))
          facts_.add(joined_path(path, *child.label), child.value);
      }
    };
    for (const Passed& passed : passed_) {
      if (is_module(pickle_, passed.holder)) continue;
      list(passed.holder, passed.path,
           [&](const Child& child) { return child.value == passed.chosen; });
    }
    if (is_module(pickle_, place_) || checkpoint_.is_tensor(place_)) return;
    list(place_, path_, [&](const Child& child) {
      return is_collected(checkpoint_, place_, child, take_all_ ? Collect::all : Collect::weights);
    });
  }

  // Refusals.

  // The option as one copies it to a shell, whatever characters the key has.
  std::string flag(const Child& child) const {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+:@%-";
    const std::string path = printable(joined_path(path_, *child.label));
    if (!path.empty() && path.find_first_not_of(plain) == std::string::npos) {
      return concat("--key ", path);
    }
    std::string word;
    for (const char c : path) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return concat("--key '", word, "'");
  }

  [[noreturn]] void fail_ambiguous(const std::vector<Child>& holders) const {
    constexpr std::size_t shown_at_most = 8;
    std::string flags;
    for (std::size_t i = 0; i < std::min(holders.size(), shown_at_most); ++i) {
      flags += flag(holders[i]) + ", ";
    }
    if (holders.size() > shown_at_most) flags += "…, ";
    fail("several keys hold tensors",
         path_.empty() ? "" : concat(" under '", printable(path_), "'"),
         " and which are meant is not clear: ", describe(place_), "; choose with ", flags,
         "or take all with --key '*'");
  }

  [[noreturn]] void fail_without_weights() const {
    constexpr std::string_view advice =
        "; save the weights alone, torch.save(model.state_dict(), path)";
    const std::string where = path_.empty() ? "the file" : concat("'", printable(path_), "'");
    if (checkpoint_.is_optimizer(place_)) {
      fail(where, " holds the state of an optimizer (state, param_groups) and no weights", advice);
    }
    if (checkpoint_.holds_tensors(place_)) {
      fail("expected weights, ", where, " holds only tensors of the training: ", describe_place(),
           advice, ", or choose them with --key");
    }
    const std::size_t count = child_count(pickle_, place_);
    for (std::size_t i = 0; i < count; ++i) {
      const Ref value = child_at(pickle_, place_, i).value;
      if (pickle_.is(value, Kind::object) && numpy_text(pickle_, value)) {
        fail("expected tensors, ", where, " holds arrays of NumPy: ", describe_place(),
             "; save them with numpy.savez, or as tensors, torch.from_numpy(array)");
      }
    }
    if (pickle_.is(place_, Kind::dict)) {
      fail("expected tensors, ", path_.empty() ? "at the top level" : "under " + where,
           " there is ", describe(place_), advice);
    }
    fail("expected tensors, ", where, " holds ", describe_place(), advice);
  }

  std::string describe_place() const {
    switch (pickle_.kind(place_)) {
      case Kind::dict:
        return describe(place_);
      case Kind::list:
      case Kind::tuple:
        return pickle_.items(place_).empty() ? concat("an empty list") : describe(place_);
      case Kind::object:
        return concat("an object of the class '", pickle_.global(place_), "'");
      default:
        return std::string(name_of(pickle_.kind(place_)));
    }
  }

  // "a dict with 'epoch' (an int), 'model' (a dict)"
  std::string describe(Ref holder) const {
    constexpr std::size_t shown_at_most = 8;
    const std::size_t count = child_count(pickle_, holder);
    if (count == 0) return "an empty dict";
    std::string text = concat(name_of(pickle_.kind(holder)), " with ");
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text += ", ";
      if (i == shown_at_most) return text + "…";
      const Child child = child_at(pickle_, holder, i);
      text += concat("'", child.label ? printable(*child.label) : "…", "' (",
                     name_of(pickle_.kind(child.value)), ")");
    }
    return text;
  }

  struct Passed {
    Ref holder;
    Ref chosen;
    std::string path;
  };

  const Pickle& pickle_;
  Checkpoint checkpoint_;
  FactWriter facts_;
  Ref place_;         // where the search is
  std::string path_;  // of the place
  std::vector<Passed> passed_;
  std::unordered_set<Ref> visited_;
  bool take_all_ = false;
  std::vector<NamedTensor> chosen_;
};

}  // namespace

ChosenWeights choose_weights(const Pickle& pickle, const TorchTensors& tensors,
                             const OpenOptions& options) {
  ChosenWeights chosen = Chooser(pickle, tensors).choose(options.key);
  chosen.facts.pickle_protocol = pickle.protocol();
  return chosen;
}

}  // namespace nn::io
