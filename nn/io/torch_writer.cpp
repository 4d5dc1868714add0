#include <algorithm>
#include <array>

#include <nn/io/pickle_writer.h>
#include <nn/io/torch_dtype.h>
#include <nn/io/torch_writer.h>
#include <nn/io/zip_writer.h>

namespace nn::io {
namespace {

constexpr std::size_t items_at_once = 1000;  // as pickle groups them
constexpr std::string_view root = "archive/";

using Item = SavedTensors::Item;

std::string key_of(std::size_t storage) { return to_text(storage); }

void put_ordered_dict(PickleWriter& out) {
  out.global("collections", "OrderedDict");
  out.empty_tuple();
  out.reduce();
}

// ('storage', type, key, 'cpu', numel); storages of the newer types are counted in bytes.
void put_storage(PickleWriter& out, const Item& item, std::string_view type) {
  out.mark();
  out.text("storage");
  out.global(type.empty() ? "torch.storage" : "torch", type.empty() ? "UntypedStorage" : type);
  out.text(key_of(item.same_as));
  out.text("cpu");
  out.integer(type.empty() ? static_cast<std::int64_t>(nbytes(item.spec))
                           : item.spec.shape.numel());
  out.tuple();
  out.persistent();
}

// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks), and _v3 for
// the newer element types, which names them besides.
void put_tensor(PickleWriter& out, const Item& item) {
  const std::string_view type = storage_class_of(name_of(item.spec.dtype));
  const Shape& shape = item.spec.shape;
  std::array<std::int64_t, Shape::max_rank> strides{};
  std::int64_t stride = 1;
  for (std::size_t i = shape.rank(); i-- > 0;) {
    strides[i] = stride;
    stride *= std::max<std::int64_t>(shape[i], 1);
  }
  out.global("torch._utils", type.empty() ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
  out.mark();
  put_storage(out, item, type);
  out.integer(0);
  out.integers({shape.begin(), shape.rank()});
  out.integers(std::span(strides).first(shape.rank()));
  out.no();
  put_ordered_dict(out);
  if (type.empty()) out.global("torch", name_of(item.spec.dtype));
  out.tuple();
  out.reduce();
}

std::string pickle_of(const std::vector<Item>& items) {
  PickleWriter out;
  put_ordered_dict(out);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i % items_at_once == 0) out.mark();
    out.text(items[i].name);
    put_tensor(out, items[i]);
    if ((i + 1) % items_at_once == 0 || i + 1 == items.size()) out.set_items();
  }
  return out.finish();
}

}  // namespace

void write_torch(OutputFile& file, const SavedTensors& tensors) {
  const auto& items = tensors.items();
  ZipWriter zip(file);
  const auto add = [&](std::string_view name, std::string_view text) {
    zip.add(concat(root, name), text);
  };
  add("data.pkl", pickle_of(items));
  add(".format_version", "1");
  add(".storage_alignment", "64");
  add("byteorder", "little");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].same_as == i) {
      const Tensor values = tensors.read(i);
      zip.add(concat(root, "data/", key_of(i)),
              [&](const ZipWriter::Take& take) { tensors.give(values, i, take); });
    }
    tensors.done(i);
  }
  add("version", "3\n");
  zip.finish();
}

}  // namespace nn::io
