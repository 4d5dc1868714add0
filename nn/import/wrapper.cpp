#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include <nn/import/wrapper.h>

namespace nn {
namespace {

struct Word {
  std::string_view word;
  std::string_view from;  // whose it is
  enum Place : std::uint8_t { front, front_or_inside, artefact } place;
};

// `module` can be a network's own word; those with an underscore are nothing but artefacts.
constexpr std::array words{
    Word{"module", "DataParallel", Word::front_or_inside},
    Word{"_orig_mod", "torch.compile", Word::artefact},
    Word{"_forward_module", "Lightning Fabric", Word::artefact},
    Word{"_fsdp_wrapped_module", "FullyShardedDataParallel", Word::artefact},
    Word{"_fpw_module", "FullyShardedDataParallel", Word::artefact},
    Word{"_checkpoint_wrapped_module", "checkpoint_wrapper", Word::artefact},
    Word{"_module", "Opacus", Word::artefact},
    Word{"model", "an enclosing module", Word::front},
    Word{"net", "an enclosing module", Word::front},
    Word{"network", "an enclosing module", Word::front},
};

constexpr std::size_t most_stacked = 8;
constexpr std::size_t most_names = 4096;

const Word* find_word(std::string_view segment) {
  if (segment.empty() || (segment[0] != '_' && segment[0] != 'm' && segment[0] != 'n')) {
    return nullptr;  // most segments, at once
  }
  const auto* const found = std::ranges::find(words, segment, &Word::word);
  return found == words.end() ? nullptr : found;
}

// Calls use(segment, begin of what follows it) for each part of a name that ends in a dot.
template <class Use>
void for_each_module(std::string_view name, Use use) {
  std::size_t at = 0;
  for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.', at)) {
    const std::string_view segment = name.substr(at, dot - at);
    at = dot + 1;
    use(segment, at);
  }
}

// Where a name goes on behind each wrapper that it begins with: "module.net.fc" -> {7, 11}.
std::vector<std::size_t> front_ends(std::string_view name) {
  std::vector<std::size_t> ends;
  bool front = true;
  for_each_module(name, [&](std::string_view segment, std::size_t end) {
    front = front && ends.size() < most_stacked && find_word(segment) != nullptr;
    if (front) ends.push_back(end);
  });
  return ends;
}

std::string without(std::string_view name, const std::vector<std::string>& inside) {
  if (inside.empty()) return std::string(name);
  std::string result;
  std::size_t rest = 0;
  for_each_module(name, [&](std::string_view segment, std::size_t end) {
    if (std::ranges::find(inside, segment) == inside.end()) result.append(segment).append(1, '.');
    rest = end;
  });
  return result.append(name.substr(rest));
}

// The words of those places that the names hold.
std::vector<std::string> words_inside(const StateDict& state_dict, Word::Place least) {
  std::array<bool, words.size()> met{};
  for (const StateDict::Entry& entry : state_dict.entries()) {
    for_each_module(entry.name, [&](std::string_view segment, std::size_t) {
      if (const Word* word = find_word(segment))
        met[static_cast<std::size_t>(word - words.data())] = true;
    });
  }
  std::vector<std::string> inside;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (met[i] && words[i].place >= least) inside.emplace_back(words[i].word);
  }
  return inside;
}

bool distinct(const StateDict& state_dict, const Wrapper& wrapper) {
  std::unordered_set<std::string> names;
  return std::ranges::all_of(state_dict.entries(), [&](const StateDict::Entry& entry) {
    return names.insert(wrapper.unwrapped(entry.name)).second;
  });
}

}  // namespace

std::string Wrapper::unwrapped(std::string_view name) const {
  return without(name.starts_with(prefix) ? name.substr(prefix.size()) : name, inside);
}

std::string to_text(const Wrapper& wrapper) {
  std::vector<const Word*> met;
  std::string text = "names are read without ";
  const auto add = [&](std::string_view segment) {
    const Word* const word = find_word(segment);
    if (word == nullptr || std::ranges::find(met, word) != met.end()) return;
    met.push_back(word);
  };
  for (std::size_t at = 0, dot = 0; (dot = wrapper.prefix.find('.', at)) != std::string::npos;
       at = dot + 1) {
    add(std::string_view(wrapper.prefix).substr(at, dot - at));
  }
  for (const std::string& segment : wrapper.inside) add(segment);
  for (std::size_t i = 0; i < met.size(); ++i) {
    text += concat(i == 0               ? ""
                   : i + 1 < met.size() ? ", "
                                        : " and ",
                   "'", met[i]->word, ".', which ", met[i]->from, " adds");
  }
  return text;
}

Wrapper find_wrapper(const Graph& graph, const StateDict& state_dict) {
  std::unordered_set<std::string> wanted;
  for (const auto& [name, parameter, role] : graph.parameters()) {
    wanted.insert(name);
    if (!name.ends_with(".weight")) continue;
    const std::string layer = name.substr(0, name.size() - 6);  // see weight_norm.h
    for (const char* part : {"weight_v", "parametrizations.weight.original1"}) {
      wanted.insert(layer + part);
    }
  }
  const auto is_wanted = [&](std::string_view name, const std::vector<std::string>& inside) {
    return wanted.contains(without(name, inside));
  };

  // A file of many more tensors than the graph has is not the graph's, wrapped or not.
  if (state_dict.entries().size() > most_names + 16 * wanted.size()) return {};

  Wrapper best;
  std::int64_t most = std::ranges::count_if(
      state_dict.entries(),
      [&](const StateDict::Entry& entry) { return wanted.contains(entry.name); });
  const auto try_with = [&](const std::vector<std::string>& inside) {
    std::int64_t without_prefix = 0;
    std::unordered_map<std::string_view, std::int64_t> gains;  // by prefix
    std::vector<std::string_view> prefixes{""};                // those of gains, as they come
    gains[""] = 0;
    for (const StateDict::Entry& entry : state_dict.entries()) {
      const std::string_view name = entry.name;
      const int here = is_wanted(name, inside) ? 1 : 0;
      without_prefix += here;
      for (const std::size_t end : front_ends(name)) {
        const int gain = (is_wanted(name.substr(end), inside) ? 1 : 0) - here;
        if (gain == 0) continue;
        const auto [total, added] = gains.emplace(name.substr(0, end), 0);
        if (added) prefixes.push_back(total->first);
        total->second += gain;
      }
    }
    for (const std::string_view prefix : prefixes) {
      const std::int64_t gain = gains[prefix];
      Wrapper wrapper{std::string(prefix), inside};
      if (without_prefix + gain > most && distinct(state_dict, wrapper)) {
        most = without_prefix + gain;
        best = std::move(wrapper);
      }
    }
  };
  try_with({});
  const auto artefacts = words_inside(state_dict, Word::artefact);
  if (!artefacts.empty()) try_with(artefacts);
  const auto all = words_inside(state_dict, Word::front_or_inside);
  if (all.size() > artefacts.size()) try_with(all);
  return best;
}

Wrapper find_wrapper(const StateDict& state_dict) {
  Wrapper wrapper{{}, words_inside(state_dict, Word::artefact)};
  if (state_dict.entries().empty()) return wrapper;
  // AveragedModel puts its count before the names of the module that it wraps.
  const auto counts = [](const StateDict::Entry& entry) { return entry.name == "n_averaged"; };
  const auto entries = state_dict.entries();
  const auto first = std::ranges::find_if_not(entries, counts);
  std::string_view prefix = (first == entries.end() ? entries.front() : *first).name;
  prefix = prefix.substr(0, front_ends(prefix).empty() ? 0 : front_ends(prefix).back());
  for (const StateDict::Entry& entry : entries) {
    if (counts(entry)) continue;
    while (!entry.name.starts_with(prefix)) {
      const std::size_t dot = prefix.find_last_of('.', prefix.size() - 2);
      prefix = prefix.substr(0, dot == prefix.npos ? 0 : dot + 1);
    }
  }
  wrapper.prefix = prefix;
  return distinct(state_dict, wrapper) ? wrapper : Wrapper{};
}

StateDict unwrap(StateDict state_dict, const Wrapper& wrapper) {
  if (wrapper.empty()) return state_dict;
  std::vector<std::string> names;
  for (const StateDict::Entry& entry : state_dict.entries()) {
    names.push_back(wrapper.unwrapped(entry.name));
  }
  state_dict.rename(std::move(names));
  return state_dict;
}

}  // namespace nn
