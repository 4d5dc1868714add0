#include <nn/parameter.h>

namespace nn {

void Parameter::assign(std::shared_ptr<const Tensor> value) {
  if (!declared_) fail("this parameter does not exist in the layer (bias = false?)");
  if (value == nullptr) fail("expected a tensor of ", spec_, ", got none");
  if (value->spec() != spec_) fail("expected a tensor of ", spec_, ", got ", value->spec());
  value_ = std::move(value);
}

ConstTensorView Parameter::view() const {
  if (value_ == nullptr) fail("a parameter of ", spec_, " has no value: load a state dict first");
  return *value_;
}

}  // namespace nn
