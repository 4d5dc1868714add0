#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include <nn/checked.h>
#include <nn/tensor.h>

namespace nn {
namespace {

constexpr std::align_val_t alignment{64};

}  // namespace

std::string to_text(const TensorSpec& spec) { return concat(spec.dtype, " ", spec.shape); }

std::size_t nbytes(const TensorSpec& spec) {
  std::int64_t bytes = static_cast<std::int64_t>(size_of(spec.dtype));
  for (const std::int64_t size : spec.shape) {
    const auto next = checked_multiply(bytes, size);
    if (!next) fail("Storage size calculation overflowed with sizes=", spec.shape);
    bytes = *next;
  }
  return static_cast<std::size_t>(bytes);
}

void detail::fail_dtype(DType wanted, DType got) {
  fail("expected a tensor of ", wanted, ", got ", got);
}

Tensor Tensor::uninitialized(const TensorSpec& spec) {
  Tensor result;
  result.spec_ = spec;
  if (const std::size_t bytes = nn::nbytes(spec); bytes > 0) {
    result.data_.reset(static_cast<std::byte*>(::operator new(bytes, alignment)));
  }
  return result;
}

Tensor::Tensor(const Shape& shape, DType dtype) : Tensor(uninitialized({shape, dtype})) {
  if (data_) std::memset(data_.get(), 0, nbytes());
}

Tensor Tensor::copy_of(ConstTensorView view) {
  Tensor result = uninitialized(view.spec());
  result.copy_from(view.bytes());
  return result;
}

void Tensor::swap(Tensor& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(spec_, other.spec_);
}

void Tensor::copy_from(std::span<const std::byte> bytes) {
  if (bytes.size() != nbytes()) {
    fail("a tensor of ", spec_, " needs ", numel(), " values, got ",
         bytes.size() / size_of(spec_.dtype));
  }
  if (!bytes.empty()) std::memcpy(data_.get(), bytes.data(), bytes.size());
}

void Tensor::Free::operator()(std::byte* data) const noexcept {
  ::operator delete(data, alignment);
}

float Tensor::item() const {
  if (numel() != 1) {
    fail("a Tensor with ", numel(), " elements cannot be converted to Scalar");
  }
  return f32()[0];
}

Tensor Tensor::reshaped(const Shape& shape) && {
  spec_.shape = view().reshaped(shape).shape();
  return std::move(*this);
}

Tensor Tensor::reshaped(const Shape& shape) const& { return Tensor(*this).reshaped(shape); }

Tensor tensor(std::initializer_list<float> values) {
  return Tensor::from(values, {static_cast<std::int64_t>(values.size())});
}

Tensor tensor(std::initializer_list<std::initializer_list<float>> rows) {
  const std::size_t columns = rows.size() == 0 ? 0 : rows.begin()->size();
  std::vector<float> values;
  for (const auto& row : rows) {
    if (row.size() != columns) {
      fail("expected sequence of length ", columns, " at dim 1 (got ", row.size(), ")");
    }
    values.insert(values.end(), row);
  }
  return Tensor::from(std::span<const float>(values),
                      {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(columns)});
}

}  // namespace nn
