#include <map>
#include <tuple>

#include <nn/io/entries.h>
#include <nn/io/torch_container.h>

namespace nn::io {
namespace {

// Tensors of one key have the same elements in the same order.
using ValuesKey = std::tuple<std::size_t, std::string_view, bool, std::uint64_t,
                             std::vector<std::int64_t>, std::vector<std::int64_t>>;

ValuesKey values_key(const TorchTensor& tensor) {
  const StridedView& view = tensor.view;
  ValuesKey key{tensor.storage, tensor.dtype,         tensor.negated,
                view.offset,    {view.shape.numel()}, {}};
  if (view.contiguous) return key;
  std::get<4>(key).assign(view.shape.begin(), view.shape.end());
  std::get<5>(key) = view.strides;
  return key;
}

}  // namespace

void TorchContainer::list(TorchTensors tensors, ChosenWeights chosen) {
  tensors_.emplace(std::move(tensors));
  facts_ = std::move(chosen.facts);
  entries_.reserve(chosen.tensors.size());
  by_entry_.reserve(chosen.tensors.size());
  std::map<ValuesKey, std::size_t> first;  // the entry, by what it shows
  for (NamedTensor& named : chosen.tensors) {
    const TorchTensor& tensor = *named.tensor;
    const std::size_t item_size = tensor.type == nullptr ? 0 : tensor.type->item_size;
    entries_.push_back({std::move(named.name), tensor.dtype, tensor.view.shape,
                        byte_size(tensor.view, item_size), why_unreadable(tensor)});
    by_entry_.push_back(&tensor);
    const std::size_t index = originals_.size();
    const bool shares = entries_.back().unreadable.empty() && tensor.view.shape.numel() > 0;
    originals_.push_back(shares ? first.emplace(values_key(tensor), index).first->second : index);
  }
  check_unique_names(entries_);
  show(chosen.numbers);
}

// A number stands in a storage of its own, as a rule; where it does not, or the storage is damaged,
// what the tensor is has to do.
void TorchContainer::show(const std::vector<ExtraNumber>& numbers) {
  constexpr std::uint64_t most_bytes = 64;
  for (const auto& [extra, tensor] : numbers) {
    const TorchStorage& storage = tensors_->storages()[tensor->storage];
    if (storage.numel * storage.item_size() > most_bytes || !why_unreadable(*tensor).empty()) {
      continue;
    }
    try {
      facts_.extras[extra].second = to_text(read_tensor(*tensor).view());
    } catch (const Error&) {
    }
  }
}

void TorchContainer::set_producer(std::string_view writer) {
  const std::string more = facts_.producer.empty() ? "" : concat(", ", facts_.producer);
  facts_.producer = concat(writer, more);
}

std::string TorchContainer::why_unreadable(const TorchTensor& tensor) const {
  if (!tensor.unreadable.empty() || !big_endian_ || tensor.type->number_size < 2) {
    return tensor.unreadable;
  }
  const bool untyped = tensors_->storages()[tensor.storage].type == nullptr;
  return untyped ? "the byte order of its untyped storage is not known" : "";
}

Tensor TorchContainer::read(std::size_t index) const {
  if (!entries_[index].unreadable.empty()) {
    fail("it cannot be used: ", entries_[index].unreadable);
  }
  return read_tensor(*by_entry_[index]);
}

Tensor TorchContainer::read_tensor(const TorchTensor& tensor) const {
  Tensor result = Tensor::uninitialized({tensor.view.shape, *tensor.type->usable});
  const std::span<std::byte> out = result.view().bytes();
  if (!out.empty()) read_values(tensor, out);
  if (result.dtype() == DType::boolean) make_bools(out);
  return result;
}

std::optional<Run> TorchContainer::find_run(std::size_t index) const {
  const TorchTensor& tensor = *by_entry_[index];
  const bool as_they_stand = entries_[index].unreadable.empty() && tensor.view.contiguous &&
                             !tensor.negated && (!big_endian_ || tensor.type->number_size < 2) &&
                             *tensor.type->usable != DType::boolean;
  if (!as_they_stand || tensor.view.shape.numel() == 0) return std::nullopt;
  auto run = find_storage(tensor.storage);
  if (run) run->offset += tensor.view.offset * tensor.type->item_size;
  return run;
}

void TorchContainer::read_values(const TorchTensor& tensor, std::span<std::byte> out) const {
  const std::size_t item_size = tensor.type->item_size;
  const std::uint64_t begin = tensor.view.offset * item_size;
  if (tensor.view.contiguous) {
    read_storage(tensor.storage, begin, out);
  } else {
    std::vector<std::byte> window(static_cast<std::size_t>(tensor.view.extent * item_size));
    read_storage(tensor.storage, begin, window);
    gather(tensor.view, item_size, window, out);
  }
  if (big_endian_) swap_bytes(out, tensor.type->number_size);
  if (tensor.negated) negate(out, *tensor.type->usable);
}

}  // namespace nn::io
