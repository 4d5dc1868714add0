#include <cstdint>

#include <nn/checked.h>
#include <nn/io/container.h>
#include <nn/io/state_dict.h>

namespace nn {

StateDict StateDict::open(const std::filesystem::path& path, const OpenOptions& options) {
  const auto source = options.mmap ? io::map_file(path) : io::open_file(path);
  return io::at_place(source->name(),
                      [&] { return of(path.string(), io::open_container(source, path, options)); });
}

StateDict StateDict::from_bytes(std::vector<std::byte> bytes, std::string name,
                                const OpenOptions& options) {
  const auto source = io::memory_source(std::move(bytes), name);
  return io::at_place(source->name(),
                      [&] { return of(std::move(name), io::open_container(source, {}, options)); });
}

StateDict StateDict::of(std::string source, std::shared_ptr<const io::Container> container) {
  StateDict result;
  result.source_ = std::move(source);
  result.entries_ = container->entries();
  result.values_.resize(result.entries_.size());
  for (std::size_t i = 0; i < result.entries_.size(); ++i) {
    result.index_.emplace(result.entries_[i].name, i);
  }
  result.container_ = std::move(container);
  return result;
}

void StateDict::set(std::string name, Tensor value) {
  Entry entry{name, to_text(value.dtype()), value.shape(), value.nbytes()};
  auto shared = std::make_shared<const Tensor>(std::move(value));
  const auto [found, added] = index_.emplace(std::move(name), entries_.size());
  if (added) {
    entries_.push_back(std::move(entry));
    values_.push_back(std::move(shared));
  } else {
    entries_[found->second] = std::move(entry);
    values_[found->second] = std::move(shared);
  }
}

void StateDict::rename(std::string_view from, std::string to) {
  const auto found = index_.find(from);
  if (found == index_.end()) {
    fail(printable(source_), ": there is no tensor '", printable(from), "' to rename among its ",
         entries_.size());
  }
  if (from == to) return;
  const std::size_t index = found->second;
  if (!index_.emplace(to, index).second) {
    fail(printable(source_), ": tensor '", printable(from), "' cannot be renamed to '",
         printable(to), "': there is another tensor of that name");
  }
  index_.erase(found);
  entries_[index].name = std::move(to);
}

void StateDict::rename(std::vector<std::string> names) {
  std::map<std::string, std::size_t, std::less<>> index;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto [other, added] = index.emplace(names[i], i);
    if (!added) {
      fail(printable(source_), ": tensors '", printable(entries_[other->second].name), "' and '",
           printable(entries_[i].name), "' would both be called '", printable(names[i]), "'");
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) entries_[i].name = std::move(names[i]);
  index_ = std::move(index);
}

std::string_view StateDict::format() const {
  return container_ == nullptr ? "in memory" : container_->format();
}

const FileFacts& StateDict::facts() const {
  static const FileFacts none;
  return container_ == nullptr ? none : container_->facts();
}

const StateDict::Entry* StateDict::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

std::size_t StateDict::original_of(std::size_t index) const {
  if (container_ == nullptr || values_[index] != nullptr) return index;
  const std::size_t original = container_->original_of(index);
  return values_[original] == nullptr ? original : index;
}

// Calls work(index) of the entry of that name.
template <class Work>
auto StateDict::at_tensor(std::string_view name, Work&& work) const {
  return io::at_place(printable(source_), [&] {
    const auto found = index_.find(name);
    if (found == index_.end()) {
      fail("there is no tensor '", printable(name), "' among its ", entries_.size());
    }
    return io::at_place(concat("tensor '", printable(name), "'"),
                        [&] { return work(found->second); });
  });
}

Tensor StateDict::read(std::string_view name) const {
  return at_tensor(name, [&](std::size_t index) {
    return values_[index] != nullptr ? *values_[index] : container_->read(index);
  });
}

std::shared_ptr<const Tensor> StateDict::share(std::string_view name) const {
  return at_tensor(name, [&](std::size_t index) {
    if (values_[index] != nullptr) return values_[index];
    auto lent = lend(index);
    return lent != nullptr ? lent : std::make_shared<const Tensor>(container_->read(index));
  });
}

// Null where the file does not hold the values in memory, as a tensor has them.
std::shared_ptr<const Tensor> StateDict::lend(std::size_t index) const {
  const auto run = container_->find_run(index);
  const Entry& entry = entries_[index];
  const auto dtype = dtype_named(entry.dtype);
  if (!run || !dtype || !fits(run->offset, entry.bytes, run->source->size())) return nullptr;
  auto bytes = run->source->lend(run->offset);
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.get());
  if (bytes == nullptr || address % size_of(*dtype) != 0) return nullptr;
  return Tensor::lent({bytes.get(), entry.shape, *dtype}, bytes);
}

void StateDict::verify(const std::function<void(std::uint64_t)>& progress) const {
  if (container_ == nullptr) return;
  io::at_place(printable(source_), [&] { container_->verify(progress); });
}

}  // namespace nn
