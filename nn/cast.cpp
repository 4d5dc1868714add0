#include <array>
#include <concepts>
#include <cstring>
#include <limits>

#include <nn/tensor.h>

namespace nn {
namespace {

// A float towards zero. What does not fit is what x86 gives, and so PyTorch there: the smallest
// integer for 32 and 64 bits; below that the low bits of the 32-bit result, for uint8 and uint32 of
// the 64-bit. uint64 takes the upper half of its numbers apart, with 0 for what is above them.
template <class To>
To truncated(double value) {
  if constexpr (std::same_as<To, std::uint64_t>) {
    if (!(value >= 0x1p63)) return static_cast<To>(truncated<std::int64_t>(value));
    return value < 0x1p64 ? static_cast<To>(value) : 0;
  } else if constexpr (std::same_as<To, std::uint32_t> || std::same_as<To, std::uint8_t>) {
    return static_cast<To>(truncated<std::int64_t>(value));
  } else if constexpr (sizeof(To) == 8) {
    const bool fits = value >= -0x1p63 && value < 0x1p63;
    return fits ? static_cast<To>(value) : std::numeric_limits<To>::min();
  } else if constexpr (sizeof(To) == 4) {
    const bool fits = value > -0x1p31 - 1 && value < 0x1p31;
    return fits ? static_cast<To>(value) : std::numeric_limits<To>::min();
  } else {
    return static_cast<To>(truncated<std::int32_t>(value));
  }
}

// Floats of 16 and 8 bits.
template <class T>
concept Coded = std::is_class_v<T>;

template <Coded To>
To coded(float value) {
  if constexpr (std::same_as<To, Float16>) return to_float16(value);
  if constexpr (std::same_as<To, BFloat16>) return to_bfloat16(value);
  if constexpr (std::same_as<To, Float8_e4m3fn>) return to_float8_e4m3fn(value);
  if constexpr (std::same_as<To, Float8_e5m2>) return to_float8_e5m2(value);
  if constexpr (std::same_as<To, Float8_e4m3fnuz>) return to_float8_e4m3fnuz(value);
  if constexpr (std::same_as<To, Float8_e5m2fnuz>) return to_float8_e5m2fnuz(value);
  if constexpr (std::same_as<To, Float8_e8m0fnu>) return to_float8_e8m0fnu(value);
}

// To and from the coded types by way of float, as in PyTorch.
template <class From, class To>
To convert(From from) {
  if constexpr (Coded<From>) {
    return convert<float, To>(to_float(from));
  } else if constexpr (Coded<To>) {
    return coded<To>(static_cast<float>(from));
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
    case DType::float8_e4m3fn:
      return f(Float8_e4m3fn{});
    case DType::float8_e5m2:
      return f(Float8_e5m2{});
    case DType::float8_e4m3fnuz:
      return f(Float8_e4m3fnuz{});
    case DType::float8_e5m2fnuz:
      return f(Float8_e5m2fnuz{});
    case DType::float8_e8m0fnu:
      return f(Float8_e8m0fnu{});
    case DType::int64:
      return f(std::int64_t{});
    case DType::int32:
      return f(std::int32_t{});
    case DType::int16:
      return f(std::int16_t{});
    case DType::int8:
      return f(std::int8_t{});
    case DType::uint64:
      return f(std::uint64_t{});
    case DType::uint32:
      return f(std::uint32_t{});
    case DType::uint16:
      return f(std::uint16_t{});
    case DType::uint8:
      return f(std::uint8_t{});
    case DType::boolean:
      return f(bool{});
  }
}

template <class From, class To>
void convert_all(std::span<const From> from, std::span<To> out) {
  if constexpr (sizeof(From) == 1 && Coded<From>) {  // looked up: there are 256
    std::array<To, 256> of_code;
    for (std::size_t code = 0; code < of_code.size(); ++code) {
      of_code[code] = convert<From, To>({static_cast<std::uint8_t>(code)});
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = of_code[from[i].bits];
  } else {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = convert<From, To>(from[i]);
  }
}

}  // namespace

void convert(ConstTensorView x, TensorView y) {
  if (x.dtype() == y.dtype()) {
    if (x.nbytes() > 0) std::memmove(y.data(), x.data(), x.nbytes());
    return;
  }
  with_element(x.dtype(), [&](auto from_element) {
    with_element(y.dtype(), [&](auto to_element) {
      using From = decltype(from_element);
      using To = decltype(to_element);
      convert_all<From, To>(x.as<From>(), y.as<To>());
    });
  });
}

Tensor to(ConstTensorView x, DType dtype) {
  Tensor result = Tensor::uninitialized({x.shape(), dtype});
  convert(x, result);
  return result;
}

}  // namespace nn
