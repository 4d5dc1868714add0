// S: safetensors.
#include "../io/safetensors_writer.h"
#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;

const std::string six = floats({0, 1, 2, 3, 4, 5});
const std::string fields = R"({"dtype":"F32","shape":[2,3],"data_offsets":[0,24]})";
const std::string header = "{\"w\":" + fields + "}";
const std::string empty = R"({"dtype":"U8","shape":[0],"data_offsets":[0,0]})";

// The header is not in order, for this reason.
Case bad(const std::string& id, const std::string& name, const std::string& text,
         const std::string& fragment) {
  return refused(id, name, safetensors(text, six), {"header: ", fragment});
}
// The fields of the tensor 'w' are not.
Case bad_fields(const std::string& id, const std::string& name, const std::string& text,
                const std::string& fragment) {
  return refused(id, name, safetensors("{\"w\":" + text + "}", six),
                 {"header: tensor 'w': ", fragment});
}

void lengths(Cases& cases) {
  cases.push_back(refused("S1", "7_bytes", u64(64).substr(0, 7), {"not recognised"}));
  cases.push_back(refused("S1", "8_bytes", u64(64), {"not recognised"}));
  cases.push_back(refused("S1", "9_bytes", u64(64) + "{",
                          {"header: the file says that it has 64 bytes, there are 1"}));
  const auto with_length = [](std::uint64_t length) { return u64(length) + header + six; };
  cases.push_back(refused("S2", "zero", with_length(0), {"header: ", "got the end of the text"}));
  cases.push_back(refused("S2", "one", with_length(1), {"header: ", "got the end of the text"}));
  cases.push_back(refused("S2", "one_less", with_length(header.size() - 1), {"header: "}));
  cases.push_back(refused("S2", "one_more", with_length(header.size() + 1), {"header: "}));
  for (const auto& [name, length] :
       {std::pair{"file_size", std::uint64_t{header.size() + six.size() + 8}},
        {"file_size_plus_1", std::uint64_t{header.size() + six.size() + 9}},
        {"2_63", std::uint64_t{1} << 63},
        {"2_64", ~std::uint64_t{0}},
        {"2_64_less_8", ~std::uint64_t{7}}}) {
    cases.push_back(refused("S2", name, with_length(length),
                            {"header: the file says that it has", "download"}));
  }
  cases.push_back(refused("S3", "17_mib", safetensors(header + std::string(17 << 20, ' '), six),
                          {"header: ", "at most 16777216 (16 MiB) are read"}));
  for (const auto& [name, text] : {std::pair{"array", "[]"s},
                                   {"string", "\"w\""s},
                                   {"number", "12"s},
                                   {"null", "null"s},
                                   {"text", "weights"s}}) {
    cases.push_back(refused("S4", name, safetensors(text, six), {"not recognised"}));
  }
  cases.push_back(bad("S5", "invalid_utf8", "{\"\xFF\":" + fields + "}", "not UTF-8"));
  cases.push_back(refused("S5", "byte_order_mark", safetensors("\xEF\xBB\xBF" + header, six),
                          {"not recognised"}));
  cases.push_back(refused("S6", "space_first", safetensors(" " + header, six), {"not recognised"}));
  cases.push_back(refused("S6", "nul_first", safetensors('\0' + header, six), {"not recognised"}));
  cases.push_back(accepted("S7", "spaces", safetensors(header + "       ", six), honest_tensors));
  cases.push_back(bad("S7", "text", header + "x", "expected the end of the text, got 'x"));
  cases.push_back(bad("S7", "nul", header + '\0', "expected the end of the text"));
  cases.push_back(bad("S7", "another_object", header + header, "expected the end of the text"));
}

void objects(Cases& cases) {
  cases.push_back(bad("S4", "no_tensors", "{}", "expected tensors, it describes none"));
  cases.push_back(bad("S8", "same_name", "{\"w\":" + fields + ",\"w\":" + empty + "}",
                      "two tensors are named 'w'"));
  cases.push_back(bad("S8", "same_name_escaped", "{\"w\":" + fields + ",\"\\u0077\":" + empty + "}",
                      "two tensors are named 'w'"));
  cases.push_back(bad_fields("S9", "dtype_twice",
                             R"({"dtype":"F32","dtype":"F32","shape":[6],"data_offsets":[0,24]})",
                             "field 'dtype' is unknown or occurs twice"));
  cases.push_back(bad_fields("S9", "unknown",
                             R"({"dtype":"F32","shape":[6],"data_offsets":[0,24],"strides":[1]})",
                             "field 'strides' is unknown"));
  cases.push_back(bad_fields("S9", "shape_missing", R"({"dtype":"F32","data_offsets":[0,24]})",
                             "shape is missing"));
  cases.push_back(bad_fields("S9", "no_object", "12", "expected an object"));
  for (const auto& [name, dtype] : {std::pair{"unknown", "\"F99\""},
                                    {"lower_case", "\"f32\""},
                                    {"empty", "\"\""},
                                    {"number", "32"},
                                    {"null", "null"}}) {
    cases.push_back(bad_fields(
        "S10", name, "{\"dtype\":"s + dtype + R"(,"shape":[6],"data_offsets":[0,24]})",
        name == "number"s || name == "null"s ? "expected a string" : "is not one of safetensors"));
  }
  const auto shape = [&](const std::string& id, const std::string& name, const std::string& text,
                         const std::string& fragment) {
    cases.push_back(bad_fields(
        id, name, R"({"dtype":"F32","shape":)" + text + R"(,"data_offsets":[0,24]})", fragment));
  };
  const std::string no_number = "expected an unsigned integer";
  shape("S11", "negative", "[-6]", no_number);
  shape("S11", "real", "[6.0]", no_number);
  shape("S11", "string", "[\"6\"]", no_number);
  shape("S11", "exponent", "[6e0]", no_number);
  shape("S11", "1e3", "[1e3]", no_number);
  shape("S11", "2_64", "[18446744073709551616]", no_number);
  shape("S11", "2_63", "[9223372036854775808]", "does not fit 63 bits");
  shape("S11", "400_digits", "[" + std::string(400, '9') + "]", no_number);
  shape("S11", "null_inside", "[null]", no_number);
  shape("S11", "null", "null", "expected an array");
  shape("S11", "nested", "[[6]]", no_number);
  shape("S11", "leading_zero", "[06]", "");
  shape("S12", "product", "[4294967296,4294967296]", "multiplication overflow");
  shape("S12", "product_with_0", "[4294967296,4294967296,0]", "multiplication overflow");
  shape("S12", "bytes", "[4611686018427387904]", "Storage size calculation overflowed");
  shape("S13", "less", "[5]", "hold 24 bytes, [5] of F32 needs 20");
  shape("S13", "more", "[7]", "needs 28");
  shape("S13", "scalar", "[]", "needs 4");
  shape("S19", "rank_33", "[1" + repeated(",1", 32) + "]", "at most 32 dimensions");
  shape("S19", "rank_million", "[1" + repeated(",1", 1'000'000) + "]", "at most 32 dimensions");
}

void offsets(Cases& cases) {
  const auto bad_offsets = [&](const std::string& name, const std::string& text,
                               const std::string& fragment) {
    cases.push_back(bad_fields(
        "S14", name, R"({"dtype":"F32","shape":[6],"data_offsets":)" + text + "}", fragment));
  };
  bad_offsets("end_before_begin", "[24,0]", "end before they begin");
  bad_offsets("beyond", "[1,25]", "reach beyond the 24 bytes of data");
  bad_offsets("near_2_64", "[18446744073709551591,18446744073709551615]", "reach beyond");
  bad_offsets("one", "[0]", "data_offsets are 1");
  bad_offsets("three", "[0,24,24]", "more than two");
  bad_offsets("negative", "[-1,23]", "expected an unsigned integer");
  bad_offsets("minus_0", "[-0,24]", "expected an unsigned integer");
  bad_offsets("2_64", "[0,18446744073709551616]", "expected an unsigned integer");
  bad_offsets("real", "[0,24.0]", "expected an unsigned integer");
  bad_offsets("object", "{}", "expected an array");
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
  };
  const std::string data(8, '\0');
  const auto layout = [&](const std::string& name, const std::string& text,
                          const std::string& bytes, const std::string& fragment) {
    cases.push_back(refused("S15", name, safetensors(text, bytes), {"header: ", fragment}));
  };
  cases.push_back(accepted("S15", "any_order", safetensors(two("[4,8]", "[0,4]"), data),
                           "a uint8 [4]: 0 0 0 0\nb uint8 [4]: 0 0 0 0\n"));
  layout("overlap", two("[0,4]", "[3,7]"), data, "it overlaps another");
  layout("same_bytes", two("[0,4]", "[0,4]"), data, "it overlaps another");
  layout("hole_at_start", two("[1,5]", "[5,9]"), data + "x", "there is a hole before it");
  layout("hole_between", two("[0,4]", "[5,9]"), data + "x", "there is a hole before it");
  layout("bytes_behind", two("[0,4]", "[4,8]"), data + "xy", "the file has 2 bytes behind them");
  layout("cut_short", two("[0,4]", "[4,8]"), data.substr(1), "the file was cut short; download");
  const auto metadata = [&](const std::string& name, const std::string& text,
                            const std::string& fragment) {
    cases.push_back(
        bad("S16", name, "{\"__metadata__\":" + text + ",\"w\":" + fields + "}", fragment));
  };
  metadata("array", "[]", "__metadata__: byte 24: expected an object");
  metadata("number", "1", "__metadata__: ");
  metadata("map_to_number", R"({"a":1})", "expected a string");
  metadata("map_to_map", R"({"a":{}})", "expected a string");
  metadata("key_twice", R"({"a":"","a":""})", "a key occurs twice");
  std::string notes = R"({"n":"")";
  for (int i = 0; i < 100'000; ++i) notes += ",\"" + std::to_string(i) + "\":\"\"";
  metadata("100000_notes", notes + "}", "more than 4096 keys, the limit");
}

void extremes(Cases& cases) {
  cases.push_back(
      bad("S17", "arrays", "{\"w\":" + std::string(100'000, '['), "expected an object"));
  cases.push_back(bad("S17", "objects", repeated("{\"a\":", 100'000), "tensor 'a': field 'a'"));
  cases.push_back(bad("S17", "in_the_metadata", "{\"__metadata__\":" + repeated("{\"a\":", 100'000),
                      "__metadata__: "));
  std::string many = "{";
  for (int i = 0; i < 100'000; ++i) {
    many += (i == 0 ? "\"n" : ",\"n") + std::to_string(i) +
            R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  cases.push_back(
      bad("S18", "100000_empty_tensors", many + "}", "more than 65536 tensors, the limit"));
  cases.push_back(bad("S20", "nul", R"({"\u0000":)" + fields + "}", "contains NUL"));
  cases.push_back(
      bad("S20", "first_surrogate_alone", R"({"\ud800":)" + fields + "}", "surrogate pair"));
  cases.push_back(
      bad("S20", "second_surrogate_alone", R"({"\udc00":)" + fields + "}", "surrogate"));
  cases.push_back(bad("S20", "line_break", "{\"a\nb\":" + fields + "}", "no control bytes"));
  cases.push_back(bad("S20", "unknown_escape", R"({"\x41":)" + fields + "}", ""));
  cases.push_back(bad("S20", "1025_bytes", "{\"" + std::string(1025, 'n') + "\":" + fields + "}",
                      "longer than 1024 bytes"));
  cases.push_back(accepted("S20", "good_escapes",
                           safetensors(R"({"\u0077\ud83d\ude00":)" + fields + "}", six),
                           "w\xF0\x9F\x98\x80 float32 [2, 3]: 0 1 2 3 4 5\n"));
  cases.push_back(accepted(
      "S21", "f8",
      safetensors(R"({"w":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]}})", "\x38\xB8\x01"),
      "w float8_e4m3fn [3]: 1 -1 0.001953125\n"));
  cases.push_back(accepted(
      "S21", "f8_e5m2",
      safetensors(R"({"w":{"dtype":"F8_E5M2","shape":[2],"data_offsets":[0,2]}})", "\x3C\xC0"),
      "w float8_e5m2 [2]: 1 -2\n"));
  cases.push_back(accepted(
      "S21", "f4", safetensors(R"({"w":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", "x"),
      "w F4 [2]: unreadable\n"));
  cases.push_back(bad_fields("S21", "f4_half_a_byte",
                             R"({"dtype":"F4","shape":[3],"data_offsets":[0,2]})",
                             "expected whole bytes"));
  cases.push_back(accepted("S22", "odd_offsets",
                           safetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                       R"("w":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}} )",
                                       "\1" + u64(0x3FF8000000000000)),
                           "a uint8 [1]: 1\nw float64 [1]: 1.5\n"));
  const std::string small = "{\"w\":" + empty + "}";
  for (const auto& [name, length] :
       {std::pair{"pickle", 0x280}, {"brace", 0x7B}, {"gzip", 0x8B1F}}) {
    cases.push_back(accepted(
        "S23", "as_"s + name,
        safetensors(small + std::string(static_cast<std::size_t>(length) - small.size(), ' '), ""),
        "w uint8 [0]:\n"));
  }
}

}  // namespace

Cases safetensors_cases() {
  Cases cases;
  lengths(cases);
  objects(cases);
  offsets(cases);
  extremes(cases);
  return cases;
}

}  // namespace test::hostile
