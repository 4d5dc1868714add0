#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "bytes.h"
#include "cost.h"
#include "safetensors_writer.h"

namespace {

using namespace test;
using namespace std::string_literals;
using nn::Shape;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

StateDict open(const std::string& bytes) {
  return StateDict::from_bytes(as_bytes(bytes), "m.safetensors");
}
std::string refused(const std::string& bytes) {
  return refusal([&] { open(bytes); });
}
// A file with the given text in place of the fields of a tensor 'w' of 24 bytes.
std::string with_fields(const std::string& fields) {
  return safetensors("{\"w\":" + fields + "}", std::string(24, '\0'));
}
std::string with_header(const std::string& header) { return safetensors(header, ""); }

const std::string small_file = safetensors(
    R"({"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[1],"data_offsets":[12,20]},)"
    R"("w":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]}})",
    floats({1, 2, 3}) + u64(7));

std::string description(const StateDict& state) {
  std::string text;
  for (const auto& entry : state.entries()) {
    text += entry.name + " " + entry.dtype + " " + to_text(entry.shape) + "\n";
  }
  return text;
}

TEST(Safetensors, ReadsTensorsInTheOrderOfTheHeader) {
  const StateDict state = open(small_file);
  EXPECT_EQ(state.format(), "safetensors");
  EXPECT_EQ(description(state), "b int64 [1]\nw float32 [3, 1]\n");
  EXPECT_EQ(state.find("w")->bytes, 12U);
  EXPECT_THAT(state.read("w").f32(), ElementsAre(1, 2, 3));
  EXPECT_THAT(state.read("b").as<std::int64_t>(), ElementsAre(7));
  state.verify();
}

TEST(Safetensors, ItsNotesAreFacts) {
  EXPECT_THAT(open(small_file).facts().extras, ElementsAre(testing::Pair("format", "pt")));
}

TEST(Safetensors, S7S18S22TakesPaddingEmptyTensorsScalarsAndOddOffsets) {
  const StateDict state = open(
      safetensors(R"({"e":{"dtype":"F32","shape":[0,9],"data_offsets":[1,1]},)"
                  R"("u":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)"
                  R"("f":{"shape":[1],"dtype":"F32","data_offsets":[1,5]},"__metadata__":null}   )"
                  "\n",
                  "\x2A"s.append(floats({6}))));
  EXPECT_THAT(state.read("e").f32(), ElementsAre());
  EXPECT_THAT(state.read("u").as<std::uint8_t>(), ElementsAre(42));
  EXPECT_THAT(state.read("f").f32(), ElementsAre(6));
}

TEST(Safetensors, T19MakesBoolsZeroOrOne) {
  const nn::Tensor bools =
      open(safetensors(R"({"w":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})", "\0\1\xFF"s))
          .read("w");
  EXPECT_THAT(as_bytes("\0\1\1"s), testing::ElementsAreArray(bools.view().bytes()));
}

TEST(Safetensors, S21T22ListsOtherElementTypesAndReadsTheirNeighbours) {
  const StateDict state =
      open(safetensors(R"({"f8":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},)"
                       R"("f4":{"dtype":"F4","shape":[4],"data_offsets":[2,4]},)"
                       R"("f6":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[4,7]},)"
                       R"("u16":{"dtype":"U16","shape":[1],"data_offsets":[7,9]},)"
                       R"("w":{"dtype":"F32","shape":[1],"data_offsets":[9,13]}})",
                       std::string(9, '\0') + floats({1})));
  EXPECT_EQ(description(state),
            "f8 float8_e4m3fn [2]\nf4 F4 [4]\nf6 F6_E2M3 [4]\nu16 uint16 [1]\nw float32 [1]\n");
  EXPECT_EQ(refusal([&] { state.read("f4"); }),
            "m.safetensors: tensor 'f4': it cannot be used: its element type is F4");
  EXPECT_THAT(refusal([&] { state.read("f6"); }), HasSubstr("its element type is F6_E2M3"));
  EXPECT_THAT(state.read("w").f32(), ElementsAre(1));
  state.verify();
}

TEST(Safetensors, S1S2S3RefusesALengthThatIsWrong) {
  const std::string header = R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})";
  const auto with_length = [&](std::uint64_t length) { return u64(length) + header; };
  EXPECT_EQ(refused(with_length(header.size())), "accepted");
  EXPECT_THAT(refused("{\"w\":1"), HasSubstr("m.safetensors: "));
  EXPECT_EQ(refused(with_length(header.size() + 1)),
            "m.safetensors: header: the file says that it has 54 bytes, there are 53; download or "
            "save the file again");
  for (const std::uint64_t length :
       {std::uint64_t{99'999'999}, std::uint64_t{1} << 63, ~std::uint64_t{0}, ~std::uint64_t{7}}) {
    EXPECT_THAT(refused(with_length(length)), HasSubstr("there are 53; download")) << length;
  }
  EXPECT_THAT(refused(with_length(header.size() - 1)), HasSubstr("got the end of the text"));
  EXPECT_THAT(refused(with_length(0)), HasSubstr("expected an object, got the end of the text"));
  EXPECT_THAT(refused(with_length(1)), HasSubstr("expected a key in quotes, got the end"));
  std::string message;
  const std::string large = with_header(header + std::string(17 << 20, ' '));
  const Cost cost =
      cost_of([&] { message = refusal([&] { StateDict::from_bytes(as_bytes(large), "m"); }); });
  EXPECT_THAT(message, HasSubstr("at most 16777216 (16 MiB) are read"));
  EXPECT_LT(cost.peak_bytes, large.size() + (std::size_t{1} << 20));
}

TEST(Safetensors, S4S5S6RefusesOtherThingsAtTheTop) {
  for (const auto& header : {"[]", "\"w\"", "12", " {\"w\":1}", "\xEF\xBB\xBF{}", "\0{}"}) {
    EXPECT_THAT(refused(with_header(header)), HasSubstr("the format is not recognised")) << header;
  }
  EXPECT_THAT(refused(with_header("{\"\xFF\":1}")), HasSubstr("header: the text is not UTF-8"));
}

TEST(Safetensors, S7S8S9S16S20RefusesAHeaderOutOfOrder) {
  const std::string w = R"("w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "expected tensors, it describes none"},
      {R"({"__metadata__":{"a":"b"}})", "expected tensors, it describes none"},
      {"{" + w + "}x", "byte 61: expected the end of the text, got 'x'"},
      {"{" + w + "}\0"s, "expected the end of the text"},
      {"{" + w + ",}", "expected a key in quotes"},
      {"{" + w + "," + w + "}", "two tensors are named 'w'"},
      {"{" + w + R"(,"\u0077")" + w.substr(3) + "}", "two tensors are named 'w'"},
      {R"({"\u0000)" + w.substr(1) + "}", "longer than 1024 bytes or contains NUL"},
      {"{\"" + std::string(1025, 'n') + w.substr(2) + "}", "longer than 1024 bytes"},
      {R"({"\ud800)" + w.substr(1) + "}", "second half of a surrogate pair"},
      {"{\"a\nb" + w.substr(2) + "}", "no control bytes"},
      {R"({"__metadata__":[],)" + w + "}", "__metadata__: byte 24: expected an object"},
      {R"({"__metadata__":{"a":1},)" + w + "}", "__metadata__: byte 29: expected a string"},
      {R"({"__metadata__":{"a":"","a":""},)" + w + "}", "__metadata__: a key occurs twice"},
      {R"({"__metadata__":nul})", "expected a value"},
  };
  for (const auto& [header, expected] : cases) {
    EXPECT_THAT(refused(with_header(header)),
                AllOf(StartsWith("m.safetensors: header: "), HasSubstr(expected)))
        << header;
  }
}

TEST(Safetensors, S9S10S11S12S13S14RefusesATensorOutOfOrder) {
  const std::string good = R"({"dtype":"F32","shape":[2,3],"data_offsets":[0,24]})";
  ASSERT_EQ(refused(with_fields(good)), "accepted");
  const auto dtype = [](const std::string& text) {
    return R"({"dtype":)" + text + R"(,"shape":[2,3],"data_offsets":[0,24]})";
  };
  const auto shape = [](const std::string& text) {
    return R"({"dtype":"F32","shape":)" + text + R"(,"data_offsets":[0,24]})";
  };
  const auto offsets = [](const std::string& text) {
    return R"({"dtype":"F32","shape":[2,3],"data_offsets":)" + text + "}";
  };
  std::string ones = "[1";
  for (int i = 0; i < 1'000'000; ++i) ones += ",1";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "expected an object"},
      {"null", "expected an object"},
      {"{}", "dtype is missing"},
      {R"({"dtype":"F32"})", "shape is missing"},
      {R"({"dtype":"F32","shape":[]})", "data_offsets is missing"},
      {R"({"x":1})", "field 'x' is unknown or occurs twice, expected dtype, shape and data_off"},
      {R"({"dtype":"F32","dtype":"F32"})", "field 'dtype' is unknown or occurs twice"},
      {dtype("\"F99\""), "dtype 'F99' is not one of safetensors"},
      {dtype("\"f32\""), "dtype 'f32' is not one"},
      {dtype("\"\""), "dtype '' is not one"},
      {dtype("32"), "expected a string, got '32"},
      {shape("[-1]"), "expected an unsigned integer of 64 bits, got '-1]"},
      {shape("[6.0]"), "expected an unsigned integer"},
      {shape("[\"6\"]"), "expected an unsigned integer"},
      {shape("[6e0]"), "expected an unsigned integer"},
      {shape("[null]"), "expected an unsigned integer"},
      {shape("[18446744073709551616]"), "expected an unsigned integer"},
      {shape("[9223372036854775808]"), "size 9223372036854775808 does not fit 63 bits"},
      {shape("null"), "expected an array"},
      {shape("6"), "expected an array"},
      {shape("[[6]]"), "expected an unsigned integer"},
      {shape("[4294967296,4294967296]"), "integer multiplication overflow"},
      {shape("[4294967296,4294967296,0]"), "integer multiplication overflow"},
      {shape("[4611686018427387904]"), "Storage size calculation overflowed"},
      {shape(ones + "]"), "expected at most 32 dimensions"},
      {shape("[5]"), "data_offsets [0, 24] hold 24 bytes, [5] of F32 needs 20"},
      {shape("[7]"), "[7] of F32 needs 28"},
      {shape("[]"), "[] of F32 needs 4"},
      {R"({"dtype":"F4","shape":[3],"data_offsets":[0,2]})", "12 bits, expected whole bytes"},
      {offsets("[24,0]"), "data_offsets [24, 0] end before they begin"},
      {offsets("[1,25]"), "data_offsets [1, 25] reach beyond the 24 bytes of data"},
      {offsets("[18446744073709551591,18446744073709551615]"), "reach beyond the 24 bytes"},
      {offsets("[0]"), "data_offsets are 1, expected [begin, end]"},
      {offsets("[]"), "data_offsets are 0"},
      {offsets("[0,24,24]"), "data_offsets are more than two"},
      {offsets("[-0,24]"), "expected an unsigned integer"},
      {offsets("[0,24.0]"), "expected an unsigned integer"},
      {offsets("[0,18446744073709551616]"), "expected an unsigned integer"},
      {offsets("{}"), "expected an array"},
  };
  for (const auto& [fields, expected] : cases) {
    EXPECT_THAT(refused(with_fields(fields)),
                AllOf(StartsWith("m.safetensors: header: tensor 'w': "), HasSubstr(expected)))
        << fields.substr(0, 100);
  }
}

TEST(Safetensors, S15RefusesOverlapsHolesAndTrailingBytes) {
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
  };
  const std::string data(8, '\0');
  EXPECT_EQ(refused(safetensors(two("[4,8]", "[0,4]"), data)), "accepted");
  EXPECT_THAT(
      refused(safetensors(two("[0,4]", "[3,7]"), data)),
      HasSubstr("tensor 'b' begins at byte 3 of the data, expected 4: it overlaps another"));
  EXPECT_THAT(refused(safetensors(two("[0,4]", "[0,4]"), data)), HasSubstr("it overlaps another"));
  EXPECT_THAT(refused(safetensors(two("[1,5]", "[5,9]"), data + "x")),
              HasSubstr("'a' begins at byte 1 of the data, expected 0: there is a hole before it"));
  EXPECT_THAT(refused(safetensors(two("[0,4]", "[5,9]"), data + "x")),
              HasSubstr("there is a hole"));
  EXPECT_THAT(refused(safetensors(two("[0,4]", "[4,8]"), data + "xy")),
              HasSubstr("the tensors end at byte 8 of the data, the file has 2 bytes behind them"));
  EXPECT_THAT(refused(safetensors(two("[0,4]", "[4,8]"), data.substr(1))),
              HasSubstr("reach beyond the 7 bytes of data: the file was cut short; download"));
  const std::string empty_inside = R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                                   R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})";
  EXPECT_THAT(refused(safetensors(empty_inside, "1234")), HasSubstr("it overlaps another"));
}

TEST(Safetensors, S17S18RefusesDepthAndManyTensorsAtLittleCost) {
  EXPECT_THAT(refused(with_header("{\"w\":" + std::string(100'000, '['))),
              HasSubstr("expected an object"));
  std::string header = "{";
  for (int i = 0; i < 100'000; ++i) {
    header += (i == 0 ? "\"n" : ",\"n") + std::to_string(i) +
              R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  const std::string bytes = with_header(header + "}");
  std::string message;
  const Cost cost = cost_of([&] { message = refused(bytes); });
  EXPECT_THAT(message, HasSubstr("more than 65536 tensors, the limit"));
  EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
}

TEST(Safetensors, S16RefusesManyNotesAtLittleCost) {
  std::string header = R"({"__metadata__":{"n":"")";
  for (int i = 0; i < 1'000'000; ++i)
    header.append(",\"").append(std::to_string(i)).append("\":\"\"");
  const std::string bytes = with_header(header + "}}");
  std::string message;
  const Cost cost = cost_of([&] { message = refused(bytes); });
  EXPECT_THAT(message, HasSubstr("__metadata__: more than 4096 keys, the limit"));
  EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
}

TEST(Safetensors, S23LengthsThatLookLikeOtherFormatsChangeNothing) {
  const std::string header = R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})";
  for (const std::size_t length : {0x7BU, 0x280U, 0x8B1FU}) {  // '{', pickle, gzip
    const std::string padded = header + std::string(length - header.size(), ' ');
    EXPECT_EQ(refused(with_header(padded)), "accepted") << length;
  }
}

TEST(Safetensors, MessagesEscapeControlBytesOfNames) {
  EXPECT_THAT(refused(with_header(R"({"a\u001b[31m":1})")), HasSubstr("tensor 'a\\x1b[31m': "));
}

}  // namespace
