#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include <nn/import/explain.h>
#include <nn/import/load.h>
#include <nn/import/module_order.h>

namespace nn {
namespace {

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += concat(text.empty() ? "\"" : ", \"", printable(name), "\"");
  }
  return text;
}

// "torch.Size([2, 3])", as PyTorch's report has it.
std::string size_text(const Shape& shape) { return concat("torch.Size(", shape, ")"); }

template <class T>
bool same_value(T a, T b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// The number of values of `original` that `converted` does not hold exactly.
template <class T>
std::size_t count_inexact(const Tensor& original, const Tensor& converted) {
  const Tensor back = to(converted, original.dtype());
  const auto was = original.as<T>();
  const auto is = back.as<T>();
  std::size_t count = 0;
  for (std::size_t i = 0; i < was.size(); ++i) count += same_value(was[i], is[i]) ? 0 : 1;
  return count;
}

// Integers that float rounds, by the type's end among them, where casting back would overflow.
template <class Integer>
std::size_t count_rounded(const Tensor& original) {
  const float end = std::ldexp(1.0F, std::numeric_limits<Integer>::digits);
  std::size_t count = 0;
  for (const Integer value : original.as<Integer>()) {
    const auto rounded = static_cast<float>(value);
    count += rounded < end && static_cast<Integer>(rounded) == value ? 0 : 1;
  }
  return count;
}

std::size_t count_inexact(const Tensor& original, const Tensor& converted) {
  switch (original.dtype()) {
    case DType::float64:
      return count_inexact<double>(original, converted);
    case DType::float32:
      return count_inexact<float>(original, converted);
    case DType::int64:
      return count_rounded<std::int64_t>(original);
    case DType::int32:
      return count_rounded<std::int32_t>(original);
    case DType::uint64:
      return count_rounded<std::uint64_t>(original);
    case DType::uint32:
      return count_rounded<std::uint32_t>(original);
    default:
      return 0;  // floats of 16 and 8 bits and smaller integers all fit
  }
}

Tensor converted(Tensor tensor, DType wanted, const std::string& name, const StateDict& from,
                 const LoadOptions& options) {
  if (tensor.dtype() == wanted) return tensor;
  Tensor result = to(tensor, wanted);
  if (options.allow_rounding || wanted != DType::float32) return result;
  if (const std::size_t inexact = count_inexact(tensor, result); inexact > 0) {
    fail(from.source(), ": tensor '", printable(name), "' is ", tensor.dtype(), " and ", inexact,
         " of its ", tensor.numel(), " values are not exact in ", wanted,
         ": allow rounding to load it as PyTorch would, or save it as ", wanted);
  }
  return result;
}

// How many states AveragedModel has averaged: beside the network in its state dict, of no use here.
constexpr std::string_view averaged_count = "n_averaged";

// By the names that `renamed` has, which has `original`'s entries in their order.
LoadReport compare_names(const Graph& graph, const StateDict& renamed, const StateDict& original,
                         const Wrapper& wrapper) {
  LoadReport report;
  report.wrapper = wrapper;
  std::unordered_map<std::string, const Shape*> known;
  for (const auto& [name, parameter, role] : graph.parameters()) {
    known.emplace(name, &parameter.shape());
    const StateDict::Entry* entry = renamed.find(name);
    if (entry == nullptr) {
      if (role != Role::counter) report.missing.push_back(name);
    } else if (entry->shape != parameter.shape()) {
      report.mismatched.push_back({name, parameter.shape(), entry->shape});
    } else {
      report.matched.push_back(name);
    }
  }
  std::unordered_set<std::string> parts;  // of weights that are computed
  if (!report.missing.empty()) {
    for (WeightNorm& norm : find_weight_norms(renamed)) {
      const auto missing = std::ranges::find(report.missing, norm.weight);
      if (missing == report.missing.end()) continue;
      if (renamed.find(norm.v)->shape != *known.at(norm.weight)) continue;
      report.missing.erase(missing);
      report.matched.push_back(norm.weight);
      parts.insert({norm.g, norm.v});
      report.weight_norms.push_back(std::move(norm));
    }
  }
  struct Unexpected {
    std::vector<std::size_t> place;
    std::string name;
  };
  std::vector<Unexpected> unexpected;
  const ModuleOrder order(graph);
  const bool averaged = wrapper.prefix.starts_with("module.");
  for (std::size_t i = 0; i < renamed.entries().size(); ++i) {
    const std::string& name = renamed.entries()[i].name;
    if (!known.contains(name) && !parts.contains(name) && !(averaged && name == averaged_count)) {
      unexpected.push_back({order.place(name), original.entries()[i].name});
    }
  }
  std::ranges::stable_sort(unexpected, {}, &Unexpected::place);
  for (Unexpected& one : unexpected) report.unexpected.push_back(std::move(one.name));
  return report;
}

}  // namespace

LoadReport compare(const Graph& graph, const StateDict& state_dict) {
  LoadReport report = compare_names(graph, state_dict, state_dict, {});
  if (report.missing.empty() || report.unexpected.empty()) return report;
  const Wrapper wrapper = find_wrapper(graph, state_dict);
  if (wrapper.empty()) return report;
  return compare_names(graph, unwrap(state_dict, wrapper), state_dict, wrapper);
}

std::string to_text(const LoadReport& report) {
  std::string text;
  if (!report.missing.empty()) {
    text += concat("\n\tMissing key(s) in state_dict: ", quoted_list(report.missing), ". ");
  }
  if (!report.unexpected.empty()) {
    text += concat("\n\tUnexpected key(s) in state_dict: ", quoted_list(report.unexpected), ". ");
  }
  for (const LoadReport::Mismatch& mismatch : report.mismatched) {
    text +=
        concat("\n\tsize mismatch for ", printable(mismatch.name), ": copying a param with shape ",
               size_text(mismatch.found), " from checkpoint, the shape in current model is ",
               size_text(mismatch.expected), ".");
  }
  if (text.empty()) return text;
  if (!report.wrapper.empty()) text += concat("\n\t(", to_text(report.wrapper), ")");
  if (!report.proposed.empty()) text += "\n\tBy shapes and order it can only be meant so:";
  for (const Rename& rename : report.proposed) {
    text += concat(" --rename ", printable(to_text(rename)));
  }
  for (const std::string& sentence : report.explained) text += concat("\n\t", sentence, ".");
  return text;
}

std::vector<std::string> notes(const LoadReport& report) {
  std::vector<std::string> sentences;
  if (!report.wrapper.empty()) sentences.push_back(to_text(report.wrapper));
  if (!report.weight_norms.empty()) {
    std::string names;
    for (const WeightNorm& norm : report.weight_norms) {
      names += concat(names.empty() ? "'" : ", '", printable(norm.weight), "'");
    }
    sentences.push_back(concat(names, report.weight_norms.size() == 1 ? " is" : " are",
                               " computed from the two tensors that weight_norm keeps"));
  }
  return sentences;
}

LoadReport load(Graph& graph, const StateDict& state_dict, LoadOptions options) {
  LoadReport report = compare(graph, state_dict);
  if (options.strict ? !report.fits() : !report.mismatched.empty()) {
    LoadReport shown = report;
    explain(shown, graph, state_dict, options.input);
    if (!options.strict) shown.missing = shown.unexpected = {};
    fail(state_dict.source(), ": Error(s) in loading state_dict:", to_text(shown));
  }
  if (options.input) {
    const std::string wrong = explain_shapes(graph, *options.input);
    if (!wrong.empty()) fail(state_dict.source(), ": ", wrong);
  }
  const StateDict named = unwrap(state_dict, report.wrapper);
  std::vector<std::shared_ptr<const Tensor>> tensors;
  std::vector<Parameter*> targets;
  for (auto& [name, parameter, role] : graph.parameters()) {
    const auto norm = std::ranges::find(report.weight_norms, name, &WeightNorm::weight);
    const bool computed = norm != report.weight_norms.end();
    if (!computed && !named.contains(name)) continue;
    Tensor tensor = computed ? joined_weight(named, *norm) : named.read(name);
    tensors.push_back(std::make_shared<const Tensor>(
        converted(std::move(tensor), parameter.spec().dtype, name, named, options)));
    targets.push_back(&parameter);
  }
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i]->assign(std::move(tensors[i]));
  return report;
}

}  // namespace nn
