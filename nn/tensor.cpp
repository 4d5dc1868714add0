#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <nn/checked.h>
#include <nn/tensor.h>

namespace nn {
namespace {

constexpr std::size_t alignment = 64;

// The first touch of each page of 4 KiB costs 1 us, which is most of what reading or packing
// weights takes. Linux hands memory out in pages of 2 MiB where it is aligned so and asked to, in a
// tenth of the time; a rest of half of one is worth a whole one.
constexpr std::size_t huge_page = std::size_t{2} << 20;

std::size_t in_huge_pages(std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  return (bytes + huge_page / 2) / huge_page * huge_page;
#else
  return 0;
#endif
}

void ask_for_huge_pages(std::byte* data, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  ::madvise(data, bytes, MADV_HUGEPAGE);  // a wish: without, the pages are small
#endif
}

// Aligned by hand, the block's address in front of the data: of what operator new aligns glibc never
// learns the whole size (malloc's dynamic threshold) and returns its pages each time, so that of
// tensors read one after the other each would get new ones.
std::byte* new_in_huge_pages(std::size_t bytes) {
  std::size_t room = bytes + huge_page;
  void* const block = ::operator new(room + sizeof(void*));
  void* data = static_cast<std::byte*>(block) + sizeof(void*);
  std::align(huge_page, bytes, data, room);
  std::memcpy(static_cast<std::byte*>(data) - sizeof(void*), &block, sizeof(void*));
  return static_cast<std::byte*>(data);
}

void delete_in_huge_pages(std::byte* data) {
  void* block = nullptr;
  std::memcpy(&block, data - sizeof(void*), sizeof(void*));
  ::operator delete(block);
}

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
  const std::size_t bytes = nn::nbytes(spec);
  if (const std::size_t huge = in_huge_pages(bytes); huge > 0) {
    result.data_.get_deleter().alignment = huge_page;
    result.data_.reset(new_in_huge_pages(std::max(bytes, huge)));
    ask_for_huge_pages(result.data(), huge);
  } else if (bytes > 0) {
    result.data_.get_deleter().alignment = alignment;
    result.data_.reset(
        static_cast<std::byte*>(::operator new (bytes, std::align_val_t{alignment})));
  }
  return result;
}

Tensor::Tensor(const Shape& shape, DType dtype) : Tensor(uninitialized({shape, dtype})) {
  if (data_) std::memset(data_.get(), 0, nbytes());
}

std::shared_ptr<const Tensor> Tensor::lent(ConstTensorView values,
                                           std::shared_ptr<const void> owner) {
  auto result = std::make_shared<Tensor>();
  result->spec_ = values.spec();
  result->data_ = {const_cast<std::byte*>(values.data()),
                   Free{.alignment = 1, .owner = std::move(owner)}};
  return result;
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
  if (owner != nullptr) return;
  if (alignment == huge_page) {
    delete_in_huge_pages(data);
  } else {
    ::operator delete (data, std::align_val_t{alignment});
  }
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
