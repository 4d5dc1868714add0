#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nn/import/graph_builder.h>

namespace nn {

// The values of a program of torch.export by their names, some of which share memory: a program that
// is not decomposed changes tensors in place, and every view of a changed tensor changes with it.
// Here nothing is overwritten. A value that is read after another of its memory was written is
// computed again, from what was written; one that nobody reads again costs nothing.
class ExportedValues {
 public:
  // How a value is part of another's memory.
  struct View {
    // The view of a tensor.
    std::function<Operand(const Operand& base)> of;
    // The tensor with other values where the view is; null where that cannot be said.
    std::function<Operand(const Operand& base, const Operand& view)> put;
    // False where PyTorch copies or not as the tensor's strides are, and they are not known.
    bool certain = true;
  };

  // A value with memory of its own. Throws Error when the name is taken.
  void define(const std::string& name, Operand value);
  // A view of the tensor `base`.
  void define_view(const std::string& name, std::string_view base, View view);
  // Another name of a tensor: what an operator gives that works in place.
  void define_alias(const std::string& name, std::string_view of);
  // Other values for the tensor and for whatever shares its memory.
  void write(std::string_view name, Operand value);

  bool defines(const std::string& name) const { return entries_.contains(name); }
  // As of now. Throws Error when nothing gives it, or when what was written to its memory cannot be
  // followed.
  Operand at(std::string_view name);

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct Link {  // a step from a storage to a view
    View view;
    std::size_t before = none;
  };
  struct Write {
    std::size_t link;
    Operand value;
  };
  struct Storage {
    Operand base;
    std::size_t applied = 0;  // writes that `base` has in it
    std::vector<Write> writes;
  };
  struct Entry {
    std::size_t storage;
    std::size_t link;  // the last; none: the whole storage
    Operand value;
    std::size_t seen;  // writes that `value` has in it
  };

  Entry& find(std::string_view name);
  void add(const std::string& name, Entry entry);
  std::vector<std::size_t> steps_to(std::size_t link) const;
  void require_certain(std::string_view name, std::span<const std::size_t> own,
                       std::span<const std::size_t> written) const;
  void apply(Storage& storage, const Write& write);
  void spend(std::size_t steps);

  std::vector<Link> links_;
  std::vector<Storage> storages_;
  std::unordered_map<std::string, Entry> entries_;
  std::size_t spent_ = 0;
};

}  // namespace nn
