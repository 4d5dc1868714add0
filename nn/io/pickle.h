#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/pickle_globals.h>

namespace nn::io {

// How much a pickle may contain; messages name the limit that was reached.
struct PickleLimits {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t opcodes = 2'000'000;
  std::size_t stack = 100'000;  // values and marks
  std::size_t memo = 100'000;
  std::size_t values = 1'000'000;
  std::size_t globals = 10'000;  // names of classes and functions
  std::size_t depth = 1'000;
  bool unknown_calls = false;  // calls of functions we do not know; they become placeholders
  bool script_values = false;  // lists and enums as TorchScript writes them are plain values
  bool module_ids = false;     // persistent ids ('module', class, file, source) stand for the class
};

// A pickle (protocols 2 to 5) read as data. The bytes are a program; here it builds a tree of
// plain values and nothing else: no name in it is imported and no function called. Names that could
// run code refuse the file, unknown classes become placeholders, unknown functions refuse the file.
//
// Values live in an arena and refer to one another by index, so values may be shared or contain
// themselves, and neither walking nor destruction recurs.
// https://github.com/python/cpython/blob/3.13/Lib/pickletools.py
class Pickle {
 public:
  using Ref = std::uint32_t;
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    big_integer,  // does not fit 64 bits; its digits are not kept
    real,
    string,      // text()
    bytes,       // text(), or bytes_of()
    tuple,       // items()
    list,        // items()
    set,         // items()
    dict,        // items(): key, value, key, value; also OrderedDict, Counter, defaultdict
    global,      // global()
    persistent,  // items(): the id; a storage in PyTorch's files
    tensor,      // global() tells how it is rebuilt, items(): the arguments
    object,      // a placeholder; global() is its class; items(): arguments and what was added
    opaque,      // another plain value, complex or a device; global() and items() as of a call
  };

  // Throws Error "byte N: …" when the pickle is not understood or beyond the limits.
  // `consumed`, when not null, allows bytes behind the pickle and receives its length.
  static Pickle parse(std::vector<std::byte> bytes, const PickleLimits& limits = {},
                      std::size_t* consumed = nullptr);

  Ref root() const { return root_; }
  int protocol() const { return protocol_; }
  // All values are 0 … size() - 1; tuples, tensors and persistent ids come after what they hold.
  std::size_t size() const { return nodes_.size(); }

  Kind kind(Ref value) const { return nodes_[value].kind; }
  bool is(Ref value, Kind wanted) const { return kind(value) == wanted; }
  bool boolean(Ref value) const { return nodes_[value].number.integer != 0; }
  std::int64_t integer(Ref value) const { return nodes_[value].number.integer; }
  double real(Ref value) const { return nodes_[value].number.real; }
  std::string_view text(Ref value) const;
  // The bytes themselves: protocol 2 writes them as a text whose characters are bytes.
  std::string bytes_of(Ref value) const;
  std::span<const Ref> items(Ref value) const;
  // The value of a dict under a string; nothing when there is none.
  std::optional<Ref> value_at(Ref dict, std::string_view key) const;
  const GlobalName& global(Ref value) const { return globals_[nodes_[value].global]; }
  // What BUILD gave a placeholder (its attributes, usually a dict); none when nothing.
  Ref state(Ref value) const { return nodes_[value].state; }
  // Unknown functions whose calls became placeholders, each once; at most 16 of them.
  std::span<const std::string> skipped() const { return skipped_; }

 private:
  friend class PickleMachine;
  Pickle() = default;

  struct Range {
    std::uint32_t begin;
    std::uint32_t size;
  };
  struct Node {
    Kind kind = Kind::none;
    bool latin1 = false;  // bytes that stand as UTF-8 of their values
    std::uint32_t global = 0;
    Ref state = 0;
    union {
      std::int64_t integer;
      double real;
      Range range;            // in bytes_ (string, bytes) or fixed_ (tuple, tensor, …)
      std::uint64_t growing;  // index in growing_ (list, dict, set, object)
    } number{0};
  };

  std::vector<std::byte> bytes_;
  std::deque<Node> nodes_;
  std::deque<GlobalName> globals_;
  std::vector<Ref> fixed_;
  std::deque<std::vector<Ref>> growing_;
  std::vector<std::string> skipped_;
  Ref root_ = 0;
  int protocol_ = 0;
};

// "a list", for messages.
std::string_view name_of(Pickle::Kind kind);

}  // namespace nn::io
