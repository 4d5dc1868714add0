#include <concepts>
#include <limits>

#include <nn/tensor.h>

namespace nn {
namespace {

// A float towards zero. What does not fit is what x86 gives, and so PyTorch there: the smallest
// integer for 32 and 64 bits; below that the low bits of the 32-bit result, for uint8 of the
// 64-bit.
template <class To>
To truncated(double value) {
  if constexpr (sizeof(To) == 8) {
    const bool fits = value >= -0x1p63 && value < 0x1p63;
    return fits ? static_cast<To>(value) : std::numeric_limits<To>::min();
  } else if constexpr (sizeof(To) == 4) {
    const bool fits = value > -0x1p31 - 1 && value < 0x1p31;
    return fits ? static_cast<To>(value) : std::numeric_limits<To>::min();
  } else if constexpr (std::same_as<To, std::uint8_t>) {
    return static_cast<To>(truncated<std::int64_t>(value));
  } else {
    return static_cast<To>(truncated<std::int32_t>(value));
  }
}

// double -> float16 and bfloat16 go through float, as in PyTorch.
template <class From, class To>
To convert(From from) {
  if constexpr (std::same_as<From, Float16> || std::same_as<From, BFloat16>) {
    return convert<float, To>(to_float(from));
  } else if constexpr (std::same_as<To, Float16>) {
    return to_float16(static_cast<float>(from));
  } else if constexpr (std::same_as<To, BFloat16>) {
    return to_bfloat16(static_cast<float>(from));
  } else if constexpr (std::same_as<To, bool>) {
    return from != From{0};
  } else if constexpr (std::floating_point<From> && std::integral<To>) {
    return truncated<To>(static_cast<double>(from));
  } else {
    return static_cast<To>(from);  // between integers: modulo 2^n
  }
}

// Calls f(T{}) with the element type of `dtype`.
template <class F>
void with_element(DType dtype, F f) {
  switch (dtype) {
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    case DType::float16:
      return f(Float16{});
    case DType::bfloat16:
      return f(BFloat16{});
    case DType::int64:
      return f(std::int64_t{});
    case DType::int32:
      return f(std::int32_t{});
    case DType::int16:
      return f(std::int16_t{});
    case DType::int8:
      return f(std::int8_t{});
    case DType::uint8:
      return f(std::uint8_t{});
    case DType::boolean:
      return f(bool{});
  }
}

}  // namespace

Tensor to(ConstTensorView x, DType dtype) {
  if (dtype == x.dtype()) return Tensor::copy_of(x);
  Tensor result = Tensor::uninitialized({x.shape(), dtype});
  with_element(x.dtype(), [&](auto from_element) {
    with_element(dtype, [&](auto to_element) {
      using From = decltype(from_element);
      using To = decltype(to_element);
      const auto from = x.as<From>();
      const auto out = result.as<To>();
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = convert<From, To>(from[i]);
    });
  });
  return result;
}

}  // namespace nn
