#include <algorithm>

#include <nn/checked.h>
#include <nn/io/entries.h>
#include <nn/io/file.h>
#include <nn/io/torch_tensors.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::size_t longest_key = 128;
// Expanded and overlapping views hold more elements than their storage. So much more they may be.
constexpr std::uint64_t expansion_allowance = std::uint64_t{1} << 20;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A number, an address or a name; in archives it becomes part of an entry's name.
bool is_storage_key(std::string_view text) {
  const auto is_plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F && c != '/' && c != '\\';
  };
  return !text.empty() && text.size() <= longest_key && text != "." && text != ".." &&
         std::ranges::all_of(text, is_plain);
}

// "cpu", "cuda:0", "mps": where the tensor was; it is read into memory all the same.
bool is_device(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view type = text.substr(0, colon);
  const bool named = !type.empty() && type.size() <= 32 && std::ranges::all_of(type, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return named && (colon == std::string_view::npos || is_digits(text.substr(colon + 1)));
}

}  // namespace

void check_expansion(std::uint64_t storage_bytes, TorchTensor& tensor) {
  const std::uint64_t bytes = byte_size(tensor.view, tensor.type->item_size);
  if (bytes > storage_bytes && bytes - storage_bytes > expansion_allowance &&
      tensor.unreadable.empty()) {
    tensor.unreadable =
        concat("it repeats ", storage_bytes, " bytes to ", bytes, "; save its clone()");
  }
}

// Goes through the values of a pickle once, in the order in which they were made, so that what a
// tensor is made of has been read before it.
class TorchReader {
 public:
  TorchReader(const Pickle& pickle, StorageIds ids, TorchTensors& result)
      : pickle_(pickle), ids_(ids), result_(result) {}

  void read() {
    for (Ref value = 0; value < pickle_.size(); ++value) {
      if (pickle_.is(value, Kind::persistent)) read_storage(value);
      if (pickle_.is(value, Kind::tensor)) {
        try {
          read_tensor(value);
        } catch (const Error& error) {
          fail(describe(value), ": ", error.what());
        }
      }
    }
  }

 private:
  using Arguments = std::span<const Ref>;

  bool is(Ref value, Kind kind) const { return pickle_.is(value, kind); }

  // The key under which a dict holds the tensor, for messages.
  std::string describe(Ref tensor) const {
    for (Ref value = 0; value < pickle_.size(); ++value) {
      if (!is(value, Kind::dict)) continue;
      const auto items = pickle_.items(value);
      for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto inner =
            is(items[i + 1], Kind::tensor) ? pickle_.items(items[i + 1]) : std::span<const Ref>();
        const bool wraps = !inner.empty() && inner[0] == tensor;
        if ((items[i + 1] == tensor || wraps) && is(items[i], Kind::string)) {
          return concat("tensor '", printable(pickle_.text(items[i])), "'");
        }
      }
    }
    return "a tensor";
  }

  // The part of a storage that a persistent id means, in elements of the storage.
  struct Part {
    std::size_t storage = 0;
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
  };

  void read_storage(Ref value) {
    const Ref id = pickle_.items(value)[0];
    const auto items = pickle_.items(id);
    const bool in_streams = ids_ == StorageIds::in_streams;
    const bool understood = is(id, Kind::tuple) && items.size() == (in_streams ? 6 : 5) &&
                            is(items[0], Kind::string) && pickle_.text(items[0]) == "storage" &&
                            is(items[1], Kind::global) && is(items[2], Kind::string) &&
                            is(items[3], Kind::string) && is(items[4], Kind::integer);
    if (!understood) {
      fail("a persistent id is ", name_of(pickle_.kind(id)),
           ", expected ('storage', class, key, location, count", in_streams ? ", view)" : ")");
    }
    const GlobalName& type = pickle_.global(items[1]);
    TorchStorage storage;
    storage.key = pickle_.text(items[2]);
    const std::string shown = concat("storage '", printable(storage.key), "'");
    if (!is_storage_key(storage.key)) {
      fail(shown, ": expected a key of 1 to ", longest_key, " bytes without '/' or control bytes");
    }
    if (type.meaning == Global::storage_class) {
      storage.type = find_storage_dtype(type.name);
    } else if (type.meaning != Global::untyped_storage_class) {
      fail(shown, ": '", type, "' is not a class of storages");
    }
    if (const auto location = pickle_.text(items[3]); !is_device(location)) {
      fail(shown, ": '", printable(location), "' is not a device");
    }
    const std::int64_t numel = pickle_.integer(items[4]);
    if (numel < 0) fail(shown, ": ", numel, " elements");
    storage.numel = static_cast<std::uint64_t>(numel);
    if (!checked_multiply(numel, static_cast<std::int64_t>(storage.item_size()))) {
      fail(shown, ": the bytes of ", numel, " elements overflow");
    }
    const auto [found, added] = by_key_.emplace(storage.key, result_.storages_.size());
    part_of_[value] = part(found->second, storage.numel, in_streams ? items[5] : Ref{0}, shown);
    result_.storage_by_value_[value] = found->second;
    if (added) {
      if (by_key_.size() > most_tensors) fail("more than ", most_tensors, " storages, the limit");
      result_.storages_.push_back(std::move(storage));
      return;
    }
    const TorchStorage& first = result_.storages_[found->second];
    if (first.type != storage.type || first.numel != storage.numel) {
      fail(shown, " is described in two different ways");
    }
  }

  // `view`: None for the whole storage, or (key of the part, offset, count).
  Part part(std::size_t storage, std::uint64_t numel, Ref view, std::string_view shown) const {
    if (is(view, Kind::none)) return {storage, 0, numel};
    const auto items = pickle_.items(view);
    if (!is(view, Kind::tuple) || items.size() != 3 ||
        (!is(items[0], Kind::string) && !is(items[0], Kind::integer)) ||
        !is(items[1], Kind::integer) || !is(items[2], Kind::integer)) {
      fail(shown, ": the view of it is ", name_of(pickle_.kind(view)),
           ", expected None or (key, offset, count)");
    }
    const std::int64_t begin = pickle_.integer(items[1]);
    const std::int64_t size = pickle_.integer(items[2]);
    if (begin < 0 || size < 0 ||
        !fits(static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(size), numel)) {
      fail(shown, ": a view of ", size, " elements from element ", begin, ", it has ", numel);
    }
    return {storage, static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(size)};
  }

  void read_tensor(Ref value) {
    const Global how = pickle_.global(value).meaning;
    const Arguments arguments = pickle_.items(value);
    if (how == Global::rebuild_parameter || how == Global::rebuild_parameter_with_state) {
      const std::size_t count = how == Global::rebuild_parameter ? 3 : 4;
      if (arguments.size() != count || !is(arguments[1], Kind::boolean) ||
          !is(arguments[2], Kind::dict)) {
        refuse_arguments(value);
      }
      const auto data = result_.by_value_.find(arguments[0]);
      if (data == result_.by_value_.end()) refuse_arguments(value);
      result_.by_value_[value] = data->second;
      return;
    }
    if (how == Global::parameter_class) {
      const bool understood =
          arguments.size() == 1 || (arguments.size() == 2 && is(arguments[1], Kind::boolean));
      const auto data = understood ? result_.by_value_.find(arguments[0]) : result_.by_value_.end();
      if (data == result_.by_value_.end()) refuse_arguments(value);
      result_.by_value_[value] = data->second;
      return;
    }
    check_tensor_count(result_.tensors_.size() + 1);
    TorchTensor tensor = how == Global::rebuild_from_type_v2 ? from_type(value, arguments)
                                                             : rebuild(value, how, arguments);
    result_.by_value_[value] = result_.tensors_.size();
    result_.tensors_.push_back(std::move(tensor));
  }

  // (function, class, its arguments, attributes)
  TorchTensor from_type(Ref value, Arguments arguments) {
    if (arguments.size() != 4 || !is(arguments[0], Kind::global) ||
        !is(arguments[1], Kind::global) || !is(arguments[2], Kind::tuple)) {
      refuse_arguments(value);
    }
    const Global how = pickle_.global(arguments[0]).meaning;
    TorchTensor tensor = rebuild(value, how, pickle_.items(arguments[2]));
    const GlobalName& type = pickle_.global(arguments[1]);
    const bool is_plain =
        type.meaning == Global::tensor_class || type.meaning == Global::parameter_class;
    if (!is_plain && tensor.unreadable.empty()) {
      tensor.unreadable = concat("it is of the class '", type, "'");
    }
    return tensor;
  }

  TorchTensor rebuild(Ref value, Global how, Arguments arguments) {
    switch (how) {
      case Global::rebuild_tensor:
      case Global::rebuild_tensor_v2:
      case Global::rebuild_tensor_v3:
        return strided(value, how, arguments);
      case Global::rebuild_qtensor:
        return quantized(value, arguments);
      case Global::rebuild_sparse_tensor:
        return sparse(value, arguments);
      case Global::rebuild_meta_tensor:
        return listed(value, arguments, 0, 1, "it is on the meta device and has no values");
      case Global::rebuild_wrapper_subclass:
        return listed(value, arguments, 1, 2, "it is a wrapper of another class");
      case Global::rebuild_nested_tensor: {
        TorchTensor tensor;
        tensor.dtype = "nested";
        tensor.view.shape = {0};
        tensor.unreadable = "nested tensors are not read";
        return tensor;
      }
      case Global::rebuild_device_tensor: {
        TorchTensor tensor;
        tensor.dtype = "device";
        tensor.view.shape = {0};
        tensor.unreadable =
            "tensors of this device are not read; move it to the CPU and save again";
        if (arguments.size() > 1) take_dtype(arguments[1], tensor);
        return tensor;
      }
      default:
        refuse_arguments(value);
    }
  }

  // (storage, offset, size, stride[, requires_grad, hooks[, dtype][, metadata]])
  TorchTensor strided(Ref value, Global how, Arguments arguments) {
    const bool v3 = how == Global::rebuild_tensor_v3;
    const std::size_t required = how == Global::rebuild_tensor ? 4 : v3 ? 7 : 6;
    const std::size_t allowed = how == Global::rebuild_tensor ? 4 : required + 1;
    if (arguments.size() < required || arguments.size() > allowed) refuse_arguments(value);
    if (required > 4 && (!is(arguments[4], Kind::boolean) || !is(arguments[5], Kind::dict))) {
      refuse_arguments(value);
    }
    TorchTensor tensor;
    tensor.storage = part_of(value, arguments[0]).storage;
    tensor.type = result_.storages_[tensor.storage].type;
    if (v3) take_dtype(arguments[6], tensor);
    if (tensor.type == nullptr) refuse_arguments(value);
    tensor.dtype = tensor.type->name;
    if (!tensor.type->usable) tensor.unreadable = concat("its element type is ", tensor.dtype);
    place(value, tensor, arguments);
    if (arguments.size() > required) check_metadata(value, arguments[required], tensor);
    return tensor;
  }

  // (storage, offset, size, stride, (scheme, …), requires_grad, hooks)
  TorchTensor quantized(Ref value, Arguments arguments) {
    if (arguments.size() != 7 || !is(arguments[4], Kind::tuple)) refuse_arguments(value);
    TorchTensor tensor;
    tensor.storage = part_of(value, arguments[0]).storage;
    tensor.type = result_.storages_[tensor.storage].type;
    if (tensor.type == nullptr) refuse_arguments(value);
    tensor.dtype = tensor.type->name;
    tensor.unreadable = concat("it is quantised, of element type ", tensor.dtype);
    place(value, tensor, arguments);
    return tensor;
  }

  // (layout, (indices, values, size, …)) or (layout, (crow, col, values, size)); of TorchScript
  // (number, size, requires_grad, indices, values, hooks) or with crow, col and values.
  TorchTensor sparse(Ref value, Arguments arguments) {
    if (!arguments.empty() && is(arguments[0], Kind::integer)) {
      const bool coo = pickle_.integer(arguments[0]) == 1;
      const bool csr = pickle_.integer(arguments[0]) == 2;
      if (!(coo && arguments.size() == 6) && !(csr && arguments.size() == 7)) {
        refuse_arguments(value);
      }
      return sparse_of(value, coo ? "sparse_coo" : "sparse_csr", arguments[coo ? 4 : 5],
                       arguments[1]);
    }
    if (arguments.size() != 2 || !is(arguments[0], Kind::string) ||
        !is(arguments[1], Kind::tuple)) {
      refuse_arguments(value);
    }
    std::string_view layout = pickle_.text(arguments[0]);
    constexpr std::string_view prefix = "torch.";
    if (layout.starts_with(prefix)) layout.remove_prefix(prefix.size());
    const auto data = pickle_.items(arguments[1]);
    const std::size_t values_at = layout == "sparse_coo" ? 1 : 2;
    if (data.size() < values_at + 2) refuse_arguments(value);
    return sparse_of(value, layout, data[values_at], data[values_at + 1]);
  }

  TorchTensor sparse_of(Ref value, std::string_view layout, Ref values, Ref size) {
    const TorchTensor* dense = result_.find(values);
    if (dense == nullptr) refuse_arguments(value);
    TorchTensor tensor;
    tensor.dtype = concat(printable(layout), " ", dense->dtype);
    tensor.view.shape = Shape(integers(value, size));
    tensor.unreadable = concat("it is sparse, of layout ", printable(layout));
    return tensor;
  }

  TorchTensor listed(Ref value, Arguments arguments, std::size_t dtype_at, std::size_t size_at,
                     std::string_view reason) {
    if (arguments.size() <= size_at) refuse_arguments(value);
    TorchTensor tensor;
    take_dtype(arguments[dtype_at], tensor);
    if (tensor.type == nullptr) refuse_arguments(value);
    tensor.dtype = tensor.type->name;
    tensor.view.shape = Shape(integers(value, arguments[size_at]));
    tensor.unreadable = reason;
    return tensor;
  }

  // Arguments (storage, offset, size, stride): the view, checked against the storage.
  void place(Ref value, TorchTensor& tensor, Arguments arguments) {
    if (!is(arguments[1], Kind::integer)) refuse_arguments(value);
    const auto sizes = integers(value, arguments[2]);
    const auto strides = integers(value, arguments[3]);
    const Part part = part_of(value, arguments[0]);
    const TorchStorage& storage = result_.storages_[tensor.storage];
    const std::size_t item_size = tensor.type->item_size;
    if (item_size == 0 || storage.item_size() == 0) {  // several elements in a byte
      tensor.view.shape = Shape(sizes);
      return;
    }
    const std::uint64_t storage_bytes = part.size * storage.item_size();
    const std::uint64_t part_begin = part.begin * storage.item_size();
    if (part_begin % item_size != 0) refuse_arguments(value);
    tensor.view =
        checked_view(sizes, strides, pickle_.integer(arguments[1]), storage_bytes / item_size);
    if (tensor.view.extent > 0) tensor.view.offset += part_begin / item_size;
    check_expansion(storage_bytes, tensor);
  }

  // {'conj': True} or {'neg': True}: the values are to be conjugated or negated when read.
  void check_metadata(Ref value, Ref metadata, TorchTensor& tensor) {
    if (is(metadata, Kind::none)) return;
    if (!is(metadata, Kind::dict)) refuse_arguments(value);
    const auto items = pickle_.items(metadata);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (!is(items[i], Kind::string)) refuse_arguments(value);
      const bool off = is(items[i + 1], Kind::boolean) && !pickle_.boolean(items[i + 1]);
      if (off || !tensor.unreadable.empty()) continue;
      if (pickle_.text(items[i]) == "neg" && can_negate(*tensor.type->usable)) {
        tensor.negated = true;
        continue;
      }
      tensor.unreadable =
          concat("it is a lazy view ('", printable(pickle_.text(items[i])), "'); save its clone()");
    }
  }

  const Part& part_of(Ref value, Ref storage) const {
    const auto found = part_of_.find(storage);
    if (found == part_of_.end()) refuse_arguments(value);
    return found->second;
  }

  void take_dtype(Ref value, TorchTensor& tensor) const {
    if (!is(value, Kind::global) || pickle_.global(value).meaning != Global::dtype) return;
    tensor.type = find_torch_dtype(pickle_.global(value).name);
  }

  std::vector<std::int64_t> integers(Ref value, Ref tuple) const {
    if (!is(tuple, Kind::tuple)) refuse_arguments(value);
    const auto items = pickle_.items(tuple);
    if (items.size() > Shape::max_rank) {
      fail(items.size(), " dimensions; at most ", Shape::max_rank, " are read");
    }
    std::vector<std::int64_t> numbers;
    numbers.reserve(items.size());
    for (const Ref item : items) {
      if (!is(item, Kind::integer)) {
        fail("a size, stride or offset is ", name_of(pickle_.kind(item)), ", expected an int");
      }
      numbers.push_back(pickle_.integer(item));
    }
    return numbers;
  }

  [[noreturn]] void refuse_arguments(Ref value) const {
    fail("arguments of '", pickle_.global(value), "' are not understood");
  }

  const Pickle& pickle_;
  StorageIds ids_;
  TorchTensors& result_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::unordered_map<Ref, Part> part_of_;
};

TorchTensors::TorchTensors(const Pickle& pickle, StorageIds ids) {
  TorchReader(pickle, ids, *this).read();
}

const TorchTensor* TorchTensors::find(Pickle::Ref value) const {
  const auto found = by_value_.find(value);
  return found == by_value_.end() ? nullptr : &tensors_[found->second];
}

std::optional<std::size_t> TorchTensors::storage_of(Pickle::Ref value) const {
  const auto found = storage_by_value_.find(value);
  return found == storage_by_value_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace nn::io
