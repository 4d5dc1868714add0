#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>

#include <nn/import/load.h>
#include <nn/import/propose.h>

namespace nn {
namespace {

constexpr std::size_t most_unknown = 4096;

// A layer that wants a name, or gives one; its parts are the last parts of its tensors' names.
struct Named {
  std::string name;       // "features.0"; of a tensor without dots its whole name
  std::string own_name;   // the same as the file has it, with what a wrapper added
  std::string signature;  // the tensors' parts and shapes, sorted: equal for what can be paired
  std::vector<std::pair<std::string, std::string>> parts;  // canonical and own: "weight", "gamma"
};

struct Pair {
  const Named* from;  // the file's
  const Named* to;    // the graph's
};

std::string_view canonical(std::string_view part) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> others{{
      {"gamma", "weight"},
      {"beta", "bias"},
      {"moving_mean", "running_mean"},
      {"moving_variance", "running_var"},
      {"moving_var", "running_var"},
  }};
  const auto* const found = std::ranges::find(others, part, &decltype(others)::value_type::first);
  return found == others.end() ? part : found->second;
}

// {"features.0", "weight"}; of a name without a dot {"", name}.
std::pair<std::string, std::string> split(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos) return {"", std::string(name)};
  return {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

// The layers of a list of tensors, in its order. With `tensors`, each tensor is one, told by its
// shape alone.
class Layers {
 public:
  explicit Layers(bool tensors) : tensors_(tensors) {}

  void add(const std::string& name, const std::string& own_name, const Shape& shape) {
    const auto [module, part] = tensors_ ? std::pair{name, std::string()} : split(name);
    const auto [at, added] = index_.emplace(module, layers_.size());
    if (added) {
      layers_.push_back({module, tensors_ ? own_name : split(own_name).first, {}, {}});
      texts_.emplace_back();
    }
    if (part == "num_batches_tracked") return;
    const std::string known(canonical(part));
    layers_[at->second].parts.emplace_back(known, part);
    texts_[at->second].insert(concat(known, " ", shape));
  }
  std::vector<Named> finish() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      for (const std::string& text : texts_[i]) layers_[i].signature += text + ";";
    }
    std::erase_if(layers_, [](const Named& layer) { return layer.parts.empty(); });
    return std::move(layers_);
  }

 private:
  bool tensors_;
  std::map<std::string, std::size_t> index_;
  std::vector<Named> layers_;
  std::vector<std::multiset<std::string>> texts_;
};

// What is to be paired, and what has been.
struct Pairing {
  std::vector<const Named*> from;  // the file's, in its order
  std::vector<const Named*> to;    // the graph's, in its order
  std::vector<Pair> pairs;

  void pair(const std::vector<Pair>& found) {
    for (const Pair& pair : found) {
      std::erase(from, pair.from);
      std::erase(to, pair.to);
      pairs.push_back(pair);
    }
  }
};

// The ends of a name that begin behind a dot, the whole name first: "a.b.c", "b.c", "c".
std::vector<std::string_view> ends_of(std::string_view name) {
  std::vector<std::string_view> ends{name};
  for (std::size_t dot = name.find('.'); dot != name.npos && ends.size() < 8;
       dot = name.find('.', dot + 1)) {
    ends.push_back(name.substr(dot + 1));
  }
  return ends;
}

// The same name: only the parts' names differ.
void pair_by_name(Pairing& pairing) {
  std::vector<Pair> found;
  for (const Named* to : pairing.to) {
    const auto from = std::ranges::find(pairing.from, to->name, &Named::name);
    if (from != pairing.from.end() && (*from)->signature == to->signature) {
      found.push_back({*from, to});
    }
  }
  pairing.pair(found);
}

// Rule 1. Of several fronts that fit, the one that pairs most goes first; two that pair as many
// layers and share one leave a choice: neither is taken.
void pair_by_front(Pairing& pairing) {
  std::map<std::string_view, std::vector<const Named*>> by_end;
  for (const Named* to : pairing.to) {
    for (const std::string_view end : ends_of(to->name)) by_end[end].push_back(to);
  }
  using Fronts = std::pair<std::string_view, std::string_view>;
  std::map<Fronts, std::vector<Pair>> found;
  std::map<std::string_view, std::size_t> of_front;  // how many layers of the file have it
  for (const Named* from : pairing.from) {
    for (const std::string_view end : ends_of(from->name)) {
      const std::string_view front(from->name.data(), from->name.size() - end.size());
      ++of_front[front];
      const auto named = by_end.find(end);
      if (named == by_end.end()) continue;
      for (const Named* to : named->second) {
        const std::string_view to_front(to->name.data(), to->name.size() - end.size());
        if (from->signature == to->signature) found[{front, to_front}].push_back({from, to});
      }
    }
  }
  std::erase_if(found,
                [&](const auto& item) { return item.second.size() < of_front[item.first.first]; });
  std::vector<std::vector<Pair>> best;
  for (auto& [fronts, pairs] : found) best.push_back(std::move(pairs));
  std::ranges::stable_sort(best, std::greater{}, &std::vector<Pair>::size);
  std::unordered_set<const Named*> used;
  for (std::size_t i = 0; i < best.size(); ++i) {
    const auto meets = [](const std::vector<Pair>& pairs, const Pair& one) {
      return std::ranges::any_of(pairs, [&](const Pair& other) {
        return (one.from == other.from) != (one.to == other.to);
      });
    };
    const auto taken = [&](const Pair& pair) {
      return used.contains(pair.from) || used.contains(pair.to);
    };
    if (std::ranges::any_of(best[i], taken)) continue;
    const bool choice = std::ranges::any_of(best, [&](const std::vector<Pair>& other) {
      return &other != &best[i] && other.size() == best[i].size() &&
             std::ranges::any_of(other, [&](const Pair& pair) { return meets(best[i], pair); });
    });
    for (const Pair& pair : best[i]) used.insert({pair.from, pair.to});
    if (!choice) pairing.pair(best[i]);
  }
}

// Names that differ in numbers alone have one pattern: "conv2" -> "conv#" and {2}.
struct Numbered {
  std::string pattern;
  std::vector<std::string> numbers;  // without leading zeros, compared by length first

  explicit Numbered(std::string_view name) {
    bool in_number = false;
    for (const char c : name) {
      const bool digit = c >= '0' && c <= '9';
      if (digit && !in_number) {
        pattern += '#';
        numbers.emplace_back();
      }
      if (!digit) pattern += c;
      if (digit && (numbers.back() != "0")) numbers.back() += c;
      in_number = digit;
    }
  }
  bool before(const Numbered& other) const {
    return pattern == other.pattern &&
           std::ranges::lexicographical_compare(
               numbers, other.numbers, [](const std::string& a, const std::string& b) {
                 return a.size() != b.size() ? a.size() < b.size() : a < b;
               });
  }
};

bool in_order_of_numbers(const std::vector<const Named*>& layers) {
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (!Numbered(layers[i - 1]->name).before(Numbered(layers[i]->name))) return false;
  }
  return true;
}

// Rules 2 and 3.
void pair_by_shape(Pairing& pairing, bool file_is_sorted) {
  struct Group {
    std::vector<const Named*> from;
    std::vector<const Named*> to;
  };
  std::map<std::string_view, Group> groups;
  for (const Named* from : pairing.from) groups[from->signature].from.push_back(from);
  for (const Named* to : pairing.to) groups[to->signature].to.push_back(to);
  const bool all_in_order =
      std::ranges::equal(pairing.from, pairing.to, {}, &Named::signature, &Named::signature);
  std::vector<Pair> found;
  for (const auto& [signature, group] : groups) {
    const std::size_t count = group.from.size();
    if (count == 0 || count != group.to.size()) continue;
    const bool numbered = in_order_of_numbers(group.from);
    if (count > 1 && !(all_in_order && (numbered || !file_is_sorted)) &&
        !(numbered && in_order_of_numbers(group.to))) {
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) found.push_back({group.from[i], group.to[i]});
  }
  pairing.pair(found);
}

// {"features", "conv"} of "features.0.1" and "conv.0.1", as long as something is left.
Rename without_common_end(Rename rename) {
  while (true) {
    const auto [from, from_end] = split(rename.from);
    const auto [to, to_end] = split(rename.to);
    if (from.empty() || from_end != to_end) return rename;
    if (to.empty()) return {from, ""};
    rename = {from, to};
  }
}

using Names = std::map<std::string, std::string>;  // of tensors, the file's and the graph's

// Does the rename of a module do to all below it what `names` says?
bool says(const Rename& rename, const Names& names, const StateDict& state_dict) {
  const std::string front = rename.from + ".";
  return std::ranges::all_of(state_dict.entries(), [&](const StateDict::Entry& entry) {
    if (!entry.name.starts_with(front) || entry.name.ends_with(".num_batches_tracked")) return true;
    const auto named = names.find(entry.name);
    const std::string rest = entry.name.substr(front.size());
    return named != names.end() &&
           named->second == (rename.to.empty() ? rest : rename.to + "." + rest);
  });
}

// As few renames as say it: of common fronts, of modules, of single tensors.
std::vector<Rename> renames_of(const std::vector<Pair>& pairs, const StateDict& state_dict) {
  Names names;
  const auto full = [](const std::string& module, const std::string& part) {
    return module.empty() ? part : part.empty() ? module : module + "." + part;
  };
  for (const auto& [from, to] : pairs) {
    for (const auto& [known, own] : from->parts) {
      names.emplace(full(from->own_name, own), full(to->name, known));
    }
  }
  std::vector<Rename> renames;
  const auto add = [&](Rename rename, bool module) {
    if (module && (rename.to.empty() || state_dict.contains(rename.from))) {
      rename.from += '.';
      if (!rename.to.empty()) rename.to += '.';
    }
    if (std::ranges::find(renames, rename) == renames.end()) renames.push_back(std::move(rename));
  };
  for (const auto& [from, to] : pairs) {
    const Rename module{from->own_name, to->name};
    const Rename front = without_common_end(module);
    const bool tensor = from->parts.size() == 1 && from->parts[0].second.empty();
    if (!tensor && !module.from.empty() && says(front, names, state_dict)) {
      add(front, true);
    } else if (!tensor && !module.from.empty() && says(module, names, state_dict)) {
      add(module, true);
    } else {
      for (const auto& [known, own] : from->parts) {
        add({full(from->own_name, own), full(to->name, known)}, false);
      }
    }
  }
  return renames;
}

}  // namespace

std::vector<Rename> propose_renames(const Graph& graph, const StateDict& state_dict) {
  const LoadReport report = compare(graph, state_dict);
  if (report.missing.empty() || report.unexpected.empty()) return {};
  if (report.unexpected.size() > most_unknown) return {};

  const auto has_dot = [](const std::string& name) { return name.find('.') != name.npos; };
  const bool tensors = std::ranges::none_of(report.unexpected, has_dot);
  const std::set<std::string_view> missing(report.missing.begin(), report.missing.end());
  Layers wanted(tensors);
  for (const auto& [name, parameter, role] : graph.parameters()) {
    if (missing.contains(name)) wanted.add(name, name, parameter.shape());
  }
  Layers given(tensors);
  for (const std::string& name : report.unexpected) {
    given.add(report.wrapper.unwrapped(name), name, state_dict.find(name)->shape);
  }
  const std::vector<Named> from = given.finish();
  const std::vector<Named> to = wanted.finish();
  Pairing pairing;
  for (const Named& layer : from) pairing.from.push_back(&layer);
  for (const Named& layer : to) pairing.to.push_back(&layer);
  pair_by_name(pairing);
  if (!tensors) pair_by_front(pairing);
  pair_by_shape(pairing, std::ranges::is_sorted(state_dict.entries(), {}, &StateDict::Entry::name));

  std::ranges::sort(pairing.pairs, {}, &Pair::to);  // the graph's order
  std::vector<Rename> renames = renames_of(pairing.pairs, state_dict);
  try {
    StateDict renamed = state_dict;
    rename(renamed, renames);
    const LoadReport after = compare(graph, renamed);
    const bool better = after.missing.size() < report.missing.size() &&
                        after.mismatched.size() <= report.mismatched.size();
    return better ? renames : std::vector<Rename>();
  } catch (const Error&) {  // a new name is taken
    return {};
  }
}

}  // namespace nn
