#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/file_facts.h>
#include <nn/tensor.h>

namespace nn {
namespace io {
class Container;
}

// What the user knows of a file and its tensors cannot tell.
struct OpenOptions {
  // Where in a checkpoint the weights are, a path of keys and indices: "ema", "model.state_dict",
  // "nets.0"; in a whole module also a submodule, "model.encoder". "*" takes every tensor of the
  // file, an optimizer's too, by its path. Empty: by the rule of StateDict. Of files that hold
  // tensors alone none is accepted.
  std::string key = {};
  // Pickles that call functions we do not know are read and the results of the calls skipped.
  // Functions that can run code refuse the file all the same.
  bool skip_unknown = false;
  // Maps the file, as torch.load(mmap=True) does: share() lends values where they lie, without a copy
  // and without comparing checksums (verify() does). Only for files that nobody writes or cuts short
  // while the StateDict or a tensor of it lives: the system ends a process with SIGBUS that reads
  // what is no longer there.
  bool mmap = false;
};

// The tensors of a file by name, as `torch.load` would return them: a model's parameters and
// buffers, from what torch.save writes (archives; streams before PyTorch 1.6) and torch.jit.save,
// from safetensors, from the index.json of a model in several such files, or from npy (its one
// array is "0") and npz of NumPy. Opening reads the directory and the description of the tensors
// only; values are read one tensor at a time, with their checksum, where the format has one,
// verified. Nothing in the file is ever executed.
//
//   const auto weights = nn::StateDict::open("mnist.pt");
//   const nn::Tensor kernel = weights.read("conv1.weight");
//
// Which tensors of a checkpoint of torch.save are the weights: steps are taken from its top, or from
// where OpenOptions::key says, until there are some.
//   1. A tensor alone is "0"; a whole module (torch.save(model)) has its parameters and persistent
//      buffers, in the order and with the names of its state_dict().
//   2. Of a dict, what is under state_dict, model_state_dict, model, net, module, weights or params
//      and holds weights. Several of these, unless they hold the same tensors, or averaged weights
//      beside them (keys like ema, swa_model) are refused: the choice is the user's.
//   3. Otherwise a dict, list or tuple that holds tensors itself: all its tensors, by key or index,
//      and those of dicts, lists and modules in it, names joined by dots.
//   4. Otherwise the only value in it that holds weights, whatever its key; several are refused.
// What belongs to the training holds no weights here: what has param_groups, and keys with words
// like optimizer, scheduler, scaler, rng, loss. Refusals name the keys there are. Names are kept as
// they stand, prefixes like `module.` too. facts() tells what else the file holds.
//
// Of TorchScript, the parameters and buffers have the names of the module's state_dict(). A frozen
// module has constants in their place, by index; the key "constants" asks for those of any.
//
// Copies share the open file. Threads may read one StateDict at once.
class StateDict {
 public:
  struct Entry {
    std::string name;
    std::string dtype;  // PyTorch's name; may be one that cannot be read, as "complex64"
    Shape shape;
    std::uint64_t bytes = 0;  // of the values when read
    std::string unreadable =
        {};  // why read() would refuse it, as "it is sparse"; empty: it would not
  };

  StateDict() = default;  // empty, for building one in code
  // The format is told by content, never by the file's name. Errors name the file.
  static StateDict open(const std::filesystem::path& path, const OpenOptions& options = {});
  static StateDict from_bytes(std::vector<std::byte> bytes, std::string name,
                              const OpenOptions& options = {});

  // Adds a tensor or replaces one.
  void set(std::string name, Tensor value);
  // Gives a tensor another name, its values stay unread. Throws Error when there is no tensor
  // `from`, or another one of the name `to`.
  void rename(std::string_view from, std::string to);
  // All at once, names[i] for entries()[i], so that names may be exchanged. Throws Error, and changes
  // nothing, when two would be equal.  REQUIRES: as many names as entries.
  void rename(std::vector<std::string> names);

  const std::string& source() const { return source_; }        // as given
  std::string_view format() const;                             // "torch.save zip"
  std::span<const Entry> entries() const { return entries_; }  // in the order of the file
  const FileFacts& facts() const;
  const Entry* find(std::string_view name) const;  // nullptr when there is none
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  // The first of the entries whose values are, in the file, the same bytes as those of entry
  // `index` (tied weights); `index` itself where it shares with none before it.
  // REQUIRES: index < entries().size().
  std::size_t original_of(std::size_t index) const;

  // The values of one tensor, contiguous. Throws Error (file, tensor, what is wrong) when there is
  // none of the name, its element type cannot be used, or the data is damaged.
  Tensor read(std::string_view name) const;
  // The same values without a copy where that can be: those of set(), and those that the file holds
  // in memory as a tensor has them (OpenOptions::mmap, from_bytes); read() otherwise. They stay when
  // the StateDict goes.
  std::shared_ptr<const Tensor> share(std::string_view name) const;
  // Reads every byte of the file that carries data and compares checksums. `progress` is called now
  // and then with the number of bytes read since the last time; what it throws ends the reading.
  void verify(const std::function<void(std::uint64_t bytes)>& progress = {}) const;

 private:
  template <class Work>
  auto at_tensor(std::string_view name, Work&& work) const;
  std::shared_ptr<const Tensor> lend(std::size_t index) const;
  static StateDict of(std::string source, std::shared_ptr<const io::Container> container);

  std::string source_ = "(in memory)";
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::shared_ptr<const io::Container> container_;
  std::vector<std::shared_ptr<const Tensor>> values_;  // by index; null: the container's
};

}  // namespace nn
