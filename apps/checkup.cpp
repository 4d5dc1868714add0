#include <algorithm>
#include <apps/checkup.h>
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include <nn/import/wrapper.h>
#include <nn/io/save.h>

namespace apps {
namespace {

using Severity = Finding::Severity;
using Entry = nn::StateDict::Entry;

struct Patient {
  const std::string& file;
  const Examined& examined;

  const nn::StateDict& weights() const { return examined.weights; }
  std::span<const Entry> entries() const { return examined.weights.entries(); }
};

constexpr std::size_t shown_names = 3;

// "'conv1.weight', 'fc1.weight' and 7 more"
std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), shown_names); ++i) {
    text += nn::concat(i == 0 ? "'" : ", '", nn::printable(names[i]), "'");
  }
  if (names.size() > shown_names) text += nn::concat(" and ", names.size() - shown_names, " more");
  return text;
}

template <class Predicate>
std::vector<std::string> names_where(const Patient& patient, Predicate&& holds) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < patient.entries().size(); ++i) {
    if (holds(i)) names.push_back(patient.entries()[i].name);
  }
  return names;
}

// "conv1.weight" -> {"conv1", "weight"}
std::pair<std::string_view, std::string_view> parted(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {"", name};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

using Found = std::vector<Finding>;

void nan_weights(const Patient& patient, Found& found) {
  const auto names = names_where(patient, [&](std::size_t i) {
    return patient.examined.statistics[i] && patient.examined.statistics[i]->nans > 0;
  });
  if (names.empty()) return;
  found.push_back({"nan_weights", Severity::error,
                   nn::concat(list(names), names.size() == 1 ? " holds" : " hold",
                              " NaN: training diverged, and every answer would be NaN; take an "
                              "earlier checkpoint (inspect shows how many there are)"),
                   "rushlight inspect " + shell_word(patient.file)});
}

void infinite_weights(const Patient& patient, Found& found) {
  const auto names = names_where(patient, [&](std::size_t i) {
    return patient.examined.statistics[i] && patient.examined.statistics[i]->infinities > 0;
  });
  if (names.empty()) return;
  found.push_back({"infinite_weights", Severity::warning,
                   nn::concat(list(names), names.size() == 1 ? " holds" : " hold",
                              " infinite values: right for a mask, but not for weights"),
                   "rushlight inspect " + shell_word(patient.file)});
}

// Of matrices and kernels; a bias of zeros is common.
void zero_weights(const Patient& patient, Found& found) {
  const auto is_zero = [](const Number& number) {
    const double* real = std::get_if<double>(&number);
    return real != nullptr && *real == 0;
  };
  const auto names = names_where(patient, [&](std::size_t i) {
    const auto& statistics = patient.examined.statistics[i];
    const Entry& entry = patient.entries()[i];
    return statistics && statistics->finite > 1 && entry.shape.rank() > 1 &&
           parted(entry.name).second.starts_with("weight") && is_zero(statistics->min) &&
           is_zero(statistics->max);
  });
  if (names.empty()) return;
  found.push_back({"zero_weights", Severity::warning,
                   nn::concat(list(names), names.size() == 1 ? " is" : " are",
                              " all zeros: never trained, or written without the values, as under "
                              "torch.serialization.skip_data(); in the program that made it"),
                   "torch.save(model.state_dict(), \"weights.pt\")"});
}

void negative_variance(const Patient& patient, Found& found) {
  const auto names = names_where(patient, [&](std::size_t i) {
    const auto& statistics = patient.examined.statistics[i];
    const double* min =
        statistics && statistics->finite > 0 ? std::get_if<double>(&statistics->min) : nullptr;
    return min != nullptr && *min < 0 && parted(patient.entries()[i].name).second == "running_var";
  });
  if (names.empty()) return;
  found.push_back({"negative_variance", Severity::error,
                   nn::concat(list(names), names.size() == 1 ? " holds" : " hold",
                              " a negative variance, whose root is NaN: the file was made or "
                              "changed wrongly; take another checkpoint"),
                   "rushlight inspect " + shell_word(patient.file)});
}

// A BatchNorm has a weight and a bias of one size, two statistics and a count.
void missing_statistics(const Patient& patient, Found& found) {
  std::map<std::string_view, std::set<std::string_view>> modules;
  for (const Entry& entry : patient.entries()) {
    const auto [module, part] = parted(entry.name);
    if (part == "running_mean" || part == "running_var" || part == "num_batches_tracked" ||
        entry.shape.rank() == 1) {
      modules[module].insert(part);
    }
  }
  std::vector<std::string> names;
  for (const auto& [module, parts] : modules) {
    const bool counted = parts.contains("num_batches_tracked");
    const bool mean = parts.contains("running_mean");
    const bool variance = parts.contains("running_var");
    std::string last(parted(module).second);
    std::ranges::transform(last, last.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    const bool named =
        last.starts_with("bn") || last.starts_with("batchnorm") || last.starts_with("batch_norm");
    const bool looks_so = named && parts.contains("weight") && parts.contains("bias");
    if ((counted || mean || variance || looks_so) && !(mean && variance)) {
      names.emplace_back(module);
    }
  }
  if (names.empty()) return;
  found.push_back({"missing_statistics", Severity::warning,
                   nn::concat("BatchNorm ", list(names),
                              " has no running mean and variance, without which it computes "
                              "nothing sensible: parameters() was saved and not state_dict(); in "
                              "the program that made it"),
                   "torch.save(model.state_dict(), \"weights.pt\")"});
}

void wrapped_names(const Patient& patient, Found& found) {
  const nn::Wrapper wrapper = nn::find_wrapper(patient.weights());
  if (wrapper.empty()) return;
  std::set<std::string> renames;
  if (!wrapper.prefix.empty()) renames.insert(wrapper.prefix + "=");
  std::string options;
  for (const Entry& entry : patient.entries()) {
    // Inside names every wrapped part has one of its own.
    std::string_view name = entry.name;
    if (!name.starts_with(wrapper.prefix)) continue;
    name.remove_prefix(wrapper.prefix.size());
    for (const std::string& part : wrapper.inside) {
      const std::size_t at = nn::concat(".", name).find("." + part + ".");
      if (at == std::string::npos) continue;
      const std::string before(name.substr(0, at));
      renames.insert(nn::concat(before, part, ".=", before));
    }
  }
  constexpr std::size_t most_renames = 8;
  if (renames.size() <= most_renames) {
    for (const std::string& rename : renames) options += " --rename " + shell_word(rename);
  }
  found.push_back(
      {"wrapped_names", Severity::warning,
       nn::to_text(wrapper) + " (understood here; elsewhere strict loading would not match)",
       options.empty() ? "" : convert_command(patient.file, options.substr(1))});
}

void whole_model(const Patient& patient, Found& found) {
  for (const std::string& note : patient.weights().facts().notes) {
    if (note.find("whole module") == std::string::npos) continue;
    found.push_back({"whole_model", Severity::warning,
                     note + "; Python needs the classes to load it, and would run what is in it: "
                            "keep the weights alone",
                     convert_command(patient.file)});
  }
}

void optimizer_state(const Patient& patient, Found& found) {
  std::uint64_t weights = 0;
  for (const Entry& entry : patient.entries()) weights += entry.bytes;
  const std::uint64_t others = patient.weights().facts().other_tensor_bytes;
  // Without extras they are parts of listed tensors, the indices of sparse ones.
  if (others == 0 || others < weights / 10 || patient.weights().facts().extras.empty()) return;
  const double times =
      weights == 0 ? 0 : static_cast<double>(weights + others) / static_cast<double>(weights);
  std::string names;
  for (const auto& [name, content] : patient.weights().facts().extras) {
    if (content.find("tensors") == std::string::npos) continue;
    names += nn::concat(names.empty() ? " (" : ", ", nn::printable(name));
  }
  if (!names.empty()) names += ")";
  found.push_back(
      {"optimizer_state", Severity::warning,
       nn::concat("beside ", size_text(weights), " of weights the file holds ", size_text(others),
                  " of other tensors", names, ", as optimizers keep them to go on training: it is ",
                  static_cast<int>(times * 10 + 0.5) / 10, ".",
                  static_cast<int>(times * 10 + 0.5) % 10, " times too large"),
       convert_command(patient.file)});
}

void unused_bytes(const Patient& patient, Found& found) {
  std::error_code error;
  const auto size = std::filesystem::file_size(patient.file, error);
  if (error || patient.weights().format().starts_with("sharded")) return;
  const auto used = static_cast<std::uint64_t>(tensor_bytes(patient.weights()));
  constexpr std::uint64_t directory = std::uint64_t{1} << 20;
  const std::uint64_t names = 512 * patient.entries().size();
  if (size < used + used / 4 + directory + names) return;
  found.push_back({"unused_bytes", Severity::warning,
                   nn::concat("the file has ", size_text(size), ", its tensors ", size_text(used),
                              ": views of larger tensors were saved, which take these with them"),
                   convert_command(patient.file)});
}

void narrow_types(const Patient& patient, Found& found) {
  for (const char* dtype : {"float16", "bfloat16", "float8_e4m3fn", "float8_e5m2",
                            "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"}) {
    const auto names =
        names_where(patient, [&](std::size_t i) { return patient.entries()[i].dtype == dtype; });
    if (names.empty()) continue;
    found.push_back({"half_precision", Severity::note,
                     nn::concat(list(names), names.size() == 1 ? " is " : " are ", dtype,
                                " on disk: exact to read, but rounded when it was written"),
                     convert_command(patient.file, "--dtype float32")});
  }
}

void double_precision(const Patient& patient, Found& found) {
  const auto names =
      names_where(patient, [&](std::size_t i) { return patient.entries()[i].dtype == "float64"; });
  if (names.empty()) return;
  found.push_back({"double_precision", Severity::note,
                   nn::concat(list(names), names.size() == 1 ? " is" : " are",
                              " float64, twice as large as the float32 that layers compute in; "
                              "--allow-rounding loads it all the same, or make it float32"),
                   convert_command(patient.file, "--dtype float32")});
}

void unreadable_tensors(const Patient& patient, Found& found) {
  const auto names =
      names_where(patient, [&](std::size_t i) { return !patient.entries()[i].unreadable.empty(); });
  if (names.empty()) return;
  const Entry& first = *patient.weights().find(names.front());
  const bool all = names.size() == patient.entries().size();
  found.push_back({"unreadable_tensors", Severity::warning,
                   nn::concat(list(names), " can only be listed ('", nn::printable(first.name),
                              "': ", first.unreadable,
                              all ? "): save other tensors in the program that made them"
                                  : "); the others can be kept without them"),
                   all ? "torch.save(model.state_dict(), \"weights.pt\")"
                       : convert_command(patient.file, "--skip-unreadable")});
}

void tied_weights(const Patient& patient, Found& found) {
  const auto names =
      names_where(patient, [&](std::size_t i) { return patient.weights().original_of(i) != i; });
  if (names.empty()) return;
  found.push_back({"tied_weights", Severity::note,
                   nn::concat(list(names), names.size() == 1 ? " shares its" : " share their",
                              " values with another tensor: tied weights, which torch files keep "
                              "tied and safetensors and npz files hold twice"),
                   ""});
}

void duplicates(const Patient& patient, Found& found) {
  const auto names = names_where(patient, [&](std::size_t i) {
    return patient.examined.duplicate_of[i] != i && patient.weights().original_of(i) == i;
  });
  if (names.empty()) return;
  const std::size_t index =
      static_cast<std::size_t>(patient.weights().find(names.front()) - patient.entries().data());
  found.push_back(
      {"duplicates", Severity::note,
       nn::concat(list(names), names.size() == 1 ? " has" : " have",
                  " the values of another tensor ('", nn::printable(names.front()), "' those of '",
                  nn::printable(patient.entries()[patient.examined.duplicate_of[index]].name),
                  "'): tied weights that were saved as copies, or a layer twice"),
       ""});
}

void old_form(const Patient& patient, Found& found) {
  if (patient.weights().format().find("legacy") == std::string_view::npos) return;
  found.push_back({"legacy_format", Severity::note,
                   "the file has the form of PyTorch before 1.6, which has no checksums: "
                   "damage would not be seen",
                   convert_command(patient.file)});
}

void new_pickle(const Patient& patient, Found& found) {
  const int protocol = patient.weights().facts().pickle_protocol;
  if (protocol < 4) return;
  found.push_back({"pickle_protocol", Severity::warning,
                   nn::concat("the pickle in it has protocol ", protocol,
                              ", of which torch.load(weights_only=True) takes 2 and 3 alone"),
                   convert_command(patient.file)});
}

void other_name(const Patient& patient, Found& found) {
  const auto named = nn::save_format_of(patient.file);
  const std::string_view format = patient.weights().format();
  const auto is = [&](std::string_view text) {
    return format.find(text) != std::string_view::npos;
  };
  const std::string_view ending = is("safetensors") ? ".safetensors" : is("npz") ? ".npz" : ".pt";
  const auto actual = nn::save_format_of(std::string("x").append(ending));
  if (!named || named == actual || is("sharded") || format == "npy") return;
  std::filesystem::path better(patient.file);
  better.replace_extension(ending);
  found.push_back(
      {"misleading_name", Severity::warning,
       nn::concat("the name says ", nn::name_of(*named), ", the content is ", format,
                  ": other programs go by the name"),
       nn::concat("mv -n ", shell_word(patient.file), " ", shell_word(better.string()))});
}

// The table of checks; each adds what it finds.
constexpr std::array checks = {
    nan_weights,  negative_variance, missing_statistics, zero_weights, whole_model, optimizer_state,
    unused_bytes, infinite_weights,  unreadable_tensors, new_pickle,   other_name,  wrapped_names,
    narrow_types, double_precision,  old_form,           tied_weights, duplicates,
};

}  // namespace

std::vector<Finding> check_up(const std::string& file, const Examined& examined) {
  const Patient patient{file, examined};
  Found found;
  for (const auto check : checks) check(patient, found);
  return found;
}

}  // namespace apps
