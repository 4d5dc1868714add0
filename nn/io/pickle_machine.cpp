#include <algorithm>
#include <array>

#include <nn/io/file.h>
#include <nn/io/pickle_machine.h>
#include <nn/io/utf8.h>

namespace nn::io {
namespace {

// Values that every pickle shares, at the front of the arena.
constexpr Pickle::Ref none_value = 0;
constexpr Pickle::Ref false_value = 1;
constexpr Pickle::Ref true_value = 2;
constexpr Pickle::Ref empty_tuple = 3;

}  // namespace

PickleMachine::PickleMachine(Pickle& pickle, const PickleLimits& limits)
    : pickle_(pickle), limits_(limits), cursor_(pickle.bytes_) {
  pickle_.globals_.emplace_back();  // index 0: no global
  add(Node{});
  add_number(Kind::boolean, 0);
  add_number(Kind::boolean, 1);
  add_fixed(Kind::tuple, {});
}

std::size_t PickleMachine::run() {
  std::size_t at = 0;
  try {
    start();
    for (std::size_t count = 0; !stopped_; ++count) {
      check_limit(count, limits_.opcodes, "opcodes");
      at = cursor_.position();
      if (cursor_.done()) fail("the pickle ends without STOP");
      const std::uint8_t byte = cursor_.u8();
      const auto opcode = static_cast<Opcode>(byte);
      const bool known = run_text(opcode) || run_memo(opcode) || run_container(opcode) ||
                         run_object(opcode) || run_scalar(opcode) || run_stack(opcode);
      if (!known) {
        const std::string_view name = name_of_refused_opcode(byte);
        fail("opcode ", name.empty() ? "of value " : name, name.empty() ? nn::to_text(byte) : "",
             " is not supported");
      }
    }
  } catch (const Error& error) {
    fail("byte ", at, " of the pickle: ", error.what());
  }
  return cursor_.position();
}

void PickleMachine::start() {
  if (cursor_.done()) fail("the pickle is empty");
  if (cursor_.u8() != static_cast<std::uint8_t>(Opcode::proto)) {
    fail("expected a pickle of protocol 2 to 5, this is an older one or none");
  }
  const std::uint8_t protocol = cursor_.u8();
  if (protocol < 2 || protocol > 5) {
    fail("pickle protocol ", protocol, "; protocols 2 to 5 are read");
  }
  pickle_.protocol_ = protocol;
}

void PickleMachine::check_limit(std::size_t count, std::size_t limit, std::string_view what) const {
  if (count >= limit) fail("more than ", limit, " ", what, ", the limit");
}

// Stack.

void PickleMachine::push(Ref value) {
  check_limit(stack_.size() + marks_.size(), limits_.stack, "values on the stack");
  stack_.push_back(value);
}

void PickleMachine::push_mark() {
  check_limit(stack_.size() + marks_.size(), limits_.stack, "values on the stack");
  marks_.push_back(stack_.size());
}

PickleMachine::Ref PickleMachine::top() const {
  if (stack_.size() <= floor()) fail("the stack is empty");
  return stack_.back();
}

PickleMachine::Ref PickleMachine::pop() {
  const Ref value = top();
  stack_.pop_back();
  return value;
}

std::vector<PickleMachine::Ref> PickleMachine::pop_to_mark() {
  if (marks_.empty()) fail("there is no MARK on the stack");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Ref> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

bool PickleMachine::run_stack(Opcode opcode) {
  switch (opcode) {
    case Opcode::mark:
      push_mark();
      return true;
    case Opcode::pop:
      pop();
      return true;
    case Opcode::pop_mark:
      pop_to_mark();
      return true;
    case Opcode::dup:
      push(top());
      return true;
    case Opcode::frame: {
      const std::uint64_t length = cursor_.u64();
      if (length > cursor_.remaining()) {
        fail("a frame of ", length, " bytes, there are ", cursor_.remaining());
      }
      return true;
    }
    case Opcode::stop: {
      const Ref root = pop();
      if (!stack_.empty() || !marks_.empty()) fail("values are left on the stack at the end");
      pickle_.root_ = root;
      stopped_ = true;
      return true;
    }
    default:
      return false;
  }
}

// Memo: a map, for a pickle may use any index.

void PickleMachine::put(std::uint32_t index) {
  const Ref value = top();
  check_limit(memo_.size(), limits_.memo, "memo entries");
  memo_.insert_or_assign(index, value);
}

void PickleMachine::get(std::uint32_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) fail("nothing is stored in the memo at ", index);
  push(found->second);
}

bool PickleMachine::run_memo(Opcode opcode) {
  switch (opcode) {
    case Opcode::binput:
      put(cursor_.u8());
      return true;
    case Opcode::long_binput:
      put(cursor_.u32());
      return true;
    case Opcode::memoize:
      put(static_cast<std::uint32_t>(memo_.size()));
      return true;
    case Opcode::binget:
      get(cursor_.u8());
      return true;
    case Opcode::long_binget:
      get(cursor_.u32());
      return true;
    default:
      return false;
  }
}

// Values.

PickleMachine::Ref PickleMachine::add(const Node& node) {
  check_limit(pickle_.nodes_.size(), limits_.values, "values");
  pickle_.nodes_.push_back(node);
  return static_cast<Ref>(pickle_.nodes_.size() - 1);
}

PickleMachine::Ref PickleMachine::add_number(Kind kind, std::int64_t value) {
  Node node;
  node.kind = kind;
  node.number.integer = value;
  return add(node);
}

PickleMachine::Ref PickleMachine::add_text(Kind kind, std::uint64_t length) {
  const auto begin = static_cast<std::uint32_t>(cursor_.position());
  const std::string_view text = text_of(cursor_.take(length));
  if (kind == Kind::string && !is_utf8(text)) fail("a string is not UTF-8");
  Node node;
  node.kind = kind;
  node.number.range = {begin, static_cast<std::uint32_t>(text.size())};
  return add(node);
}

PickleMachine::Ref PickleMachine::add_fixed(Kind kind, std::span<const Ref> items,
                                            std::uint32_t global) {
  Node node;
  node.kind = kind;
  node.global = global;
  node.number.range = {static_cast<std::uint32_t>(pickle_.fixed_.size()),
                       static_cast<std::uint32_t>(items.size())};
  pickle_.fixed_.insert(pickle_.fixed_.end(), items.begin(), items.end());
  return add(node);
}

PickleMachine::Ref PickleMachine::add_growing(Kind kind, std::vector<Ref> items,
                                              std::uint32_t global) {
  Node node;
  node.kind = kind;
  node.global = global;
  node.number.growing = pickle_.growing_.size();
  pickle_.growing_.push_back(std::move(items));
  return add(node);
}

void PickleMachine::extend(Ref target, std::span<const Ref> items) {
  // Copies of one long list would multiply without this budget.
  check_limit(item_count_ += items.size(), limits_.opcodes, "items of lists and dicts");
  auto& all = pickle_.growing_[pickle_.nodes_[target].number.growing];
  all.insert(all.end(), items.begin(), items.end());
}

bool PickleMachine::run_scalar(Opcode opcode) {
  switch (opcode) {
    case Opcode::none:
      push(none_value);
      return true;
    case Opcode::newtrue:
      push(true_value);
      return true;
    case Opcode::newfalse:
      push(false_value);
      return true;
    case Opcode::binint:
      push(add_number(Kind::integer, cursor_.little_endian<std::int32_t>()));
      return true;
    case Opcode::binint1:
      push(add_number(Kind::integer, cursor_.u8()));
      return true;
    case Opcode::binint2:
      push(add_number(Kind::integer, cursor_.u16()));
      return true;
    case Opcode::long1:
      push_long(cursor_.u8());
      return true;
    case Opcode::long4: {
      const auto length = cursor_.little_endian<std::int32_t>();
      if (length < 0) fail("an int of ", length, " bytes");
      push_long(static_cast<std::uint64_t>(length));
      return true;
    }
    case Opcode::binfloat: {
      Node node;
      node.kind = Kind::real;
      node.number.real = cursor_.big_endian_double();
      push(add(node));
      return true;
    }
    default:
      return false;
  }
}

// A two's complement number, least significant byte first.
void PickleMachine::push_long(std::uint64_t length) {
  const auto bytes = cursor_.take(length);
  if (length > 8) return push(add_number(Kind::big_integer, 0));
  const bool negative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  push(add_number(Kind::integer, static_cast<std::int64_t>(value)));
}

// Python 2's str: a name or raw data.
void PickleMachine::push_byte_string(std::uint64_t length) {
  const Ref value = add_text(Kind::bytes, length);
  if (is_utf8(pickle_.text(value))) pickle_.nodes_[value].kind = Kind::string;
  push(value);
}

bool PickleMachine::run_text(Opcode opcode) {
  switch (opcode) {
    case Opcode::short_binunicode:
      push(add_text(Kind::string, cursor_.u8()));
      return true;
    case Opcode::short_binstring:
      push_byte_string(cursor_.u8());
      return true;
    case Opcode::binunicode:
      push(add_text(Kind::string, cursor_.u32()));
      return true;
    case Opcode::binunicode8:
      push(add_text(Kind::string, cursor_.u64()));
      return true;
    case Opcode::binstring: {
      const auto length = cursor_.little_endian<std::int32_t>();
      if (length < 0) fail("a string of ", length, " bytes");
      push_byte_string(static_cast<std::uint64_t>(length));
      return true;
    }
    case Opcode::short_binbytes:
      push(add_text(Kind::bytes, cursor_.u8()));
      return true;
    case Opcode::binbytes:
      push(add_text(Kind::bytes, cursor_.u32()));
      return true;
    case Opcode::binbytes8:
    case Opcode::bytearray8:
      push(add_text(Kind::bytes, cursor_.u64()));
      return true;
    default:
      return false;
  }
}

// Containers.

bool PickleMachine::run_container(Opcode opcode) {
  const auto push_tuple = [&](std::size_t size) {
    std::array<Ref, 3> items{};
    for (std::size_t i = size; i-- > 0;) items[i] = pop();
    push(add_fixed(Kind::tuple, std::span(items).first(size)));
  };
  switch (opcode) {
    case Opcode::empty_tuple:
      push(empty_tuple);
      return true;
    case Opcode::tuple1:
      push_tuple(1);
      return true;
    case Opcode::tuple2:
      push_tuple(2);
      return true;
    case Opcode::tuple3:
      push_tuple(3);
      return true;
    case Opcode::tuple:
      push(add_fixed(Kind::tuple, pop_to_mark()));
      return true;
    case Opcode::empty_list:
      push(add_growing(Kind::list, {}));
      return true;
    case Opcode::empty_dict:
      push(add_growing(Kind::dict, {}));
      return true;
    case Opcode::empty_set:
      push(add_growing(Kind::set, {}));
      return true;
    case Opcode::frozenset: {
      const Ref set = add_growing(Kind::set, {});
      add_to_set(set, pop_to_mark());
      push(set);
      return true;
    }
    case Opcode::append: {
      const std::array item{pop()};
      append(top(), item);
      return true;
    }
    case Opcode::appends: {
      const auto items = pop_to_mark();
      append(top(), items);
      return true;
    }
    case Opcode::additems: {
      const auto items = pop_to_mark();
      add_to_set(top(), items);
      return true;
    }
    case Opcode::setitem: {
      const Ref value = pop();
      const std::array pair{pop(), value};
      set_items(top(), pair);
      return true;
    }
    case Opcode::setitems: {
      const auto items = pop_to_mark();
      set_items(top(), items);
      return true;
    }
    default:
      return false;
  }
}

void PickleMachine::append(Ref target, std::span<const Ref> items) {
  if (kind(target) != Kind::list && kind(target) != Kind::object) {
    fail("APPEND to ", name_of(kind(target)), ", expected a list");
  }
  extend(target, items);
}

void PickleMachine::set_items(Ref target, std::span<const Ref> items) {
  if (kind(target) != Kind::dict && kind(target) != Kind::object) {
    fail("SETITEM on ", name_of(kind(target)), ", expected a dict");
  }
  if (items.size() % 2 != 0) fail("SETITEMS with a key but no value");
  for (std::size_t i = 0; i < items.size(); i += 2) check_key(items[i]);
  extend(target, items);
}

void PickleMachine::add_to_set(Ref target, std::span<const Ref> items) {
  if (kind(target) != Kind::set) fail("ADDITEMS to ", name_of(kind(target)), ", expected a set");
  for (const Ref item : items) check_key(item);
  extend(target, items);
}

void PickleMachine::check_key(Ref key) const {
  if (kind(key) == Kind::list || kind(key) == Kind::dict || kind(key) == Kind::set) {
    fail(name_of(kind(key)), " as the key of a dict or member of a set");
  }
}

Pickle Pickle::parse(std::vector<std::byte> bytes, const PickleLimits& limits,
                     std::size_t* consumed) {
  if (bytes.size() > limits.bytes && consumed == nullptr) {
    fail("a pickle of ", bytes.size(), " bytes; at most ", limits.bytes, " are read");
  }
  Pickle pickle;
  bytes.resize(std::min(bytes.size(), limits.bytes));
  pickle.bytes_ = std::move(bytes);
  const std::size_t used = PickleMachine(pickle, limits).run();
  if (consumed != nullptr) {
    *consumed = used;
  } else if (used != pickle.bytes_.size()) {
    fail("byte ", used, " of the pickle: ", pickle.bytes_.size() - used,
         " bytes follow its end, expected none");
  }
  check_tree(pickle, limits);
  return pickle;
}

}  // namespace nn::io
