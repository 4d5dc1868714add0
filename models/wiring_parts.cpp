#include <algorithm>
#include <array>
#include <map>

#include <models/wiring_names.h>
#include <models/wiring_parts.h>
#include <nn/error.h>
#include <nn/import/weight_norm.h>

namespace models::wiring {
namespace {

using Entry = nn::StateDict::Entry;

constexpr std::array<std::string_view, 5> suffixes{"weight", "bias", "running_mean", "running_var",
                                                   "num_batches_tracked"};

bool is_suffix(std::string_view leaf) {
  return std::ranges::find(suffixes, leaf) != suffixes.end();
}

std::string in_quotes(std::string_view name) { return nn::concat("'", nn::printable(name), "'"); }

void require(const Entry* tensor, const nn::Shape& shape) {
  if (tensor != nullptr && tensor->shape != shape) {
    nn::fail(in_quotes(tensor->name), " is ", tensor->shape, ", expected ", shape,
             " beside the other tensors of its layer");
  }
}

Part norm_of(const Group& group, Part part) {
  const Entry* mean = group.find("running_mean");
  const Entry* variance = group.find("running_var");
  const Entry* weight = group.find("weight");
  const Entry* bias = group.find("bias");
  if (mean == nullptr || variance == nullptr) {
    nn::fail(in_quotes(group.name), " has but one of running_mean and running_var");
  }
  if (mean->shape.rank() != 1) nn::fail(in_quotes(mean->name), " has the sizes ", mean->shape);
  for (const Entry* tensor : {variance, weight, bias}) require(tensor, mean->shape);
  if (const Entry* count = group.find("num_batches_tracked"); count != nullptr) {
    if (count->shape.rank() != 0 && count->shape != nn::Shape{1}) require(count, nn::Shape{});
  }
  part.kind = Kind::norm;
  part.out = mean->shape[0];
  part.affine = weight != nullptr;
  part.bias = bias != nullptr;
  if (part.bias && !part.affine) nn::fail(in_quotes(group.name), " has a bias and no weight");
  return part;
}

[[noreturn]] void fail_norm_without_statistics(const Group& group) {
  nn::fail(in_quotes(group.name), " has weight and bias of sizes ", group.find("weight")->shape,
           " and no running_mean: GroupNorm, LayerNorm, InstanceNorm or a BatchNorm without "
           "statistics, which a chain for a file alone cannot tell apart");
}

Part core_of(const Group& group, Part part) {
  const nn::Shape& weight = group.find("weight")->shape;
  const Entry* bias = group.find("bias");
  part.kind = weight.rank() == 4 ? Kind::conv : Kind::linear;
  part.weight = weight;
  part.out = weight[0];
  part.in = weight[1];
  part.bias = bias != nullptr;
  if (std::ranges::any_of(weight, [](std::int64_t size) { return size <= 0; })) {
    nn::fail(in_quotes(group.name), " has a weight of sizes ", weight, ", with no values");
  }
  if (bias != nullptr && bias->shape != nn::Shape{part.out} && bias->shape == nn::Shape{part.in}) {
    nn::fail(in_quotes(group.name), " has a weight of ", weight, " and a bias of ", bias->shape,
             part.kind == Kind::conv
                 ? ": a transposed convolution"
                 : ": a weight stored as [in_features, out_features], which Linear has transposed");
  }
  require(bias, {part.out});
  return part;
}

// The names under which weights that weight_norm took apart are known: of the direction, which has
// the weight's sizes, the weight's own name; of the length none.
std::map<std::string, std::string, std::less<>> joined_names(const nn::StateDict& state_dict) {
  std::map<std::string, std::string, std::less<>> names;
  const bool apart = std::ranges::any_of(state_dict.entries(), [](const Entry& entry) {
    return leaf_of(entry.name) == "weight_v" || leaf_of(entry.name) == "original1";
  });
  if (!apart) return names;
  for (const nn::WeightNorm& norm : nn::find_weight_norms(state_dict)) {
    names.emplace(norm.v, norm.weight);
    names.emplace(norm.g, "");
  }
  return names;
}

// The groups of a file whose tensors have the names of layers' parameters.
std::vector<Group> named_groups(const nn::StateDict& state_dict) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t, std::less<>> places;
  const auto joined = joined_names(state_dict);
  for (const Entry& entry : state_dict.entries()) {
    const auto of_norm = joined.find(entry.name);
    const std::string_view name = of_norm == joined.end() ? entry.name : of_norm->second;
    if (name.empty() || counts_averages(entry)) continue;
    const std::string_view parent = parent_of(name);
    const std::string_view leaf = leaf_of(name);
    const std::string_view meaning = foreign_tensor(leaf);
    if (!meaning.empty()) nn::fail("'", nn::printable(entry.name), "' tells of ", meaning);
    if (!is_suffix(leaf)) {
      nn::fail("'", nn::printable(entry.name), "' ", entry.shape,
               " belongs to no layer that a chain is made of");
    }
    const auto [place, is_new] = places.emplace(parent, groups.size());
    if (is_new) groups.push_back({std::string(parent), {}});
    groups[place->second].tensors.emplace_back(leaf, &entry);
    if (groups.size() > most_parts) {
      nn::fail("more than ", most_parts, " layers with weights, too many to infer a wiring");
    }
  }
  for (Group& group : groups) {
    if (group.name.empty()) group.name = "layer";
  }
  return groups;
}

// The groups of a file without such names: a tensor of two or four dimensions begins a layer, those
// of one behind it are its bias and the tensors of a norm.
std::vector<Group> nameless_groups(const nn::StateDict& state_dict) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < state_dict.entries().size();) {
    const auto entries = state_dict.entries();
    const Entry& first = entries[i];
    if (first.shape.rank() != 2 && first.shape.rank() != 4) {
      nn::fail("its names tell of no layers, and by its place '", nn::printable(first.name), "' ",
               first.shape, " is no weight of a Conv2d or Linear");
    }
    std::vector<const Entry*> vectors;
    const Entry* counter = nullptr;
    std::size_t next = i + 1;
    for (; next < entries.size() && entries[next].shape.rank() <= 1; ++next) {
      const bool scalar = entries[next].shape.rank() == 0;
      if (!scalar && (entries[next].shape != nn::Shape{first.shape[0]} || counter != nullptr))
        break;
      if (scalar && (vectors.size() < 4 || counter != nullptr)) break;
      scalar ? void(counter = &entries[next]) : vectors.push_back(&entries[next]);
    }
    const std::size_t biases = vectors.size() % 4;
    if (vectors.size() > 5 || biases > 1) {
      nn::fail("its names tell of no layers, and ", vectors.size(), " vectors follow '",
               nn::printable(first.name), "' ", first.shape,
               ", expected none or a bias, and 4 of a BatchNorm");
    }
    const std::string name = nn::concat("layer", groups.size());
    groups.push_back({name, {{"weight", &first}}});
    if (biases == 1) groups.back().tensors.emplace_back("bias", vectors[0]);
    if (vectors.size() >= 4) {
      Group norm{name + "_norm", {}};
      for (std::size_t k = 0; k < 4; ++k)
        norm.tensors.emplace_back(suffixes[k], vectors[biases + k]);
      if (counter != nullptr) norm.tensors.emplace_back(suffixes[4], counter);
      groups.push_back(std::move(norm));
    }
    if (groups.size() > most_parts) {
      nn::fail("more than ", most_parts, " layers with weights, too many to infer a wiring");
    }
    i = next;
  }
  return groups;
}

}  // namespace

std::string to_text(const Part& part) {
  return nn::concat(in_quotes(part.name), " ", part.core() ? part.weight : nn::Shape{part.out});
}

const nn::StateDict::Entry* Group::find(std::string_view parameter) const {
  for (const auto& [key, entry] : tensors) {
    if (key == parameter) return entry;
  }
  return nullptr;
}

Part part_of(const Group& group) {
  Part part;
  part.name = group.name;
  for (const auto& [parameter, entry] : group.tensors)
    part.keys.emplace_back(entry->name, parameter);
  if (const std::string_view meaning = foreign_layer(group.name); !meaning.empty()) {
    nn::fail("the name ", in_quotes(group.name), " tells of ", meaning);
  }
  const bool statistics =
      group.find("running_mean") != nullptr || group.find("running_var") != nullptr;
  if (statistics) return norm_of(group, std::move(part));
  const Entry* weight = group.find("weight");
  if (weight == nullptr || group.find("num_batches_tracked") != nullptr) {
    nn::fail("'", nn::printable(group.tensors[0].second->name), "' ",
             group.tensors[0].second->shape, " belongs to no layer that a chain is made of");
  }
  const Entry* bias = group.find("bias");
  const std::size_t rank = weight->shape.rank();
  if (bias != nullptr && bias->shape == weight->shape) fail_norm_without_statistics(group);
  if (rank == 2 || rank == 4) return core_of(group, std::move(part));
  if (rank == 1 && bias == nullptr && weight->shape[0] > 0) {
    part.kind = Kind::prelu;
    part.out = weight->shape[0];
    return part;
  }
  nn::fail(in_quotes(weight->name), " has the sizes ", weight->shape,
           ": a chain is made of Conv2d [out, in, h, w], Linear [out, in], BatchNorm and PReLU");
}

bool counts_averages(const Entry& entry) {
  return entry.name == "n_averaged" && entry.shape.numel() == 1;
}

std::vector<Part> parts_of(const nn::StateDict& state_dict) {
  const auto entries = state_dict.entries();
  if (entries.empty()) nn::fail("holds no tensors");
  const bool named = std::ranges::any_of(entries, [](const Entry& entry) {
    const std::string_view leaf = leaf_of(entry.name);
    return is_suffix(leaf) || leaf == "weight_v" || leaf == "original1";
  });
  std::vector<Part> parts;
  for (const Group& group : named ? named_groups(state_dict) : nameless_groups(state_dict)) {
    parts.push_back(part_of(group));
  }
  return parts;
}

}  // namespace models::wiring
