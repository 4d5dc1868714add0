#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/io/json.h>

#include "bytes.h"

namespace {

using namespace test;
using namespace std::string_literals;
using nn::io::JsonReader;
using testing::HasSubstr;

std::string string_in(const std::string& text) {
  JsonReader json(text);
  std::string value = json.string();
  json.finish();
  return value;
}
std::string skipped(const std::string& text) {
  return refusal([&] {
    JsonReader json(text);
    json.skip();
    json.finish();
  });
}

TEST(Json, PullsObjectsAndArraysApart) {
  JsonReader json(R"( { "a" : [1, 18446744073709551615] ,"b":{},"c":[],"d":null, "e": "x" } )");
  std::string seen;
  json.begin_object();
  while (const auto key = json.next_key()) {
    seen += *key;
    if (*key == "a" || *key == "c") {
      json.begin_array();
      while (json.next_item()) seen.append(" ").append(std::to_string(json.unsigned_integer()));
    } else if (*key == "b") {
      json.begin_object();
      EXPECT_FALSE(json.next_key().has_value());
    } else if (!json.take_null()) {
      seen += json.string();
    }
  }
  json.finish();
  EXPECT_EQ(seen, "a 1 18446744073709551615bcdex");
}

TEST(Json, ReadsEveryEscape) {
  EXPECT_EQ(string_in(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(string_in(R"("a\u0000b\u00e9\u20AC\uD83D\ude00")"), "a\0bé€😀"s);
  EXPECT_EQ(string_in("\"é€😀\""), "é€😀");
}

TEST(Json, RefusesWhatIsNoString) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"x", "byte 0: expected a string, got 'x'"},
      {"\"abc", "expected a string that ends in"},
      {"\"a\nb\"", "byte 2: expected a string that ends in"},
      {"\"\\", "an escape that JSON has, got the end of the text"},
      {"\"\\x41\"", "an escape that JSON has"},
      {R"("\u12")", "four hex digits"},
      {R"("\u+123")", "four hex digits"},
      {R"("\u123g")", "four hex digits"},
      {R"("\uD800")", "the second half of a surrogate pair"},
      {R"("\uD800\n")", "the second half of a surrogate pair"},
      {R"("\uD800\u0041")", "the second half of a surrogate pair"},
      {R"("\uDC00")", "a surrogate without its first half"},
      {"\"\xC0\x80\"", "the text is not UTF-8"},
      {"\"\xED\xA0\x80\"", "the text is not UTF-8"},
      {"\"a\" b", "byte 4: expected the end of the text, got 'b'"},
      {"\"a\"\0"s, "expected the end of the text"},
      {"\xEF\xBB\xBF\"a\"", "expected a string"},
  };
  for (const auto& [bad, expected] : cases) {
    const std::string& text = bad;  // which clang 14 lets a lambda capture
    EXPECT_THAT(refusal([&] { string_in(text); }), HasSubstr(expected)) << text;
  }
}

TEST(Json, TakesUnsignedIntegersOnly) {
  const auto read = [](const std::string& text) {
    return refusal([&] { JsonReader(text).unsigned_integer(); });
  };
  EXPECT_EQ(read("0"), "accepted");
  for (const auto& text : {"", "-1", "-0", "+1", "1.0", "1e3", "1E3", "01", "00", "null", "\"1\"",
                           "18446744073709551616", "99999999999999999999999999"}) {
    EXPECT_THAT(read(text), HasSubstr("expected an unsigned integer of 64 bits")) << text;
  }
}

TEST(Json, TakesIntegersWithASign) {
  const auto taken = [](const std::string& text) {
    JsonReader json(text);
    const std::int64_t value = json.signed_integer();
    json.finish();
    return value;
  };
  EXPECT_EQ(taken(" -9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(taken("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "-", "--1", "- 1", "1.0",
                           "\"1\"", "null", "-01"}) {
    EXPECT_THAT(refusal([&] { taken(text); }), HasSubstr("expected ")) << text;
  }
}

TEST(Json, TakesNumbersAndWhatPythonWritesForOthers) {
  using Numbers = JsonReader::Numbers;
  const auto taken = [](const std::string& text, Numbers numbers = Numbers::json) {
    JsonReader json(text, 0, numbers);
    const double value = json.floating();
    json.finish();
    return value;
  };
  EXPECT_EQ(taken("-1.5e-3"), -1.5e-3);
  EXPECT_EQ(taken("7"), 7.0);
  EXPECT_EQ(taken("\"-Infinity\""), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(taken("Infinity", Numbers::python), std::numeric_limits<double>::infinity());
  EXPECT_EQ(taken("-Infinity", Numbers::python), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(taken("NaN", Numbers::python)));
  for (const char* text : {"Infinity", "NaN", "\"1\"", "1e999", "01", ".5", "true"}) {
    EXPECT_THAT(refusal([&] { taken(text); }), HasSubstr("expected ")) << text;
  }
  EXPECT_THAT(refusal([&] { taken("-NaN", Numbers::python); }), HasSubstr("expected "));
}

TEST(Json, SkipsAnyValueAndNothingElse) {
  for (const auto& text : {"0", "-0.5e+10", "1E-2", "true", "false", "null", "\"\"", "[]", "{}",
                           "[[],{},[{}]]", R"({"a":[1,{"b":[true]}],"c":-1})", " [ 1 , 2 ] "}) {
    EXPECT_EQ(skipped(text), "accepted") << text;
  }
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "expected a value, got the end of the text"},
      {"-", "expected a value"},
      {"1.", "expected a digit"},
      {"1e", "expected a digit"},
      {"01", "expected the end of the text, got '1'"},
      {".5", "expected a value"},
      {"NaN", "expected a value"},
      {"tru", "expected a value"},
      {"[1,]", "expected a value, got ']'"},
      {"[1 2]", "expected ',' or ']'"},
      {"[1}", "expected ',' or ']'"},
      {"[,1]", "expected a value"},
      {"[", "expected a value"},
      {R"({"a":1,})", "expected a key in quotes"},
      {R"({"a" 1})", "expected ':'"},
      {R"({"a":1 "b":2})", "expected ',' or '}'"},
      {"{1:2}", "expected a key in quotes"},
      {"{", "expected a key in quotes"},
      {"{}{}", "expected the end of the text, got '{}'"},
      {"'a'", "expected a value"},
      {"/**/1", "expected a value"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_THAT(skipped(text), HasSubstr(expected)) << text;
}

TEST(Json, S17LimitsTheDepthWithoutRecursion) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(skipped(nested(64)), "accepted");
  EXPECT_THAT(skipped(nested(65)), HasSubstr("byte 64: values are nested more than 64 deep"));
  EXPECT_THAT(skipped(nested(1'000'000)), HasSubstr("more than 64 deep"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"\":";
  EXPECT_THAT(skipped(objects), HasSubstr("more than 64 deep"));
}

TEST(Json, CountsBytesFromTheBase) {
  EXPECT_THAT(refusal([] { JsonReader("  x", 8).string(); }), HasSubstr("byte 10: expected"));
}

TEST(Json, MessagesShowLittleOfTheTextAndEscapeIt) {
  EXPECT_EQ(refusal([] { JsonReader("\x1B[31m" + std::string(1000, 'x')).string(); }),
            "byte 0: expected a string, got '\\x1b[31mxxxxxxxxxxx…'");
}

}  // namespace
