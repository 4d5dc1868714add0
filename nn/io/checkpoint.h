#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <nn/io/pickle.h>
#include <nn/io/torch_tensors.h>

namespace nn::io {

// Where the tensors of a pickled checkpoint are: which of its values hold weights, which the state
// of the training. Every value is looked at once, so values that are shared or contain themselves
// cost nothing.
// REQUIRES: the pickle and its tensors outlive it.
class Checkpoint {
 public:
  Checkpoint(const Pickle& pickle, const TorchTensors& tensors);

  const Pickle& pickle() const { return pickle_; }
  const TorchTensors& tensors() const { return tensors_; }

  bool is_tensor(Pickle::Ref value) const { return tensors_.find(value) != nullptr; }
  // A tensor, or something in which, at any depth, there is one.
  bool holds_tensors(Pickle::Ref value) const { return marks_[value] & has_tensors; }
  // A dict, list or tuple with tensors of its own, a module, or something in which there is one;
  // what belongs to the training does not count.
  bool holds_weights(Pickle::Ref value) const { return marks_[value] & has_weights; }
  // A dict, list or tuple that holds tensors itself: {"fc.weight": tensor, …}.
  bool holds_own_tensors(Pickle::Ref value) const;
  // Nothing but tensors: whatever they are named, they are what is meant.
  bool holds_only_tensors(Pickle::Ref value) const;
  // The state_dict() of an optimizer, or the optimizer: "state" and "param_groups".
  bool is_optimizer(Pickle::Ref value) const;

 private:
  enum Mark : std::uint8_t { has_tensors = 1, has_weights = 2, seen = 4 };

  struct Content {
    std::span<const Pickle::Ref> items;
    std::size_t step;  // from one value to the next
  };
  Content content_of(Pickle::Ref value) const;
  void mark_all();
  void mark(Pickle::Ref value);
  std::vector<Pickle::Ref> parts_of(Pickle::Ref value) const;

  const Pickle& pickle_;
  const TorchTensors& tensors_;
  std::vector<std::uint8_t> marks_;  // by value
};

// Keys of what trains a model and is none: "optimizer", "lr_scheduler", "scaler", "rng_state",
// "train_loss".
bool is_training_key(std::string_view key);
// "ema", "model_ema", "swa_state_dict": an average of the weights over the training.
bool is_average_key(std::string_view key);

}  // namespace nn::io
