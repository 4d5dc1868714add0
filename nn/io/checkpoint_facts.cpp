#include <nn/error.h>
#include <nn/io/checkpoint_facts.h>
#include <nn/io/module_walk.h>
#include <nn/io/pickle_lookup.h>
#include <nn/io/pickle_text.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::size_t most_extras = 256;
constexpr std::size_t most_numbers = 64;

// "512 B", "1.6 MB"
std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view units[] = {" B", " kB", " MB", " GB", " TB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10;
  for (; tenths >= 10'000 && unit < 4; ++unit) tenths /= 1000;
  if (unit == 0 || tenths >= 1000) return concat(tenths / 10, units[unit]);
  return concat(tenths / 10, ".", tenths % 10, units[unit]);
}

}  // namespace

FactWriter::FactWriter(const Checkpoint& checkpoint)
    : pickle_(checkpoint.pickle()),
      tensors_(checkpoint.tensors()),
      checkpoint_(checkpoint),
      seen_(pickle_.size()) {}

void FactWriter::add(std::string_view path, Ref value) {
  if (facts_.extras.size() == most_extras) {
    ++left_out_;
    return;
  }
  const bool lightning = path == "pytorch-lightning_version" && pickle_.is(value, Kind::string);
  if (lightning) {
    facts_.producer = concat("PyTorch Lightning ", short_text(pickle_, value));
  } else {
    const TorchTensor* tensor = tensors_.find(value);
    if (tensor != nullptr && tensor->unreadable.empty() && tensor->view.shape.numel() == 1 &&
        numbers_.size() < most_numbers) {
      numbers_.push_back({facts_.extras.size(), tensor});
    }
    facts_.extras.emplace_back(printable(path), text_of(value));
  }
}

std::string FactWriter::text_of(Ref value) {
  if (const TorchTensor* tensor = tensors_.find(value)) {
    return concat(tensor->dtype, " tensor ", tensor->view.shape);
  }
  if (!checkpoint_.holds_tensors(value)) return short_text(pickle_, value);
  std::string_view what = name_of(pickle_.kind(value));
  what.remove_prefix(what.find(' ') + 1);  // "a dict"
  const std::string type =
      pickle_.is(value, Kind::object) ? nn::io::to_text(pickle_.global(value)) : std::string(what);
  return concat(type, ", ", size_text(tensor_bytes(value)), " of tensors");
}

// Of the storages below a value, each once.
std::uint64_t FactWriter::tensor_bytes(Ref value) {
  std::vector<bool> counted(tensors_.storages().size());
  std::uint64_t bytes = 0;
  std::vector<Ref> waiting{value};
  while (!waiting.empty()) {
    const Ref next = waiting.back();
    waiting.pop_back();
    if (seen_[next]) continue;
    seen_[next] = true;
    if (const auto storage = tensors_.storage_of(next)) {
      const TorchStorage& found = tensors_.storages()[*storage];
      if (!counted[*storage]) bytes += found.numel * found.item_size();
      counted[*storage] = true;
    }
    const auto items = pickle_.items(next);
    waiting.insert(waiting.end(), items.begin(), items.end());
    if (pickle_.is(next, Kind::object)) waiting.push_back(pickle_.state(next));
  }
  return bytes;
}

FileFacts FactWriter::finish(const std::vector<NamedTensor>& weights) {
  if (left_out_ > 0) note(concat(left_out_, " more values beside the weights are not listed"));
  for (const std::string& name : pickle_.skipped()) {
    note(concat("calls of '", name, "' were skipped"));
  }
  std::vector<bool> used(tensors_.storages().size());
  for (const NamedTensor& named : weights) {
    if (named.tensor->storage != TorchTensor::no_storage) used[named.tensor->storage] = true;
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    const TorchStorage& storage = tensors_.storages()[i];
    if (!used[i]) facts_.other_tensor_bytes += storage.numel * storage.item_size();
  }
  return std::move(facts_);
}

}  // namespace nn::io
