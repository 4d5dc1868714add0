#pragma once

#include <nn/import/exported_step.h>
#include <nn/layers/binary.h>

namespace nn {

// How PyTorch chooses the element type in which an operator of several tensors and numbers is
// computed: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
// Tensors with dimensions come before those without, these before numbers; a later one counts only
// where it is of a higher kind (truths, integers, floats).
class Promotion {
 public:
  void add_tensor(DType dtype, std::size_t rank);
  void add_number(bool integral);
  // Throws Error when nothing was added.
  DType result() const;

 private:
  std::optional<DType> levels_[3];
};

// The element type of arguments that are tensors, numbers or sizes together.
DType promoted(const ExportedStep& step, std::initializer_list<std::string_view> arguments);

// An argument, a tensor or a number, as layers compute what PyTorch computes in `dtype`.
Operand argument_as(const ExportedStep& step, std::string_view argument, DType dtype);

// The input of a function whose values are floats, also of integers.
Operand float_input(const ExportedStep& step, std::string_view argument = "self");

// Makes the value the node's: rounded, wrapped or cut to the element type in which PyTorch computed
// it and to that of the node's result.
void give_computed(ExportedStep& step, const Operand& value, DType computed);

// A number of that kind, of rank 0.
Operand number_as(const ExportedScalar& number, DType dtype);

}  // namespace nn
