#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nn/tensor.h>

namespace nn {

// A layer's weight or buffer: a declared shape and, once loaded or assigned, an immutable float32
// (or, for counters, integer) tensor. Copies share the values, so copying a layer or a graph copies
// no weights; threads may read copies at once.
class Parameter {
 public:
  // Nothing: a parameter that the layer does not have (`bias = false`).
  Parameter() = default;
  // Declared but without values until `assign`.
  explicit Parameter(const Shape& shape, DType dtype = DType::float32)
      : spec_{shape, dtype}, declared_(true) {}

  bool declared() const { return declared_; }
  bool has_value() const { return value_ != nullptr; }
  const TensorSpec& spec() const { return spec_; }
  const Shape& shape() const { return spec_.shape; }

  // Throws Error when the parameter is not declared or the tensor's shape or dtype is another.
  void assign(std::shared_ptr<const Tensor> value);
  Parameter& operator=(Tensor value) {
    assign(std::make_shared<const Tensor>(std::move(value)));
    return *this;
  }

  // The values. Throws Error when there are none.
  ConstTensorView view() const;
  std::span<const float> f32() const { return view().f32(); }
  const std::shared_ptr<const Tensor>& shared() const { return value_; }

 private:
  TensorSpec spec_{{0}, DType::float32};
  bool declared_ = false;
  std::shared_ptr<const Tensor> value_;
};

// How a state dict treats a layer's tensor.
enum class Role : std::uint8_t {
  parameter,  // learned: counted by `parameter_count`
  buffer,     // saved but not learned, as running_mean
  counter,    // saved, of no use at inference, may be missing: num_batches_tracked
};

// What a layer's `parameters()` lists: PyTorch's name below the layer and the member.
struct NamedParameter {
  std::string name;
  Parameter& parameter;
  Role role = Role::parameter;
};

}  // namespace nn
