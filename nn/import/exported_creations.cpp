// The table's rows for tensors out of nothing but sizes and numbers.
#include <array>
#include <cmath>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_arithmetic.h>
#include <nn/layers/constant.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;

// A tensor that a file asks for in a few bytes is no larger than this.
constexpr std::int64_t most_made_elements = std::int64_t{1} << 26;

void require_few(std::span<const std::int64_t> sizes) {
  std::optional<std::int64_t> count = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0) fail("Trying to create tensor with negative dimension ", size);
    if (count) count = checked_multiply(*count, size);
  }
  if (!count || *count > most_made_elements) {
    fail("a tensor of shape ", Shape(sizes), " is asked for; up to ", most_made_elements,
         " elements are made");
  }
}

// One number everywhere. Sizes that follow the rows of the batch are repeated for them.
void give_full(ExportedStep& step, const Operand& sizes, const ExportedScalar& value, DType dtype) {
  if (sizes.known()) require_few(sizes.constant->as<std::int64_t>());
  step.give(step.layers().expand(number_as(value, dtype), sizes, true));
}

constexpr ExportedScalar zero{true, 0, 0};
constexpr ExportedScalar one{true, 1, 1};

ExportedScalar value_of(const ExportedStep& step) { return step.scalar("fill_value"); }

void full(ExportedStep& step) {
  give_full(step, step.sizes("size"), value_of(step), step.result_dtype());
}
void zeros(ExportedStep& step) { give_full(step, step.sizes("size"), zero, step.result_dtype()); }
void ones(ExportedStep& step) { give_full(step, step.sizes("size"), one, step.result_dtype()); }

Operand own_sizes(const ExportedStep& step) { return step.before().sizes_of(step.tensor("self")); }
void full_like(ExportedStep& step) {
  give_full(step, own_sizes(step), value_of(step), step.result_dtype());
}
void zeros_like(ExportedStep& step) { give_full(step, own_sizes(step), zero, step.result_dtype()); }
void ones_like(ExportedStep& step) { give_full(step, own_sizes(step), one, step.result_dtype()); }

void scalar_tensor(ExportedStep& step) {
  step.give(number_as(step.scalar("s"), step.result_dtype()));
}

// In place: all of `self`.
void fill(ExportedStep& step) {
  const DType dtype = step.dtype("self");
  const Operand value = argument_as(step, "value", dtype);
  step.write("self", step.layers().expand(value, own_sizes(step), true));
}
void zero_(ExportedStep& step) {
  const Operand value = number_as(zero, step.dtype("self"));
  step.write("self", step.layers().expand(value, own_sizes(step), true));
}

// start, start + step, …: integers, which may be computed from sizes, or floats.
void arange(ExportedStep& step) {
  const DType dtype = step.result_dtype();
  const bool integral = (!step.gives("start") || step.is_integral("start")) &&
                        step.is_integral("end") &&
                        (!step.gives("step") || step.is_integral("step"));
  if (!integral) {
    const double start = step.number("start", 0), end = step.number("end"),
                 by = step.number("step", 1);
    const double count = std::ceil((end - start) / by);
    if (!(count >= 0) || count > static_cast<double>(most_made_elements)) {
      fail("arange gives ", count, " elements, expected 0 to ", most_made_elements);
    }
    const auto n = static_cast<std::int64_t>(count);
    Tensor values({n});
    for (std::size_t i = 0; i < values.f32().size(); ++i) {
      values.f32()[i] = static_cast<float>(start + static_cast<double>(i) * by);
    }
    return step.give(step.before().cast(constant_of(std::move(values)), computed_as(dtype)));
  }
  const auto make = [](Arguments arguments) {
    const std::int64_t start = arguments[0].integers()[0], end = arguments[1].integers()[0],
                       by = arguments[2].integers()[0];
    if (by == 0) fail("step must be nonzero");
    if (start != end && (end > start) != (by > 0)) {
      fail("upper bound and lower bound inconsistent with step sign");
    }
    std::vector<std::int64_t> values;
    for (std::int64_t i = start; by > 0 ? i < end : i > end;) {
      values.push_back(i);
      if (values.size() > static_cast<std::size_t>(most_made_elements)) {
        fail("more than ", most_made_elements, " elements are asked for");
      }
      const auto next = checked_add(i, by);
      if (!next) break;
      i = *next;
    }
    const auto count = static_cast<std::int64_t>(values.size());
    return Module(Constant(Tensor::from(std::span<const std::int64_t>(values), {count})));
  };
  const Operand start = step.gives("start") ? step.size("start") : integer_of(0);
  const Operand by = step.gives("step") ? step.size("step") : integer_of(1);
  const Operand values = step.layers().add({}, {.kind = "Constant", .make = make},
                                           {start, step.size("end"), by}, DType::int64);
  step.give(step.before().cast(values, computed_as(dtype)));
}

// Which elements of matrices stay: those up to the diagonal, or from it on.
template <bool lower>
void triangle(ExportedStep& step) {
  const std::int64_t diagonal = step.integer("diagonal", 0);
  const auto make = [diagonal](Arguments arguments) {
    const auto sizes = arguments[0].integers();
    if (sizes.size() < 2) fail("tril and triu take matrices, got ", sizes.size(), " dimensions");
    const std::array<std::int64_t, 2> matrix{sizes[sizes.size() - 2], sizes[sizes.size() - 1]};
    require_few(matrix);
    Tensor stays(Shape(matrix), DType::boolean);
    std::byte* to = stays.data();
    for (std::int64_t i = 0; i < matrix[0]; ++i) {
      for (std::int64_t j = 0; j < matrix[1]; ++j, ++to) {
        *to = std::byte{lower ? j - i <= diagonal : j - i >= diagonal};
      }
    }
    return Module(Constant(std::move(stays)));
  };
  const Operand x = step.tensor("self");
  const ExportedLayers before = step.before();
  const Operand stays =
      before.add({}, {.kind = "Constant", .make = make}, {before.sizes_of(x)}, DType::boolean);
  step.give(Where{}, {stays, x, number_as(zero, step.dtype("self"))});
}

constexpr std::array rows{
    ExportedOperator{"full.default", full},
    ExportedOperator{"zeros.default", zeros},
    ExportedOperator{"ones.default", ones},
    ExportedOperator{"empty.memory_format", zeros},  // whose values nothing may depend on
    ExportedOperator{"new_full.default", full},
    ExportedOperator{"new_zeros.default", zeros},
    ExportedOperator{"new_ones.default", ones},
    ExportedOperator{"new_empty.default", zeros},
    ExportedOperator{"full_like.default", full_like},
    ExportedOperator{"zeros_like.default", zeros_like},
    ExportedOperator{"ones_like.default", ones_like},
    ExportedOperator{"empty_like.default", zeros_like},
    ExportedOperator{"scalar_tensor.default", scalar_tensor},
    ExportedOperator{"fill_.Scalar", fill},
    ExportedOperator{"fill_.Tensor", fill},
    ExportedOperator{"zero_.default", zero_},
    ExportedOperator{"arange.default", arange},
    ExportedOperator{"arange.start", arange},
    ExportedOperator{"arange.start_step", arange},
    ExportedOperator{"tril.default", triangle<true>},
    ExportedOperator{"triu.default", triangle<false>},
};

}  // namespace

std::span<const ExportedOperator> exported_creation_operators() { return rows; }

}  // namespace nn
