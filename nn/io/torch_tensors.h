#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <nn/io/pickle.h>
#include <nn/io/tensor_view.h>
#include <nn/io/torch_dtype.h>

namespace nn::io {

// A run of numbers that tensors are views of. Its bytes stand in the file under `key`.
struct TorchStorage {
  std::string key;
  const TorchDType* type = nullptr;  // nullptr: untyped, counted in bytes
  std::uint64_t numel = 0;

  std::size_t item_size() const { return type == nullptr ? 1 : type->item_size; }
};

// A tensor as a pickle of PyTorch describes it.
struct TorchTensor {
  std::string dtype;  // PyTorch's name, with the layout when it is not strided
  StridedView view;   // its shape is right for all tensors, the rest for readable ones
  const TorchDType* type = nullptr;
  static constexpr std::size_t no_storage = SIZE_MAX;
  std::size_t storage = no_storage;  // index in storages(); set for all that are readable
  bool negated = false;              // the values are to be negated: a lazy view of PyTorch
  std::string unreadable;            // why its values cannot be read; empty when they can
};

// Marks as unreadable a tensor whose view repeats a storage of that many bytes beyond measure: a few
// bytes would ask for terabytes.
void check_expansion(std::uint64_t storage_bytes, TorchTensor& tensor);

// How a pickle refers to a storage.
enum class StorageIds : std::uint8_t {
  in_archives,  // ('storage', class, key, location, count)
  in_streams,   // the same, and None or (key, offset, count): a part of the storage, in elements
};

// All storages and tensors of a pickle, checked: whatever one of them gets wrong throws Error, in
// parts of the file that nobody asks for too. Tensors of kinds that we cannot compute with
// (complex, quantised, sparse …) are listed and marked unreadable.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/_utils.py
class TorchTensors {
 public:
  explicit TorchTensors(const Pickle& pickle, StorageIds ids = StorageIds::in_archives);

  // Those that another description than a pickle tells of; the tensors are checked.
  TorchTensors(std::vector<TorchStorage> storages, std::deque<TorchTensor> tensors)
      : storages_(std::move(storages)), tensors_(std::move(tensors)) {}

  const std::vector<TorchStorage>& storages() const { return storages_; }
  const TorchTensor& operator[](std::size_t index) const { return tensors_[index]; }
  // nullptr when the value is not a tensor. Stays where it is when *this is moved.
  const TorchTensor* find(Pickle::Ref value) const;
  // The index of the storage that a persistent id names; nothing for other values.
  std::optional<std::size_t> storage_of(Pickle::Ref value) const;

 private:
  friend class TorchReader;

  std::vector<TorchStorage> storages_;
  std::deque<TorchTensor> tensors_;
  std::unordered_map<Pickle::Ref, std::size_t> by_value_;
  std::unordered_map<Pickle::Ref, std::size_t> storage_by_value_;
};

struct NamedTensor {
  std::string name;
  const TorchTensor* tensor = nullptr;  // lives in the TorchTensors
};

}  // namespace nn::io
