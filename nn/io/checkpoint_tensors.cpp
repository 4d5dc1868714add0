#include <unordered_set>

#include <nn/error.h>
#include <nn/io/checkpoint_tensors.h>
#include <nn/io/entries.h>

namespace nn::io {
namespace {

using Ref = Pickle::Ref;

constexpr std::size_t longest_names = std::size_t{16} << 20;  // of all tensors together

class Collector {
 public:
  Collector(const Checkpoint& checkpoint, Collect what) : checkpoint_(checkpoint), what_(what) {}

  CollectedTensors run(Ref root) {
    if (checkpoint_.is_tensor(root)) {
      add_tensor("0", root);
    } else {
      visit(root, {});
    }
    while (!open_.empty()) {
      Frame& frame = open_.back();
      if (frame.next == child_count(checkpoint_.pickle(), frame.value)) {
        inside_.erase(frame.value);
        open_.pop_back();
        continue;
      }
      const Child child = child_at(checkpoint_.pickle(), frame.value, frame.next++);
      if (!is_collected(checkpoint_, frame.value, child, what_)) continue;
      const bool is_tensor = checkpoint_.is_tensor(child.value);
      if (!child.label && is_tensor) {
        fail("the key of a tensor is neither a string nor an int");
      }
      if (!child.label) continue;
      std::string name = joined_path(frame.path, *child.label);
      check_tensor_name(name);
      is_tensor ? add_tensor(std::move(name), child.value) : visit(child.value, std::move(name));
    }
    return std::move(result_);
  }

 private:
  struct Frame {
    Ref value;
    std::size_t next;  // of its children
    std::string path;
  };

  void add_tensor(std::string name, Ref value) {
    add({std::move(name), checkpoint_.tensors().find(value)});
  }

  void add(NamedTensor named) {
    check_tensor_count(result_.tensors.size() + 1);
    if ((name_bytes_ += named.name.size()) > longest_names) {
      fail("the names of the tensors are longer than ", longest_names, " bytes (16 MiB)");
    }
    result_.tensors.push_back(std::move(named));
  }

  void visit(Ref value, std::string path) {
    if (!is_module(checkpoint_.pickle(), value)) {
      if (!inside_.insert(value).second) fail("'", printable(path), "' contains itself");
      open_.push_back({value, 0, std::move(path)});
      return;
    }
    ModuleTensors walked = walk_module(checkpoint_.pickle(), checkpoint_.tensors(), value);
    for (NamedTensor& named : walked.tensors) {
      named.name = joined_path(path, named.name);
      check_tensor_name(named.name);
      add(std::move(named));
    }
    for (std::string& note : walked.notes) result_.notes.push_back(std::move(note));
  }

  const Checkpoint& checkpoint_;
  Collect what_;
  CollectedTensors result_;
  std::vector<Frame> open_;
  std::unordered_set<Ref> inside_;  // the values that are open
  std::size_t name_bytes_ = 0;
};

}  // namespace

CollectedTensors collect_tensors(const Checkpoint& checkpoint, Ref value, Collect what) {
  return Collector(checkpoint, what).run(value);
}

bool is_collected(const Checkpoint& checkpoint, Ref holder, const Child& child, Collect what) {
  if (what == Collect::all) return checkpoint.holds_tensors(child.value);
  const bool trains = child.label && is_training_key(*child.label);
  if (!checkpoint.is_tensor(child.value)) return checkpoint.holds_weights(child.value) && !trains;
  return !trains || checkpoint.holds_only_tensors(holder);
}

}  // namespace nn::io
