#include <nn/io/pickle_writer.h>

namespace nn::io {

PickleWriter::PickleWriter() { out_.text("\x80\x02"); }

// Texts and globals are written once and referred to after that, as pickle does.
bool PickleWriter::recall(const std::string& what) {
  const auto found = memo_.find(what);
  if (found == memo_.end()) return false;
  if (found->second < 256) {
    opcode('h');
    out_.u8(static_cast<std::uint8_t>(found->second));
  } else {
    opcode('j');
    out_.u32(found->second);
  }
  return true;
}

void PickleWriter::remember(std::string what) {
  const auto index = static_cast<std::uint32_t>(memo_.size());
  memo_.emplace(std::move(what), index);
  if (index < 256) {
    opcode('q');
    out_.u8(static_cast<std::uint8_t>(index));
  } else {
    opcode('r');
    out_.u32(index);
  }
}

void PickleWriter::global(std::string_view module, std::string_view name) {
  std::string code = "c";
  code.append(module).append("\n").append(name).append("\n");
  if (recall(code)) return;
  out_.text(code);
  remember(std::move(code));
}

void PickleWriter::text(std::string_view utf8) {
  std::string key = "X";
  key += utf8;
  if (recall(key)) return;
  opcode('X');
  out_.u32(static_cast<std::uint32_t>(utf8.size()));
  out_.text(utf8);
  remember(std::move(key));
}

void PickleWriter::integer(std::int64_t value) {
  if (value >= 0 && value <= UINT8_MAX) {
    opcode('K');
    out_.u8(static_cast<std::uint8_t>(value));
  } else if (value >= 0 && value <= UINT16_MAX) {
    opcode('M');
    out_.u16(static_cast<std::uint16_t>(value));
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    opcode('J');
    out_.u32(static_cast<std::uint32_t>(value));
  } else {
    opcode('\x8A');  // a number of 8 bytes
    out_.u8(8);
    out_.little_endian(value);
  }
}

void PickleWriter::integers(std::span<const std::int64_t> values) {
  if (values.empty()) return empty_tuple();
  mark();
  for (const std::int64_t value : values) integer(value);
  tuple();
}

const std::string& PickleWriter::finish() {
  opcode('.');
  return out_.bytes();
}

}  // namespace nn::io
