// A view made of the input's numbers, judged and gathered a second time by the definition, in
// integers of 128 bits.
#include <cstring>

#include <nn/io/tensor_view.h>

#include "target.h"

namespace test::fuzz {
namespace {

using Wide = __int128;
constexpr Wide int64_end = Wide{1} << 63;

struct Described {
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  std::int64_t offset = 0;
  std::uint64_t storage_numel = 0;
};

bool is_inside(const Described& view, Wide& numel) {
  numel = 1;
  if (view.sizes.size() > 32 || view.sizes.size() != view.strides.size() || view.offset < 0) {
    return false;
  }
  for (const std::int64_t stride : view.strides) {
    if (stride < 0) return false;
  }
  for (const std::int64_t size : view.sizes) {
    if (size < 0) return false;
    numel *= size;
    if (numel >= int64_end) return false;
  }
  if (numel == 0) return true;
  Wide last = view.offset;
  for (std::size_t i = 0; i < view.sizes.size(); ++i) {
    last += Wide{view.sizes[i] - 1} * view.strides[i];
    if (last >= int64_end * 2) return false;
  }
  return last < Wide{view.storage_numel};
}

// Element `n` in row-major order.
std::size_t element(const Described& view, std::size_t n) {
  auto at = static_cast<std::size_t>(view.offset);
  for (std::size_t i = view.sizes.size(); i-- > 0;) {
    const auto size = static_cast<std::size_t>(view.sizes[i]);
    if (size > 1) at += n % size * static_cast<std::size_t>(view.strides[i]);
    n /= size;
  }
  return at;
}

}  // namespace

void tensor_view(Bytes bytes) {
  Input input(bytes);
  Described view;
  const std::size_t item_size = std::size_t{1} << input.u8() % 4;
  view.storage_numel = static_cast<std::uint64_t>(input.integer());
  view.offset = input.integer();
  const std::size_t rank = input.u8() % 36;
  const std::size_t strides = rank == 35 ? 1 : rank;
  for (std::size_t i = 0; i < rank; ++i) view.sizes.push_back(input.integer());
  for (std::size_t i = 0; i < strides; ++i) view.strides.push_back(input.integer());

  Wide numel = 0;
  nn::io::StridedView checked;
  const bool good = accepts([&] {
    checked = nn::io::checked_view(view.sizes, view.strides, view.offset, view.storage_numel);
  });
  require(good == is_inside(view, numel), "the definition judges the view otherwise");
  if (!good) return;
  require(Wide{checked.shape.numel()} == numel, "another number of elements");
  std::uint64_t size = 0;
  const bool small = accepts([&] { size = nn::io::byte_size(checked, item_size); });
  require(small == (numel * static_cast<Wide>(item_size) < int64_end), "another number of bytes");
  if (!small || size > 4096 || view.storage_numel > 4096) return;

  std::vector<std::byte> storage(static_cast<std::size_t>(view.storage_numel) * item_size);
  for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<std::byte>(i * 31);
  const auto window =
      std::span(storage).subspan(static_cast<std::size_t>(checked.offset) * item_size,
                                 static_cast<std::size_t>(checked.extent) * item_size);
  std::vector<std::byte> out(static_cast<std::size_t>(size));
  nn::io::gather(checked, item_size, window, out);
  for (std::size_t n = 0; n < out.size() / item_size; ++n) {
    const std::byte* expected = storage.data() + element(view, n) * item_size;
    require(std::memcmp(out.data() + n * item_size, expected, item_size) == 0,
            "the definition gathers another element");
  }
  if (checked.contiguous) {
    require(std::equal(out.begin(), out.end(), window.begin(), window.end()),
            "a contiguous view is not its window");
  }
}

}  // namespace test::fuzz
