#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <nn/io/save.h>
#include <nn/io/state_dict.h>
#include <nn/tensor.h>

namespace nn::io {

using TakeBytes = std::function<void(std::span<const std::byte>)>;

// The tensors that go into a file, as they go into it: what every writer works on.
class SavedTensors {
 public:
  struct Item {
    const std::string& name;
    TensorSpec spec;      // of the values as written
    std::size_t same_as;  // the first item that shares its values; itself where none does
  };

  // Throws Error when there is none, or one that cannot be read or whose name no file can hold.
  SavedTensors(const StateDict& state_dict, const SaveOptions& options);

  const std::vector<Item>& items() const { return items_; }
  // The values as the state dict has them.
  Tensor read(std::size_t index) const { return state_dict_.read(items_[index].name); }
  // Their bytes as the file gets them, piece by piece: `values` are what read(index) returned.
  void give(const Tensor& values, std::size_t index, const TakeBytes& take) const;
  // To be called when a tensor is in the file.
  void done(std::size_t index) const;

 private:
  const StateDict& state_dict_;
  const SaveOptions& options_;
  std::vector<Item> items_;
  std::uint64_t total_ = 0;
  mutable std::uint64_t done_ = 0;
};

}  // namespace nn::io
