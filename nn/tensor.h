#pragma once

#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <vector>

#include <nn/dtype.h>
#include <nn/error.h>
#include <nn/shape.h>

namespace nn {

// What a tensor is without its values.
struct TensorSpec {
  Shape shape;
  DType dtype = DType::float32;

  friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};
// "float32 [1, 28, 28]"
std::string to_text(const TensorSpec& spec);
// Bytes of the values. Throws Error when they do not fit 64 bits (PyTorch: "Storage size
// calculation overflowed with sizes=[…]").
std::size_t nbytes(const TensorSpec& spec);

namespace detail {
[[noreturn]] void fail_dtype(DType wanted, DType got);
}

// Borrowed tensors: row-major, contiguous bytes that belong to somebody else and must outlive the
// view. Copying a view copies no values and never allocates. `TensorView` may write,
// `ConstTensorView` not.
template <class Byte>
class BasicTensorView {
 public:
  BasicTensorView() = default;
  // REQUIRES: `data` holds nbytes({shape, dtype}) bytes, aligned for dtype.
  BasicTensorView(Byte* data, const Shape& shape, DType dtype = DType::float32)
      : data_(data), numel_(shape.numel()), spec_{shape, dtype} {}
  // The caller's own floats; throws Error when there are not as many as the shape says.
  template <class T>
  requires std::same_as < std::remove_const_t<T>,
  float > || std::same_as<std::remove_const_t<T>, double> BasicTensorView(std::span<T> values,
                                                                          const Shape& shape)
      : BasicTensorView(reinterpret_cast<Byte*>(values.data()), shape,
                        dtype_of<std::remove_const_t<T>>) {
    if (values.size() != static_cast<std::size_t>(numel_)) {
      fail("a view of shape ", shape, " needs ", numel_, " values, got ", values.size());
    }
  }
  operator BasicTensorView<const std::byte>() const requires(!std::is_const_v<Byte>) {
    return {data_, spec_.shape, spec_.dtype};
  }

  const Shape& shape() const { return spec_.shape; }
  DType dtype() const { return spec_.dtype; }
  const TensorSpec& spec() const { return spec_; }
  std::int64_t numel() const { return numel_; }
  std::size_t nbytes() const { return static_cast<std::size_t>(numel_) * size_of(spec_.dtype); }
  Byte* data() const { return data_; }
  std::span<Byte> bytes() const { return {data_, nbytes()}; }

  // The values as elements of type T. Throws Error when T is not the element type.
  template <class T>
  auto as() const {
    using Element = std::conditional_t<std::is_const_v<Byte>, const T, T>;
    if (dtype_of<T> != spec_.dtype) detail::fail_dtype(dtype_of<T>, spec_.dtype);
    return std::span<Element>(reinterpret_cast<Element*>(data_), static_cast<std::size_t>(numel_));
  }
  auto f32() const { return as<float>(); }

  // Rows [begin, begin + count) along dim 0.  REQUIRES: rank ≥ 1 and the rows exist.
  BasicTensorView rows(std::int64_t begin, std::int64_t count) const {
    const std::int64_t size = spec_.shape[0];
    const auto row_bytes = size == 0 ? 0 : nbytes() / static_cast<std::size_t>(size);
    return {data_ + static_cast<std::size_t>(begin) * row_bytes, spec_.shape.with(0, count),
            spec_.dtype};
  }
  // The same values under another shape. Throws Error when the number of elements differs.
  BasicTensorView reshaped(const Shape& shape) const {
    if (shape.numel() != numel_) {
      fail("shape '", shape, "' is invalid for input of size ", numel_);
    }
    return {data_, shape, spec_.dtype};
  }

 private:
  Byte* data_ = nullptr;
  std::int64_t numel_ = 0;
  TensorSpec spec_{{0}, DType::float32};
};

using TensorView = BasicTensorView<std::byte>;
using ConstTensorView = BasicTensorView<const std::byte>;

// An owned tensor: dtype, shape and contiguous row-major values, aligned to 64 bytes (lent ones for
// their dtype). A value: a copy is independent of its origin. Reading one from several threads is fine while none writes.
class Tensor {
 public:
  Tensor() = default;  // float32 of shape [0]
  // Zeros.
  explicit Tensor(const Shape& shape, DType dtype = DType::float32);
  // The given values in row-major order; throws Error when there are not as many as the shape says.
  template <class T>
  static Tensor from(std::span<const T> values, const Shape& shape) {
    Tensor result = uninitialized({shape, dtype_of<T>});
    result.copy_from(std::as_bytes(values));
    return result;
  }
  static Tensor from(std::initializer_list<float> values, const Shape& shape) {
    return from(std::span<const float>(values.begin(), values.size()), shape);
  }
  // Values that the caller is about to write.
  static Tensor uninitialized(const TensorSpec& spec);
  // Values that somebody else owns and `owner` keeps; they are read alone, hence const.
  // REQUIRES: aligned for their dtype; nobody writes them.
  static std::shared_ptr<const Tensor> lent(ConstTensorView values,
                                            std::shared_ptr<const void> owner);
  // A deep copy of borrowed values.
  static Tensor copy_of(ConstTensorView view);

  Tensor(const Tensor& other) : Tensor(copy_of(other)) {}
  Tensor(Tensor&& other) noexcept { swap(other); }
  Tensor& operator=(Tensor other) noexcept {
    swap(other);
    return *this;
  }
  void swap(Tensor& other) noexcept;

  const Shape& shape() const { return spec_.shape; }
  DType dtype() const { return spec_.dtype; }
  const TensorSpec& spec() const { return spec_; }
  std::int64_t numel() const { return spec_.shape.numel(); }
  std::size_t nbytes() const { return view().nbytes(); }
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }

  TensorView view() { return {data_.get(), spec_.shape, spec_.dtype}; }
  ConstTensorView view() const { return {data_.get(), spec_.shape, spec_.dtype}; }
  operator TensorView() { return view(); }
  operator ConstTensorView() const { return view(); }
  template <class T>
  std::span<T> as() {
    return view().as<T>();
  }
  template <class T>
  std::span<const T> as() const {
    return view().template as<T>();
  }
  std::span<float> f32() { return as<float>(); }
  std::span<const float> f32() const { return as<float>(); }
  // The single value of a float32 tensor with one element, as PyTorch's item().
  float item() const;

  // The same values under another shape (moves them out of an rvalue).
  Tensor reshaped(const Shape& shape) &&;
  Tensor reshaped(const Shape& shape) const&;

 private:
  struct Free {
    std::size_t alignment;
    std::shared_ptr<const void> owner;  // of values that are not ours
    void operator()(std::byte* data) const noexcept;
  };
  void copy_from(std::span<const std::byte> bytes);

  std::unique_ptr<std::byte[], Free> data_;
  TensorSpec spec_{{0}, DType::float32};
};

// torch.tensor([1, 2, 3]) and torch.tensor([[1, 2], [3, 4]]), in float32.
Tensor tensor(std::initializer_list<float> values);
Tensor tensor(std::initializer_list<std::initializer_list<float>> rows);

// A copy in another element type with PyTorch's `to(dtype)` meaning: rounded to nearest even
// between floats, truncated from float to integer (and wrapped below 32 bits), != 0 to bool.
Tensor to(ConstTensorView x, DType dtype);
// The same into memory of the caller.  REQUIRES: equal numbers of elements.
void convert(ConstTensorView x, TensorView y);

// What PyTorch's print(x) writes: "tensor([0.0321, 0.0871, 0.2369, 0.6439])".
std::string to_text(ConstTensorView x);
std::ostream& operator<<(std::ostream& out, ConstTensorView x);
std::ostream& operator<<(std::ostream& out, const Tensor& x);

}  // namespace nn
