// The opcodes that name classes and functions: what Python would import and call, we describe.
#include <algorithm>
#include <array>

#include <nn/io/file.h>
#include <nn/io/pickle_machine.h>

namespace nn::io {
namespace {

constexpr Pickle::Ref none_value = 0;

constexpr std::string_view how_to_save =
    "nothing was executed; save the weights alone, torch.save(model.state_dict(), path)";

constexpr std::size_t most_skipped_names = 16;

// Attributes through which an object could become another one.
constexpr std::array<std::string_view, 12> refused_attributes = {
    "__class__", "__setstate__", "__getstate__",     "__reduce__", "__reduce_ex__", "__dict__",
    "__new__",   "__init__",     "__getattribute__", "__call__",   "__del__",       "__slots__"};

bool is_rebuild(Global meaning) { return meaning >= Global::rebuild_tensor; }

}  // namespace

std::string_view PickleMachine::line() {
  constexpr std::size_t longest_line = 2048;
  const std::string_view rest = text_of(pickle_.bytes_).substr(cursor_.position(), longest_line);
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) fail("a name does not end within ", longest_line, " bytes");
  cursor_.skip(end + 1);
  return rest.substr(0, end);
}

PickleMachine::Ref PickleMachine::add_global(std::string_view module, std::string_view name) {
  check_limit(pickle_.globals_.size(), limits_.globals, "names of classes and functions");
  const GlobalName global =
      limits_.script_values ? resolve_script_global(module, name) : resolve_global(module, name);
  pickle_.globals_.push_back(global);
  Node node;
  node.kind = Kind::global;
  node.global = static_cast<std::uint32_t>(pickle_.globals_.size() - 1);
  return add(node);
}

PickleMachine::Ref PickleMachine::add_object(Ref class_global, Ref arguments) {
  return add_growing(Kind::object, {arguments}, pickle_.nodes_[class_global].global);
}

bool PickleMachine::run_object(Opcode opcode) {
  switch (opcode) {
    case Opcode::global: {
      const std::string_view module = line();
      push(add_global(module, line()));
      return true;
    }
    case Opcode::stack_global: {
      const Ref name = pop();
      const Ref module = pop();
      if (kind(module) != Kind::string || kind(name) != Kind::string) {
        fail("STACK_GLOBAL of ", name_of(kind(module)), " and ", name_of(kind(name)),
             ", expected two strings");
      }
      push(add_global(pickle_.text(module), pickle_.text(name)));
      return true;
    }
    case Opcode::reduce: {
      const Ref arguments = pop();
      push(reduce(pop(), arguments));
      return true;
    }
    case Opcode::newobj: {
      const Ref arguments = pop();
      push(make_new(pop(), arguments));
      return true;
    }
    case Opcode::newobj_ex: {
      if (const Ref keywords = pop(); kind(keywords) != Kind::dict) {
        fail("NEWOBJ_EX with ", name_of(kind(keywords)), ", expected a dict of keywords");
      }
      const Ref arguments = pop();
      push(make_new(pop(), arguments));
      return true;
    }
    case Opcode::build: {
      const Ref state = pop();
      build(top(), state);
      return true;
    }
    case Opcode::binpersid: {
      const std::array id{pop()};
      if (const auto of_class = class_of_module_id(id[0])) {
        push(*of_class);
      } else {
        push(add_fixed(Kind::persistent, id));
      }
      return true;
    }
    case Opcode::proto:
      fail("a second PROTO");
    default:
      return false;
  }
}

// ('module', class, source_file, source): a class of modules with its source, for comparison.
std::optional<PickleMachine::Ref> PickleMachine::class_of_module_id(Ref id) const {
  const auto items = pickle_.items(id);
  if (!limits_.module_ids || kind(id) != Kind::tuple || items.size() != 4) return std::nullopt;
  const auto is_text = [&](Ref value) {
    return kind(value) == Kind::string || kind(value) == Kind::bytes || kind(value) == Kind::none;
  };
  const bool understood = kind(items[0]) == Kind::string && pickle_.text(items[0]) == "module" &&
                          kind(items[1]) == Kind::global && is_text(items[2]) && is_text(items[3]);
  return understood ? std::optional(items[1]) : std::nullopt;
}

PickleMachine::Ref PickleMachine::make_new(Ref class_global, Ref arguments) {
  if (kind(class_global) != Kind::global || kind(arguments) != Kind::tuple) {
    fail("NEWOBJ of ", name_of(kind(class_global)), " and ", name_of(kind(arguments)),
         ", expected a class and a tuple");
  }
  const GlobalName& global = pickle_.global(class_global);
  switch (global.meaning) {
    case Global::unknown:
    case Global::harmless:
      return add_object(class_global, arguments);
    case Global::ordered_dict:
    case Global::counter:
    case Global::default_dict:
      return reduce_container(class_global, pickle_.items(arguments));
    case Global::parameter_class:
      return reduce(class_global, arguments);
    default:
      fail("makes an object of '", global, "', which only describes tensors; ", how_to_save);
  }
}

PickleMachine::Ref PickleMachine::reduce(Ref function, Ref arguments) {
  if (kind(function) != Kind::global) {
    fail("REDUCE calls ", name_of(kind(function)), ", expected a function");
  }
  if (kind(arguments) != Kind::tuple) {
    fail("REDUCE with ", name_of(kind(arguments)), ", expected a tuple of arguments");
  }
  const GlobalName& global = pickle_.global(function);
  const auto items = pickle_.items(arguments);
  const auto refuse_arguments = [&]() { fail("arguments of '", global, "' are not understood"); };
  const auto is = [&](std::size_t i, Kind wanted) { return kind(items[i]) == wanted; };
  // The call as data.
  const auto add_call = [&](Kind as) {
    Node node = pickle_.nodes_[arguments];
    node.kind = as;
    node.global = pickle_.nodes_[function].global;
    return add(node);
  };
  if (is_rebuild(global.meaning)) return add_call(Kind::tensor);
  switch (global.meaning) {
    case Global::harmless:
      return add_object(function, arguments);
    case Global::reconstructor:
      if (items.size() != 3 || !is(0, Kind::global)) refuse_arguments();
      return add_object(items[0], arguments);
    case Global::ordered_dict:
    case Global::counter:
    case Global::default_dict:
    case Global::set:
      return reduce_container(function, items);
    case Global::size:
      if (items.size() != 1 || !is(0, Kind::tuple)) refuse_arguments();
      return items[0];
    case Global::script_value:
      if (items.empty() || items.size() > 2) refuse_arguments();
      return items[0];
    case Global::get_layout:
      if (items.size() != 1 || !is(0, Kind::string)) refuse_arguments();
      return items[0];
    case Global::device:
      if (items.empty() || items.size() > 2 || !is(0, Kind::string)) refuse_arguments();
      if (items.size() == 2 && !is(1, Kind::integer)) refuse_arguments();
      return add_call(Kind::opaque);
    case Global::complex:
      if (items.size() != 2 || !is(0, Kind::real) || !is(1, Kind::real)) refuse_arguments();
      return add_call(Kind::opaque);
    case Global::encode:
      if (items.size() != 2 || !is(0, Kind::string) || !is(1, Kind::string) ||
          pickle_.text(items[1]) != "latin1") {
        refuse_arguments();
      }
      return add_latin1(items[0]);
    case Global::byte_array:  // an int would ask for that many bytes
      if (items.size() > 2) refuse_arguments();
      if (items.empty()) return add_text(Kind::bytes, 0);
      if (is(0, Kind::bytes)) return items[0];
      if (items.size() != 2 || !is(0, Kind::string) || !is(1, Kind::string)) refuse_arguments();
      return add_latin1(items[0]);
    case Global::unknown:
      if (limits_.script_values && is_script_class(global)) return add_object(function, arguments);
      if (limits_.unknown_calls) return skip_call(function, arguments);
      fail("calls '", global, "', which is not among the functions of PyTorch's tensor files; ",
           how_to_save, ", or skip what is not known (--skip-unknown)");
    default:
      fail("calls '", global, "', which is not a function; ", how_to_save);
  }
}

// Bytes given as a text whose characters are their values.
PickleMachine::Ref PickleMachine::add_latin1(Ref text) {
  // Of UTF-8, C4 and above begin characters beyond U+00FF.
  const auto is_beyond = [](char c) { return static_cast<unsigned char>(c) > 0xC3; };
  if (std::ranges::any_of(pickle_.text(text), is_beyond)) {
    fail("bytes are given as a text with characters beyond Latin-1");
  }
  Node node = pickle_.nodes_[text];
  node.kind = Kind::bytes;
  node.latin1 = true;
  return add(node);
}

PickleMachine::Ref PickleMachine::skip_call(Ref function, Ref arguments) {
  std::vector<std::string>& names = pickle_.skipped_;
  if (names.size() < most_skipped_names) {
    std::string name = nn::io::to_text(pickle_.global(function));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return add_object(function, arguments);
}

// OrderedDict() or OrderedDict([(key, value), …]); Counter(dict); defaultdict(factory); set([…]).
PickleMachine::Ref PickleMachine::reduce_container(Ref function, std::span<const Ref> arguments) {
  const GlobalName& global = pickle_.global(function);
  const auto refuse = [&]() { fail("arguments of '", global, "' are not understood"); };
  const bool is_set = global.meaning == Global::set;
  const std::vector<Ref> given(arguments.begin(), arguments.end());
  const Ref result =
      add_growing(is_set ? Kind::set : Kind::dict, {}, pickle_.nodes_[function].global);
  const std::size_t content = global.meaning == Global::default_dict ? 1 : 0;
  if (given.size() > content + 1) refuse();
  if (given.size() <= content) return result;

  const Ref items = given[content];
  if (is_set) {
    if (kind(items) != Kind::list && kind(items) != Kind::tuple) refuse();
    add_to_set(result, pickle_.items(items));
  } else if (kind(items) == Kind::dict) {
    set_items(result, std::vector<Ref>(pickle_.items(items).begin(), pickle_.items(items).end()));
  } else if (kind(items) == Kind::list) {
    for (const Ref pair : pickle_.items(items)) {
      const bool is_pair = (kind(pair) == Kind::tuple || kind(pair) == Kind::list) &&
                           pickle_.items(pair).size() == 2;
      if (!is_pair) refuse();
      set_items(result, pickle_.items(pair));
    }
  } else {
    refuse();
  }
  return result;
}

// Attributes: those of an OrderedDict or a tensor are of no interest, a placeholder keeps its own.
void PickleMachine::build(Ref target, Ref state) {
  Node& node = pickle_.nodes_[target];
  const bool own_dict = node.kind == Kind::dict && node.global != 0;
  const bool placeholder = node.kind == Kind::object;
  if (!own_dict && !placeholder && node.kind != Kind::tensor) {
    fail("BUILD on ", name_of(node.kind), ", expected an OrderedDict, a tensor or an object");
  }
  // (requires_grad, volatile, hooks)
  const bool of_parameter = node.kind == Kind::tensor && kind(state) == Kind::tuple &&
                            pickle_.global(target).meaning == Global::parameter_class;
  if (!placeholder && !of_parameter && kind(state) != Kind::dict) {
    fail("BUILD of ", name_of(node.kind), " with ", name_of(kind(state)), ", expected a dict");
  }
  // A pair (dict, slots) is how Python stores objects with slots.
  const std::array alone{state};
  const auto parts =
      kind(state) == Kind::tuple ? pickle_.items(state) : std::span<const Ref>(alone);
  for (const Ref part : parts) {
    if (kind(part) != Kind::dict) continue;
    const auto items = pickle_.items(part);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (kind(items[i]) != Kind::string) continue;
      const std::string_view key = pickle_.text(items[i]);
      if (std::ranges::find(refused_attributes, key) != refused_attributes.end()) {
        fail("BUILD sets the attribute '", key, "'; ", how_to_save);
      }
    }
  }
  if (placeholder && state != none_value) node.state = state;
}

}  // namespace nn::io
