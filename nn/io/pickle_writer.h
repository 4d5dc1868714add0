#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <nn/io/bytes_writer.h>

namespace nn::io {

// Puts a pickle of protocol 2 together, opcode by opcode: each function pushes a value or works on
// those pushed before, in the manner of pickletools.
class PickleWriter {
 public:
  PickleWriter();

  void mark() { opcode('('); }
  void global(std::string_view module, std::string_view name);
  void text(std::string_view utf8);
  void integer(std::int64_t value);
  void integers(std::span<const std::int64_t> values);  // as a tuple
  void no() { opcode('\x89'); }
  void empty_tuple() { opcode(')'); }
  void tuple() { opcode('t'); }      // of all behind the mark
  void reduce() { opcode('R'); }     // calls the function below the tuple of its arguments
  void set_items() { opcode('u'); }  // pairs behind the mark, into the dict below it
  void persistent() { opcode('Q'); }
  // The end: the one value left is the result.
  const std::string& finish();

 private:
  void opcode(char code) { out_.text({&code, 1}); }
  void remember(std::string what);
  bool recall(const std::string& what);

  BytesWriter out_;
  std::map<std::string, std::uint32_t> memo_;  // what occurs again and again, by its opcodes
};

}  // namespace nn::io
