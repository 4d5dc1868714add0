#include <algorithm>

#include <nn/checked.h>
#include <nn/io/cursor.h>
#include <nn/io/protobuf.h>

namespace nn::io {
namespace {

constexpr std::size_t longest_varint = 10;

std::string_view name_of(WireType wire) {
  switch (wire) {
    case WireType::varint:
      return "a varint";
    case WireType::fixed64:
      return "a number of 8 bytes";
    case WireType::bytes:
      return "a length and bytes";
    default:
      return "a number of 4 bytes";
  }
}

void check_wire(const ProtobufField& field, WireType expected) {
  if (field.wire == expected) return;
  fail("byte ", field.offset, ": field ", field.number, " is ", name_of(field.wire), ", expected ",
       name_of(expected));
}

}  // namespace

std::span<const std::byte> ProtobufWindow::at(std::uint64_t offset, std::size_t most) {
  const std::uint64_t there = offset < size() ? size() - offset : 0;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, there));
  if (offset < begin_ || !fits(offset - begin_, wanted, length_)) {
    length_ = 0;  // should reading fail
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, there));
    source_.read_at(offset, std::span(bytes_).first(length));
    begin_ = offset;
    length_ = length;
  }
  return std::span(bytes_).subspan(static_cast<std::size_t>(offset - begin_), wanted);
}

std::int64_t ProtobufField::integer() const {
  check_wire(*this, WireType::varint);
  return static_cast<std::int64_t>(bits);
}

float ProtobufField::real() const {
  check_wire(*this, WireType::fixed32);
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

const ByteRange& ProtobufField::bytes() const {
  check_wire(*this, WireType::bytes);
  return range;
}

std::uint64_t ProtobufReader::varint() {
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(longest_varint, end_ - at_));
  std::uint64_t value = 0;
  std::size_t length = 0;
  for (const std::byte byte : window_->at(at_, most)) {
    const auto bits = std::to_integer<std::uint64_t>(byte);
    value |= (bits & 0x7FU) << (7 * length);
    ++length;
    if (bits >= 0x80) continue;
    if (length == longest_varint && bits > 1) {
      fail("byte ", at_, ": a varint above 64 bits");
    }
    at_ += length;
    return value;
  }
  if (length == longest_varint) fail("byte ", at_, ": a varint of more than 10 bytes");
  fail("byte ", at_, ": a varint that has no end within its message");
}

std::uint64_t ProtobufReader::fixed(std::size_t size) {
  if (size > end_ - at_) {
    fail("byte ", at_, ": expected a number of ", size, " bytes, the message has ", end_ - at_,
         " more");
  }
  Cursor cursor(window_->at(at_, size), at_);
  const std::uint64_t value = size == 4 ? cursor.u32() : cursor.u64();
  at_ += size;
  return value;
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (at_ == end_) return std::nullopt;
  ProtobufField field;
  field.offset = at_;
  const std::uint64_t tag = varint();
  const std::uint64_t number = tag >> 3;
  constexpr std::uint64_t largest_number = (1U << 29) - 1;
  if (number == 0 || number > largest_number) {
    fail("byte ", field.offset, ": field number ", number, ", expected 1 to ", largest_number);
  }
  field.number = static_cast<std::uint32_t>(number);
  switch (tag & 7) {
    case 0:
      field.bits = varint();
      return field;
    case 1:
      field.wire = WireType::fixed64;
      field.bits = fixed(8);
      return field;
    case 2: {
      field.wire = WireType::bytes;
      const std::uint64_t length = varint();
      if (length > end_ - at_) {
        fail("byte ", field.offset, ": field ", number, " has ", length, " bytes, its message has ",
             end_ - at_, " more");
      }
      field.range = {at_, length};
      at_ += length;
      return field;
    }
    case 5:
      field.wire = WireType::fixed32;
      field.bits = fixed(4);
      return field;
    default:
      fail("byte ", field.offset, ": field ", number, " has wire type ", tag & 7,
           (tag & 7) < 5 ? " (a group, which is not read)" : ", which does not exist");
  }
}

ProtobufReader ProtobufReader::message(const ProtobufField& field) const {
  if (depth_ == deepest) {
    fail("byte ", field.offset, ": more than ", deepest, " messages in one another, the limit");
  }
  return {*window_, field.bytes(), depth_ + 1};
}

std::string ProtobufReader::text(const ProtobufField& field, std::size_t longest) const {
  const ByteRange range = field.bytes();
  if (range.length > longest) {
    fail("byte ", field.offset, ": field ", field.number, " has ", range.length,
         " bytes, expected at most ", longest);
  }
  std::string text;
  text.reserve(static_cast<std::size_t>(range.length));
  constexpr std::uint64_t piece = 4096;
  while (text.size() < range.length) {
    const auto more = std::min<std::uint64_t>(piece, range.length - text.size());
    text += text_of(window_->at(range.begin + text.size(), static_cast<std::size_t>(more)));
  }
  return text;
}

}  // namespace nn::io
