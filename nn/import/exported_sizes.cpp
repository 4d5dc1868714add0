// The table's rows for sizes, arithmetic of them, and what only checks them.
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/exported_step.h>
#include <nn/layers/binary.h>
#include <nn/layers/reduce.h>
#include <nn/layers/select.h>
#include <nn/layers/unary.h>

namespace nn {
namespace {

using B = Binary::Op;

void sym_size(ExportedStep& step) {
  const Operand sizes = step.before().sizes_of(step.tensor("self"));
  step.give(Select({.dim = 0, .index = step.integer("dim")}), {sizes});
}

void sym_numel(ExportedStep& step) {
  const Operand sizes = step.before().sizes_of(step.tensor("self"));
  step.give(Reduce({.op = Reduce::Op::prod, .dims = {0}}), {sizes});
}

template <B op>
void binary(ExportedStep& step) {
  step.give(Binary(op), {step.size("a"), step.size("b")});
}

void neg(ExportedStep& step) { step.give(Unary(Unary::Op::neg), {step.size("a")}); }

void same(ExportedStep& step) { step.give(step.size("a")); }

void sym_not(ExportedStep& step) { step.give(Unary(Unary::Op::logical_not), {step.size("a")}); }

// Checks of the inputs' values and sizes, which PyTorch makes and which give nothing.
void nothing(ExportedStep&) {}

constexpr std::array rows{
    ExportedOperator{"sym_size.int", sym_size},
    ExportedOperator{"sym_numel.default", sym_numel},
    ExportedOperator{"_operator.add", binary<B::add>},
    ExportedOperator{"_operator.sub", binary<B::sub>},
    ExportedOperator{"_operator.mul", binary<B::mul>},
    ExportedOperator{"_operator.floordiv", binary<B::floor_divide>},
    ExportedOperator{"_operator.mod", binary<B::remainder>},
    ExportedOperator{"_operator.pow", binary<B::pow>},
    ExportedOperator{"_operator.neg", neg},
    ExportedOperator{"_operator.pos", same},
    ExportedOperator{"_operator.eq", binary<B::eq>},
    ExportedOperator{"_operator.ne", binary<B::ne>},
    ExportedOperator{"_operator.lt", binary<B::lt>},
    ExportedOperator{"_operator.le", binary<B::le>},
    ExportedOperator{"_operator.gt", binary<B::gt>},
    ExportedOperator{"_operator.ge", binary<B::ge>},
    ExportedOperator{"_operator.and_", binary<B::logical_and>},
    ExportedOperator{"_operator.or_", binary<B::logical_or>},
    ExportedOperator{"torch.sym_max", binary<B::maximum>},
    ExportedOperator{"torch.sym_min", binary<B::minimum>},
    ExportedOperator{"torch.sym_not", sym_not},
    ExportedOperator{"_assert_scalar.default", nothing},
    ExportedOperator{"_assert_async.default", nothing},
    ExportedOperator{"_assert_async.msg", nothing},
    ExportedOperator{"_assert_tensor_metadata.default", nothing},
    ExportedOperator{"sym_constrain_range.default", nothing},
    ExportedOperator{"sym_constrain_range_for_size.default", nothing},
};

}  // namespace

std::span<const ExportedOperator> exported_size_operators() { return rows; }

}  // namespace nn
