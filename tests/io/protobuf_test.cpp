#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/io/protobuf.h>

#include "protobuf_writer.h"

namespace {

using namespace test;
using namespace test::protobuf;
using namespace std::string_literals;
using nn::io::ProtobufReader;
using nn::io::ProtobufWindow;
using testing::ElementsAre;
using testing::HasSubstr;

class Message {
 public:
  explicit Message(const std::string& bytes)
      : source_(nn::io::memory_source(as_bytes(bytes), "m")), window_(*source_) {}
  ProtobufReader reader() { return ProtobufReader(window_); }
  // "1 2" for fields of these numbers.
  std::string numbers() {
    std::string text;
    ProtobufReader all = reader();
    while (const auto field = all.next()) {
      text += (text.empty() ? "" : " ") + std::to_string(field->number);
    }
    return text;
  }

 private:
  std::shared_ptr<const nn::io::ByteSource> source_;
  ProtobufWindow window_;
};

std::string refused(const std::string& bytes) {
  return refusal([&] { Message(bytes).numbers(); });
}

TEST(Protobuf, ReadsFieldsOfEveryWireTypeInOrder) {
  Message message(number(1, -1) + real(2, 1.5F) + real64(3, 2.5) + bytes(4, "text") +
                  number((1 << 29) - 1, 7));
  ProtobufReader reader = message.reader();
  EXPECT_EQ(reader.next()->integer(), -1);
  EXPECT_EQ(reader.next()->real(), 1.5F);
  EXPECT_EQ(std::bit_cast<double>(reader.next()->bits), 2.5);
  const auto text = reader.next();
  EXPECT_EQ(reader.text(*text, 4), "text");
  EXPECT_THAT(refusal([&] { reader.text(*text, 3); }), HasSubstr("4 bytes, expected at most 3"));
  EXPECT_THAT(refusal([&] { text->integer(); }),
              HasSubstr("field 4 is a length and bytes, expected a varint"));
  EXPECT_EQ(reader.next()->number, (1U << 29) - 1);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
}

TEST(Protobuf, RepeatedNumbersMayBePackedOrNot) {
  Message message(number(1, 1) + packed(1, {-1, 300}) + packed(1, {}) + number(1, 5) + real(2, 1) +
                  bytes(2, floats({2, 3})) + real64(3, 4) +
                  bytes(3, bytes_of(std::vector<double>{5, 6})));
  ProtobufReader reader = message.reader();
  std::vector<std::int64_t> integers;
  std::vector<float> reals;
  std::vector<double> doubles;
  while (const auto field = reader.next()) {
    if (field->number == 1) {
      reader.each_varint(
          *field, [&](std::uint64_t bits) { integers.push_back(static_cast<std::int64_t>(bits)); });
    } else if (field->number == 2) {
      reader.each_fixed32(*field,
                          [&](std::uint32_t bits) { reals.push_back(std::bit_cast<float>(bits)); });
    } else {
      reader.each_fixed64(
          *field, [&](std::uint64_t bits) { doubles.push_back(std::bit_cast<double>(bits)); });
    }
  }
  EXPECT_THAT(integers, ElementsAre(1, -1, 300, 5));
  EXPECT_THAT(reals, ElementsAre(1, 2, 3));
  EXPECT_THAT(doubles, ElementsAre(4, 5, 6));
}

TEST(Protobuf, PackedNumbersEndWithTheirField) {
  const auto sum = [](const std::string& content, int wire) {
    Message message(bytes(1, content) + std::string(16, '\0'));
    ProtobufReader reader = message.reader();
    const auto field = reader.next();
    return refusal([&] {
      if (wire == 0) reader.each_varint(*field, [](auto) {});
      if (wire == 1) reader.each_fixed64(*field, [](auto) {});
      if (wire == 5) reader.each_fixed32(*field, [](auto) {});
    });
  };
  EXPECT_THAT(sum("\x80", 0), HasSubstr("byte 2: a varint that has no end within its message"));
  EXPECT_THAT(sum("12345", 5), HasSubstr("expected a number of 4 bytes, the message has 1 more"));
  EXPECT_THAT(sum("1234567", 1), HasSubstr("expected a number of 8 bytes"));
}

TEST(Protobuf, O4RefusesWhatIsNoWireFormat) {
  EXPECT_EQ(refused(""), "accepted");
  EXPECT_EQ(refused("\x08" + std::string(9, '\xFF') + "\x01"), "accepted");
  EXPECT_THAT(refused("\x08" + std::string(9, '\xFF') + "\x02"),
              HasSubstr("byte 1: a varint above 64 bits"));
  EXPECT_THAT(refused("\x08" + std::string(10, '\x80') + "\x01"),
              HasSubstr("byte 1: a varint of more than 10 bytes"));
  EXPECT_THAT(refused("\x08\x80"), HasSubstr("no end within its message"));
  EXPECT_THAT(refused(tag(3, 2) + varint(5) + "1234"),
              HasSubstr("byte 0: field 3 has 5 bytes, its message has 4 more"));
  EXPECT_THAT(refused(tag(3, 2) + varint(std::numeric_limits<std::uint64_t>::max())),
              HasSubstr("has 18446744073709551615 bytes"));
  for (const unsigned wire : {3U, 4U}) {
    EXPECT_THAT(refused(tag(1, wire)), HasSubstr("a group, which is not read")) << wire;
  }
  for (const unsigned wire : {6U, 7U}) {
    EXPECT_THAT(refused(tag(1, wire)), HasSubstr("which does not exist")) << wire;
  }
  EXPECT_THAT(refused(tag(0, 0) + "\1"), HasSubstr("field number 0"));
  EXPECT_THAT(refused(tag(1 << 29, 0) + "\1"), HasSubstr("field number 536870912"));
  EXPECT_THAT(refused(tag(1, 5) + "123"), HasSubstr("expected a number of 4 bytes"));
  EXPECT_THAT(refused(tag(1, 1) + "1234567"), HasSubstr("expected a number of 8 bytes"));
}

TEST(Protobuf, RunsLargerThanTheWindowArePassedOverOrReadInPieces) {
  std::string large(100'000, 'a');
  large.back() = 'b';
  Message message(bytes(1, large) + number(2, 300) + bytes(3, large) + number(4, 1));
  EXPECT_EQ(message.numbers(), "1 2 3 4");
  ProtobufReader reader = message.reader();
  EXPECT_EQ(reader.text(*reader.next(), 100'000), large);
  EXPECT_EQ(reader.next()->integer(), 300);
  std::string numbers;
  for (int i = 0; i < 20'000; ++i) numbers += varint(300);
  Message packed_ones(bytes(1, numbers));
  ProtobufReader packed_reader = packed_ones.reader();
  std::uint64_t sum = 0;
  packed_reader.each_varint(*packed_reader.next(), [&](std::uint64_t bits) { sum += bits; });
  EXPECT_EQ(sum, 300U * 20'000U);
}

TEST(Protobuf, O5MessagesInOneAnotherHaveALimit) {
  std::string nested;
  for (int i = 0; i < 101; ++i) nested = bytes(1, nested);
  Message message(nested);
  ProtobufReader reader = message.reader();
  std::size_t depth = 0;
  EXPECT_THAT(refusal([&] {
                while (const auto field = reader.next()) {
                  reader = reader.message(*field);
                  ++depth;
                }
              }),
              HasSubstr("more than 100 messages in one another, the limit"));
  EXPECT_EQ(depth, 100U);
}

}  // namespace
