#include <algorithm>
#include <cmath>

#include <nn/import/common_layers.h>
#include <nn/import/exported_arithmetic.h>

namespace nn {
namespace {

int kind_of(DType dtype) {
  if (dtype == DType::boolean) return 0;
  return is_floating_point(dtype) ? 2 : 1;
}

// torch.promote_types
DType promote(DType a, DType b) {
  if (a == b) return a;
  if (kind_of(a) != kind_of(b)) return kind_of(a) > kind_of(b) ? a : b;
  if (kind_of(a) == 2) {
    if (a == DType::float64 || b == DType::float64) return DType::float64;
    return DType::float32;  // float16 and bfloat16
  }
  const bool a_signed = a != DType::uint8, b_signed = b != DType::uint8;
  if (size_of(a) != size_of(b)) {
    return size_of(a) > size_of(b) ? a : b;  // uint8 is the smallest
  }
  return a_signed == b_signed ? a : DType::int16;  // int8 and uint8
}

}  // namespace

void Promotion::add_tensor(DType dtype, std::size_t rank) {
  auto& level = levels_[rank > 0 ? 0 : 1];
  level = level ? promote(*level, dtype) : dtype;
}

void Promotion::add_number(bool integral) {
  const DType dtype = integral ? DType::int64 : DType::float32;
  levels_[2] = levels_[2] ? promote(*levels_[2], dtype) : dtype;
}

DType Promotion::result() const {
  std::optional<DType> result;
  for (const auto& level : levels_) {
    if (level && (!result || kind_of(*level) > kind_of(*result))) result = level;
  }
  if (!result) fail("it has no tensors and no numbers");
  return *result;
}

DType promoted(const ExportedStep& step, std::initializer_list<std::string_view> arguments) {
  Promotion promotion;
  for (const std::string_view argument : arguments) {
    if (step.is_tensor(argument)) {
      promotion.add_tensor(step.dtype(argument), step.rank(argument));
    } else if (step.gives(argument)) {
      promotion.add_number(step.is_integral(argument));
    }
  }
  return promotion.result();
}

Operand number_as(const ExportedScalar& number, DType dtype) {
  const DType computed = computed_as(dtype);
  if (computed == DType::float32) return number_of(number.number);
  if (computed == DType::int64) {
    if (number.integral) return integer_of(number.integer);
    constexpr double most = 9.2e18;
    if (!(std::fabs(number.number) < most)) fail(number.number, " is no integer of 64 bits");
    return integer_of(static_cast<std::int64_t>(number.number));
  }
  Tensor truth({}, DType::boolean);
  truth.data()[0] = std::byte{number.integral ? number.integer != 0 : number.number != 0};
  return constant_of(std::move(truth));
}

Operand argument_as(const ExportedStep& step, std::string_view argument, DType dtype) {
  if (step.is_tensor(argument)) {
    return step.before().cast(step.tensor(argument), computed_as(dtype));
  }
  if (step.is_integral(argument)) {
    const Operand size = step.size(argument);  // may be computed
    if (!size.known()) return step.before().cast(size, computed_as(dtype));
  }
  return number_as(step.scalar(argument), dtype);
}

Operand float_input(const ExportedStep& step, std::string_view argument) {
  return step.before().cast(step.tensor(argument), DType::float32);
}

void give_computed(ExportedStep& step, const Operand& value, DType computed) {
  const DType result = step.result_dtype();
  const ExportedLayers before = step.before();
  Operand given = value;
  for (const DType dtype : {computed, result}) {
    const bool narrow = kind_of(dtype) == 1 && dtype != DType::int64;
    if (narrow && given.dtype() != DType::boolean) given = before.cast(given, dtype);
    given = before.cast(given, computed_as(dtype));
  }
  step.give(given);
}

}  // namespace nn
