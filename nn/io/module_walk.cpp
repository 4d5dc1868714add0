#include <algorithm>
#include <string_view>
#include <unordered_set>

#include <nn/error.h>
#include <nn/io/entries.h>
#include <nn/io/module_walk.h>
#include <nn/io/pickle_lookup.h>
#include <nn/io/script_classes.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::size_t most_modules = 65536;
constexpr std::size_t longest_names = std::size_t{16} << 20;  // of all tensors together
constexpr std::size_t most_notes = 8;

class Walk {
 public:
  Walk(const Pickle& pickle, const TorchTensors& tensors, const FindScriptClass& script_class)
      : pickle_(pickle), tensors_(tensors), script_class_(script_class) {}

  ModuleTensors run(Ref root) {
    places_.push_back({root, 0, {}, 0});
    std::vector<std::uint32_t> waiting{0};
    while (!waiting.empty()) {
      place_ = waiting.back();
      waiting.pop_back();
      children_.clear();
      visit(places_[place_].module);
      for (std::size_t i = children_.size(); i-- > 0;) waiting.push_back(children_[i]);
    }
    return std::move(result_);
  }

 private:
  struct Place {
    Ref module;
    std::uint32_t parent;
    std::string_view name;  // in the parent
    std::size_t length;     // of the path with its last dot
  };

  void visit(Ref module) {
    if (is_script_class(pickle_.global(module))) return visit_script_object(module);
    add_tensors(part(module, "_parameters"), {});
    add_tensors(part(module, "_buffers"),
                names_in(attribute(pickle_, module, "_non_persistent_buffers_set")));
    for_each_pair(part(module, "_modules"), [&](std::string_view name, Ref value) {
      if (is_module(pickle_, value)) {
        add_child(name, value);
      } else if (!pickle_.is(value, Kind::none)) {
        leave_out("submodule", name, value);
      }
    });
  }

  void visit_script_object(Ref object) {
    const auto attributes = attributes_of(pickle_, object);
    const ScriptClass* known = script_class_ ? script_class_(pickle_.global(object)) : nullptr;
    if (known != nullptr && !known->is_module) return;
    if (known != nullptr && known->parameters && known->buffers) {
      for (const auto* names : {&*known->parameters, &*known->buffers}) {
        const std::unordered_set<std::string_view> listed(names->begin(), names->end());
        for_each_pair(attributes, [&](std::string_view name, Ref value) {
          if (listed.contains(name) && tensors_.find(value) != nullptr) add_tensor(name, value);
        });
      }
    } else {
      for_each_pair(attributes, [&](std::string_view name, Ref value) {
        if (tensors_.find(value) != nullptr) add_tensor(name, value);
      });
    }
    for_each_pair(attributes, [&](std::string_view name, Ref value) {
      if (is_module(pickle_, value)) add_child(name, value);
    });
  }

  std::span<const Ref> part(Ref module, std::string_view name) const {
    const auto dict = attribute(pickle_, module, name);
    return dict && pickle_.is(*dict, Kind::dict) ? pickle_.items(*dict) : std::span<const Ref>();
  }

  template <class Work>
  void for_each_pair(std::span<const Ref> pairs, Work&& work) const {
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
      if (!pickle_.is(pairs[i], Kind::string)) {
        fail("a part of a module has ", name_of(pickle_.kind(pairs[i])),
             " as its name, expected a string");
      }
      work(pickle_.text(pairs[i]), pairs[i + 1]);
    }
  }

  std::unordered_set<std::string_view> names_in(std::optional<Ref> set) const {
    std::unordered_set<std::string_view> names;
    if (!set || !pickle_.is(*set, Kind::set)) return names;
    for (const Ref item : pickle_.items(*set)) {
      if (pickle_.is(item, Kind::string)) names.insert(pickle_.text(item));
    }
    return names;
  }

  void add_tensors(std::span<const Ref> pairs, const std::unordered_set<std::string_view>& but) {
    for_each_pair(pairs, [&](std::string_view name, Ref value) {
      if (pickle_.is(value, Kind::none) || but.contains(name)) return;
      if (tensors_.find(value) != nullptr) {
        add_tensor(name, value);
      } else {
        leave_out("parameter or buffer", name, value);
      }
    });
  }

  void add_child(std::string_view name, Ref module) {
    if (places_.size() == most_modules) {
      fail("more than ", most_modules, " modules, the limit, or modules that contain themselves");
    }
    const std::size_t length = places_[place_].length + name.size() + 1;
    children_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.push_back({module, place_, name, length});
    if (length > longest_path) check_tensor_name(path(place_, name));
  }

  void add_tensor(std::string_view name, Ref value) {
    check_tensor_count(result_.tensors.size() + 1);
    std::string full = path(place_, name);
    check_tensor_name(full);
    if ((name_bytes_ += full.size()) > longest_names) {
      fail("the names of the tensors are longer than ", longest_names, " bytes (16 MiB)");
    }
    result_.tensors.push_back({std::move(full), tensors_.find(value)});
  }

  void leave_out(std::string_view what, std::string_view name, Ref value) {
    if (result_.notes.size() >= most_notes) return;
    result_.notes.push_back(concat(what, " '", printable(path(place_, name)), "' is ",
                                   name_of(pickle_.kind(value)), " and was left out"));
  }

  std::string path(std::uint32_t place, std::string_view name) const {
    std::string full(places_[place].length, '.');
    std::size_t end = full.size();
    for (; place != 0; place = places_[place].parent) {
      const std::string_view part = places_[place].name;
      end -= part.size() + 1;
      full.replace(end, part.size(), part);
    }
    return full.append(name);
  }

  static constexpr std::size_t longest_path = 1024;

  const Pickle& pickle_;
  const TorchTensors& tensors_;
  const FindScriptClass& script_class_;
  ModuleTensors result_;
  std::vector<Place> places_;
  std::uint32_t place_ = 0;              // that is visited
  std::vector<std::uint32_t> children_;  // of it
  std::size_t name_bytes_ = 0;
};

}  // namespace

bool is_module(const Pickle& pickle, Ref value) {
  if (!pickle.is(value, Kind::object)) return false;
  if (is_script_class(pickle.global(value))) return pickle.is(pickle.state(value), Kind::dict);
  const auto has = [&](std::string_view name) {
    const auto found = attribute(pickle, value, name);
    return found && pickle.is(*found, Kind::dict);
  };
  return has("_parameters") && has("_modules");
}

ModuleTensors walk_module(const Pickle& pickle, const TorchTensors& tensors, Ref module,
                          const FindScriptClass& script_class) {
  return Walk(pickle, tensors, script_class).run(module);
}

}  // namespace nn::io
