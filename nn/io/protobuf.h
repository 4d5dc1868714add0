#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nn/io/file.h>

// The wire format of Protocol Buffers, read field by field without knowing the messages.
// https://protobuf.dev/programming-guides/encoding
namespace nn::io {

struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t length = 0;
};

// A piece of a source at a time, so that large runs of bytes are passed over unread.
class ProtobufWindow {
 public:
  // REQUIRES: `source` outlives the window.
  explicit ProtobufWindow(const ByteSource& source) : source_(source) {}

  std::uint64_t size() const { return source_.size(); }
  const ByteSource& source() const { return source_; }
  // The bytes from `offset` on, `most` or as many as there are.  REQUIRES: most <= 16 KiB; they are
  // used before the next call.
  std::span<const std::byte> at(std::uint64_t offset, std::size_t most);

 private:
  static constexpr std::size_t capacity = 16384;

  const ByteSource& source_;
  std::uint64_t begin_ = 0;
  std::size_t length_ = 0;
  std::array<std::byte, capacity> bytes_;
};

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct ProtobufField {
  std::uint64_t offset = 0;  // of the field in the source, for messages
  std::uint32_t number = 0;
  WireType wire = WireType::varint;
  std::uint64_t bits = 0;  // of a number
  ByteRange range;         // of a run of bytes

  // The value, once. Throws Error when the field is of another wire type.
  std::int64_t integer() const;
  float real() const;
  const ByteRange& bytes() const;
};

// The fields of one message in order. Throws Error, naming the byte, on a varint above 10 bytes or
// 64 bits, a length beyond the message, field number 0, groups and unknown wire types. A field that
// nobody asks about is passed over by the next call.
class ProtobufReader {
 public:
  static constexpr std::size_t deepest = 100;  // messages in messages, as protobuf itself

  explicit ProtobufReader(ProtobufWindow& window) : ProtobufReader(window, {0, window.size()}) {}
  // REQUIRES: the range lies in the source.
  ProtobufReader(ProtobufWindow& window, const ByteRange& range, std::size_t depth = 0)
      : window_(&window), at_(range.begin), end_(range.begin + range.length), depth_(depth) {}

  std::optional<ProtobufField> next();

  // The message that a field holds.
  ProtobufReader message(const ProtobufField& field) const;
  // The text or bytes of a field, of at most `longest` bytes.
  std::string text(const ProtobufField& field, std::size_t longest) const;
  // Repeated numbers, packed into one field or not: each one's bits.
  template <class Use>
  void each_varint(const ProtobufField& field, Use&& use) const {
    if (field.wire == WireType::varint) return use(field.bits);
    ProtobufReader packed(*window_, field.bytes());
    while (packed.at_ < packed.end_) use(packed.varint());
  }
  template <class Use>
  void each_fixed32(const ProtobufField& field, Use&& use) const {
    if (field.wire == WireType::fixed32) return use(static_cast<std::uint32_t>(field.bits));
    ProtobufReader packed(*window_, field.bytes());
    while (packed.at_ < packed.end_) use(static_cast<std::uint32_t>(packed.fixed(4)));
  }
  template <class Use>
  void each_fixed64(const ProtobufField& field, Use&& use) const {
    if (field.wire == WireType::fixed64) return use(field.bits);
    ProtobufReader packed(*window_, field.bytes());
    while (packed.at_ < packed.end_) use(packed.fixed(8));
  }

 private:
  std::uint64_t varint();
  std::uint64_t fixed(std::size_t size);

  ProtobufWindow* window_;
  std::uint64_t at_;
  std::uint64_t end_;
  std::size_t depth_;
};

}  // namespace nn::io
