#pragma once

#include <optional>
#include <vector>

#include <nn/io/container.h>
#include <nn/io/torch_tensors.h>
#include <nn/io/torch_weights.h>

namespace nn::io {

// A file whose tensors a pickle of PyTorch describes. What such a tensor is (its element type, its
// window of a storage, the order of its elements) is known here; where the bytes of storages stand
// is known to the readers of the several forms of such files.
class TorchContainer : public Container {
 public:
  const std::vector<StateDict::Entry>& entries() const final { return entries_; }
  Tensor read(std::size_t index) const final;
  std::optional<Run> find_run(std::size_t index) const final;
  std::size_t original_of(std::size_t index) const final { return originals_[index]; }

 protected:
  // The tensors of this file, and which of them are its entries.  REQUIRES: read_storage works.
  void list(TorchTensors tensors, ChosenWeights chosen);
  // Who wrote the file as its form tells; what the checkpoint tells joins it.
  void set_producer(std::string_view writer);
  // Bytes [offset, offset + out.size()) of the storage of that index in TorchTensors::storages().
  virtual void read_storage(std::size_t storage, std::uint64_t offset,
                            std::span<std::byte> out) const = 0;
  // Where the bytes of that storage begin; nothing where they have to be decoded.
  virtual std::optional<Run> find_storage(std::size_t storage) const = 0;

  bool big_endian_ = false;  // the order of the bytes of numbers in storages

 private:
  std::string why_unreadable(const TorchTensor& tensor) const;
  Tensor read_tensor(const TorchTensor& tensor) const;
  void read_values(const TorchTensor& tensor, std::span<std::byte> out) const;
  void show(const std::vector<ExtraNumber>& numbers);

  std::optional<TorchTensors> tensors_;
  std::vector<StateDict::Entry> entries_;
  std::vector<const TorchTensor*> by_entry_;
  std::vector<std::size_t> originals_;  // by entry
};

}  // namespace nn::io
