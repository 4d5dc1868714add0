#pragma once

#include <string>
#include <vector>

#include <nn/io/checkpoint.h>
#include <nn/io/file_facts.h>
#include <nn/io/torch_weights.h>

namespace nn::io {

// Puts what a checkpoint holds beside its weights into short texts.
class FactWriter {
 public:
  // REQUIRES: the checkpoint outlives it.
  explicit FactWriter(const Checkpoint& checkpoint);

  // A value that was not chosen, under its path of keys.
  void add(std::string_view path, Pickle::Ref value);
  void note(std::string sentence) { facts_.notes.push_back(std::move(sentence)); }
  const std::vector<ExtraNumber>& numbers() const { return numbers_; }
  // What was written, completed by what the whole file tells once its weights are known.
  FileFacts finish(const std::vector<NamedTensor>& weights);

 private:
  std::string text_of(Pickle::Ref value);
  std::uint64_t tensor_bytes(Pickle::Ref value);

  const Pickle& pickle_;
  const TorchTensors& tensors_;
  const Checkpoint& checkpoint_;
  FileFacts facts_;
  std::vector<ExtraNumber> numbers_;
  std::size_t left_out_ = 0;
  std::vector<bool> seen_;  // by value: shared ones are counted where they come first
};

}  // namespace nn::io
