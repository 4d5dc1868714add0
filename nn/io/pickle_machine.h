#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nn/io/cursor.h>
#include <nn/io/pickle.h>
#include <nn/io/pickle_opcodes.h>

namespace nn::io {

// Runs the opcodes of one pickle: a stack, a memo and the values made so far. Used by
// Pickle::parse alone.
class PickleMachine {
 public:
  // REQUIRES: `pickle` holds the bytes and outlives the machine.
  PickleMachine(Pickle& pickle, const PickleLimits& limits);
  // Returns the bytes used.
  std::size_t run();

 private:
  using Ref = Pickle::Ref;
  using Kind = Pickle::Kind;
  using Node = Pickle::Node;

  // Opcodes by what they do; each returns whether the opcode was one of its own.
  bool run_scalar(Opcode opcode);
  bool run_text(Opcode opcode);
  bool run_container(Opcode opcode);
  bool run_stack(Opcode opcode);
  bool run_memo(Opcode opcode);
  bool run_object(Opcode opcode);

  void start();
  void push(Ref value);
  void push_mark();
  Ref pop();
  Ref top() const;
  std::vector<Ref> pop_to_mark();
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  void put(std::uint32_t index);
  void get(std::uint32_t index);

  Ref add(const Node& node);
  Ref add_number(Kind kind, std::int64_t value);
  Ref add_text(Kind kind, std::uint64_t length);
  Ref add_latin1(Ref text);
  Ref add_fixed(Kind kind, std::span<const Ref> items, std::uint32_t global = 0);
  Ref add_growing(Kind kind, std::vector<Ref> items, std::uint32_t global = 0);
  Ref add_global(std::string_view module, std::string_view name);
  Ref add_object(Ref class_global, Ref arguments);
  void push_long(std::uint64_t length);
  void push_byte_string(std::uint64_t length);
  std::string_view line();

  void extend(Ref target, std::span<const Ref> items);
  void append(Ref target, std::span<const Ref> items);
  void set_items(Ref target, std::span<const Ref> items);
  void add_to_set(Ref target, std::span<const Ref> items);
  void check_key(Ref key) const;
  void build(Ref target, Ref state);
  Ref reduce(Ref function, Ref arguments);
  Ref skip_call(Ref function, Ref arguments);
  Ref reduce_container(Ref function, std::span<const Ref> arguments);
  Ref make_new(Ref class_global, Ref arguments);
  std::optional<Ref> class_of_module_id(Ref id) const;
  Kind kind(Ref value) const { return pickle_.kind(value); }
  void check_limit(std::size_t count, std::size_t limit, std::string_view what) const;

  Pickle& pickle_;
  PickleLimits limits_;
  Cursor cursor_;
  std::vector<Ref> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::unordered_map<std::uint32_t, Ref> memo_;
  std::size_t item_count_ = 0;
  bool stopped_ = false;
};

// Refuses what only shows in the finished tree: duplicate keys and nesting beyond the limit.
void check_tree(const Pickle& pickle, const PickleLimits& limits);

}  // namespace nn::io
