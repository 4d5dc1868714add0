// N: npy and npz of NumPy.
#include "../io/npy_writer.h"
#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;

const std::string six = floats({0, 1, 2, 3, 4, 5});
const std::string honest = npy_of("'<f4'", "(2, 3)", six);

// The header, whose text is given, is not in order.
Case bad(const std::string& id, const std::string& name, const std::string& header,
         const std::string& fragment) {
  return refused(id, name, npy(header, six), {"header: ", fragment});
}
Case listed(const std::string& name, const std::string& descr, std::size_t item_size,
            const std::string& dtype) {
  return accepted("N6", name, npy_of(descr, "(1,)", std::string(item_size, '\0')),
                  "0 " + dtype + " [1]: unreadable\n");
}

void beginnings(Cases& cases) {
  cases.push_back(refused("N1", "5_bytes", "\x93NUMP", {"not recognised"}));
  cases.push_back(refused("N1", "6_bytes", "\x93NUMPY", {"byte 6: expected 1 more bytes"}));
  cases.push_back(refused("N1", "8_bytes", "\x93NUMPY\1\0"s, {"byte 8: expected 2 more bytes"}));
  for (const auto& [name, version] :
       {std::pair{"0", "\0\0"s}, {"4", "\4\0"s}, {"9", "\11\0"s}, {"1_1", "\1\1"s}}) {
    cases.push_back(refused("N2", name, "\x93NUMPY" + version + honest.substr(8),
                            {"version ", "expected 1.0, 2.0 or 3.0"}));
  }
  cases.push_back(refused("N3", "1_more", patched(honest, 8, u16(0xFFFF)), {"65535 bytes"}));
  cases.push_back(refused("N3", "in_a_cut_file", honest.substr(0, 20), {"expected", "more bytes"}));
  cases.push_back(
      refused("N3", "2_32", "\x93NUMPY\2\0\xFF\xFF\xFF\xFF{"s, {"header: 4294967295 bytes"}));
  cases.push_back(refused("N12", "20000_blanks", npy(std::string(20'000, ' '), ""),
                          {"header: 20001 bytes; at most 10000"}));
  cases.push_back(refused("N12", "20000_blanks_of_version_2",
                          npy(std::string(20'000, ' '), "", '\2'), {"at most 10000"}));
  cases.push_back(refused("N12", "9000_blanks", npy(std::string(9'000, ' '), ""),
                          {"header: ", "expected '{'"}));
  cases.push_back(accepted("N12", "9000_blanks_behind",
                           npy(npy_header("'<f4'", "(2, 3)") + std::string(9'000, ' '), six),
                           "0 float32 [2, 3]: 0 1 2 3 4 5\n"));
}

void headers(Cases& cases) {
  const std::string rest = "'fortran_order': False, 'shape': (6,)}";
  for (const auto& [name, header, fragment] :
       {std::tuple{"empty", ""s, "expected '{'"s},
        {"list", "[]"s, "expected '{'"s},
        {"function_call", "{'descr': __import__('os').system('true'), " + rest,
         "expected a string in quotes"s},
        {"dtype_call", "{'descr': dtype('f4'), " + rest, "expected a string in quotes"s},
        {"code", "exec('pass')"s, "expected '{'"s},
        {"deep_parentheses", "{'descr': " + std::string(9'000, '('),
         "expected a string in quotes"s},
        {"deep_brackets", "{'descr': " + std::string(9'000, '['), "expected a list of strings"s},
        {"deep_shape",
         "{'descr': '<f4', 'fortran_order': False, 'shape': " + std::string(9'000, '('), ""s},
        {"missing_descr", "{" + rest, "the key 'descr' is missing"s},
        {"missing_shape", "{'descr': '<f4', 'fortran_order': False}"s,
         "the key 'shape' is missing"s},
        {"extra_key", "{'descr': '<f4', 'x': 1, " + rest, "expected the keys"s},
        {"duplicate_key", "{'descr': '<f4', 'descr': '<f4', " + rest, "once each"s},
        {"text_behind", "{'descr': '<f4', " + rest + "x", "expected blanks to its end"s},
        {"escape", "{'descr': '<\\x664', " + rest, "without escapes"s},
        {"order_as_number", npy_header("'<f4'", "(6,)", "0"), "expected True or False"s}}) {
    cases.push_back(bad("N4", name, header, fragment));
  }
  for (const auto& [name, shape, fragment] :
       {std::tuple{"negative", "(-6,)"s, "expected a size"s},
        {"overflow", "(4294967296, 4294967296)"s, "multiplication overflow"s},
        {"overflow_with_0", "(4294967296, 4294967296, 0)"s, "multiplication overflow"s},
        {"2_63", "(9223372036854775808,)"s, "expected a size"s},
        {"2_62", "(4611686018427387904,)"s, "Storage size calculation overflowed"s},
        {"2_40", "(1099511627776,)"s, "needs 4398046511104"s},
        {"string", "('6',)"s, "expected a size"s},
        {"real", "(6.0,)"s, "expected ','"s},
        {"nested", "((6,),)"s, "expected a size"s},
        {"no_comma", "(6)"s, "expected ',' behind the first size"s},
        {"no_tuple", "6"s, "expected '('"s},
        {"list", "[6]"s, "expected '('"s},
        {"rank_33", "(1" + repeated(",1", 31) + ",6)", "at most 32 dimensions"s}}) {
    cases.push_back(bad("N9", name, npy_header("'<f4'", shape), fragment));
  }
}

void types(Cases& cases) {
  for (const auto& [name, descr] :
       {std::pair{"bar", "'|O'"}, {"plain", "'O'"}, {"8", "'|O8'"}, {"little", "'<O'"}}) {
    cases.push_back(refused(
        "N5", name,
        npy_of(descr, "(1,)",
               pickle::proto() +
                   pickle::call("os", "system", {pickle::text("touch " + marker().string())}) +
                   "."),
        {"header: an array of objects", "is a pickle, which is never executed"}));
  }
  cases.push_back(refused("N5", "inside_a_structure",
                          npy_of("[('x', '|O')]", "(1,)", std::string(8, 'N')),
                          {"header: ", "never executed"}));
  cases.push_back(listed("structured", "[('x', '<f4'), ('y', '<i4')]", 8, "structured"));
  cases.push_back(listed("text", "'<U10'", 40, "<U10"));
  cases.push_back(listed("datetime", "'<M8[ns]'", 8, "<M8[ns]"));
  cases.push_back(listed("timedelta", "'<m8'", 8, "<m8"));
  cases.push_back(listed("complex64", "'<c8'", 8, "complex64"));
  cases.push_back(listed("complex128", "'<c16'", 16, "complex128"));
  cases.push_back(listed("void", "'|V3'", 3, "|V3"));
  cases.push_back(listed("long_double", "'<f16'", 16, "<f16"));
  cases.push_back(
      refused("N6", "text_of_4_gb", npy_of("'<U1000000000'", "(1,)", "x"), {"header: "}));
  cases.push_back(bad("N6", "no_such_type", npy_header("'<x4'", "(6,)"), "is not an element type"));
  cases.push_back(accepted("N7", "big_endian", npy_of("'>f4'", "(2,)", "\x3F\x80\0\0\xC0\0\0\0"s),
                           "0 float32 [2]: 1 -2\n"));
  cases.push_back(accepted("N7", "big_endian_i2", npy_of("'>i2'", "(2,)", "\1\2\xFF\xFE"s),
                           "0 int16 [2]: 258 -2\n"));
  cases.push_back(accepted("N8", "fortran_order", npy(npy_header("'<f4'", "(2, 3)", "True"), six),
                           "0 float32 [2, 3]: 0 2 4 1 3 5\n"));
  cases.push_back(refused("N10", "one_short", honest.substr(0, honest.size() - 1),
                          {"there are 23 bytes, float32 [2, 3] needs 24", "cut short"}));
  cases.push_back(
      refused("N10", "none", honest.substr(0, honest.size() - 24), {"there are 0 bytes"}));
  cases.push_back(
      refused("N11", "one_long", honest + "x", {"there are 25 bytes, float32 [2, 3] needs 24"}));
}

void archives(Cases& cases) {
  const auto npz = [](const std::vector<ZipItem>& items) { return make_zip(items).bytes; };
  cases.push_back(accepted("N13", "honest", npz({{"a.npy", honest}, {"b/c.npy", honest, true}}),
                           "a float32 [2, 3]: 0 1 2 3 4 5\nb/c float32 [2, 3]: 0 1 2 3 4 5\n"));
  cases.push_back(refused("N13", "other_suffix", npz({{"a.npy", honest}, {"b.txt", "x"}}),
                          {"other entries than .npy"}));
  cases.push_back(refused("N13", "no_suffix", npz({{"a", honest}}), {"other entries than .npy"}));
  cases.push_back(refused("N13", "not_an_array", npz({{"a.npy", "x"}}),
                          {"a.npy: byte 0: expected an .npy file"}));
  cases.push_back(refused("N13", "same_name", npz({{"a.npy", honest}, {"a.npy", honest}}),
                          {"two entries are named 'a.npy'"}));
  // 256 MiB of zeros in 256 KiB: only the header is inflated until somebody asks for the array.
  const std::string header = npy_of("'|u1'", "(9,)", "");
  std::string bomb = deflated_in_part(header);
  const std::string zeros = deflated_in_part(std::string(std::size_t{1} << 20, '\0'));
  for (int i = 0; i < 256; ++i) bomb += zeros;
  bomb += "\3\0"s;
  const Zip zip = make_zip({{"a.npy", bomb}}, ZipStyle::plain);
  const auto claiming = [&](std::uint64_t size) {
    std::string bytes = zip.bytes;
    for (const auto& [at, by] : {std::pair{zip.central[0] + 10, u16(8)},
                                 {zip.central[0] + 16, u32(0)},
                                 {zip.central[0] + 24, u32(size)},
                                 {zip.local[0] + 8, u16(8)},
                                 {zip.local[0] + 14, u32(0)},
                                 {zip.local[0] + 22, u32(size)}}) {
      bytes = patched(bytes, at, by);
    }
    return bytes;
  };
  cases.push_back(refused("N14", "bomb", claiming(header.size() + (std::uint64_t{256} << 20)),
                          {"a.npy: header: ", "needs 9"}));
  cases.push_back(refused("N14", "bomb_that_says_9_bytes", claiming(header.size() + 9),
                          {"a.npy: the compressed data holds more bytes than declared"}));
}

}  // namespace

Cases numpy_cases() {
  Cases cases;
  beginnings(cases);
  headers(cases);
  types(cases);
  archives(cases);
  return cases;
}

}  // namespace test::hostile
