#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nn/io/container.h>
#include <nn/io/zip.h>

namespace nn::io {

// The parameters, buffers and constants that a program of torch.export needs, by their fully
// qualified names. Values are read one at a time. Immutable; copies share the open file.
class ExportedWeights {
 public:
  // nullptr when there is none of the name.
  const StateDict::Entry* find(std::string_view fqn) const;
  // Throws Error (tensor, what is wrong) when there is none, or its values cannot be used.
  Tensor read(std::string_view fqn) const;
  // The first name whose values are the same bytes (tied weights); `fqn` itself where there is none.
  // REQUIRES: find(fqn).
  std::string_view original_of(std::string_view fqn) const;
  // In the order of the file.
  std::vector<std::string_view> names() const;

  // Adds all tensors; the first of two of one name counts.
  void add(std::shared_ptr<const Container> container);

 private:
  struct Place {
    std::size_t container;
    std::size_t index;
  };
  const StateDict::Entry& entry(const Place& place) const;

  std::vector<std::shared_ptr<const Container>> containers_;
  std::unordered_map<std::string_view, Place> places_;  // names of the containers' entries
};

// Raw storages in the entries folder + path_name, described by the JSON text of the entry `config`:
// strides and offsets apply, several names may share a record.
// Throws Error when they are not in order.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/export/pt2_archive/_package.py
std::shared_ptr<const Container> open_exported_records(std::shared_ptr<const ZipArchive> archive,
                                                       const ZipEntry& config,
                                                       const std::string& folder);

// A file of torch.save inside the archive.
std::shared_ptr<const Container> open_nested_weights(const ZipArchive& archive,
                                                     const ZipEntry& entry);

}  // namespace nn::io
