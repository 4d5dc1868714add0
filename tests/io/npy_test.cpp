#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "cost.h"
#include "npy_writer.h"
#include "zip_writer.h"

namespace {

using namespace test;
using namespace std::string_literals;
using nn::Shape;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

StateDict open(const std::string& bytes) { return StateDict::from_bytes(as_bytes(bytes), "m.npy"); }
std::string refused(const std::string& bytes) {
  return refusal([&] { open(bytes); });
}

const std::string six = floats({0, 1, 2, 3, 4, 5});
const std::string small_file = npy_of("'<f4'", "(2, 3)", six);

TEST(Npy, ReadsTheOneArrayOfAFile) {
  const StateDict state = open(small_file);
  EXPECT_EQ(state.format(), "npy");
  ASSERT_EQ(state.entries().size(), 1U);
  EXPECT_EQ(state.entries()[0].name, "0");
  EXPECT_EQ(state.entries()[0].dtype, "float32");
  EXPECT_EQ(state.entries()[0].shape, Shape({2, 3}));
  EXPECT_EQ(state.entries()[0].bytes, 24U);
  EXPECT_THAT(state.read("0").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  state.verify();
}

TEST(Npy, N8ReadsFortranOrder) {
  const StateDict state = open(npy(npy_header("'<f4'", "(2, 3)", "True"), six));
  EXPECT_EQ(state.entries()[0].shape, Shape({2, 3}));
  EXPECT_THAT(state.read("0").f32(), ElementsAre(0, 2, 4, 1, 3, 5));
}

TEST(Npy, N7SwapsBigEndianNumbers) {
  EXPECT_THAT(open(npy_of("'>i2'", "(2,)", "\x01\x02\x03\x04")).read("0").as<std::int16_t>(),
              ElementsAre(0x102, 0x304));
  EXPECT_THAT(open(npy(npy_header("'>i2'", "(2, 2)", "True"), "\0\1\0\2\0\3\0\4"s))
                  .read("0")
                  .as<std::int16_t>(),
              ElementsAre(1, 3, 2, 4));
}

TEST(Npy, T19MakesBoolsZeroOrOne) {
  const nn::Tensor bools = open(npy_of("'|b1'", "(3,)", "\0\1\xFF"s)).read("0");
  EXPECT_THAT(as_bytes("\0\1\1"s), testing::ElementsAreArray(bools.view().bytes()));
}

TEST(Npy, TakesHeadersOfAllWriters) {
  for (const std::string& header :
       {"{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}"s,
        "{\"shape\":(6L,),\"fortran_order\":False,\"descr\":\"=f4\"}   "s,
        "  { 'shape' : ( 2 , 3 , ) , 'descr' : 'f4' , 'fortran_order' : False , }"s,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }\n\n"s}) {
    for (const char version : {'\1', '\2', '\3'}) {
      EXPECT_EQ(refused(npy(header, six, version)), "accepted") << header;
    }
  }
  EXPECT_THAT(open(npy_of("'<f4'", "()", floats({7}))).read("0").f32(), ElementsAre(7));
  EXPECT_THAT(open(npy_of("'<f4'", "(0, 4294967296)", "")).read("0").f32(), ElementsAre());
}

TEST(Npy, N6ListsElementTypesThatItCannotUse) {
  struct Case {
    std::string descr, dtype;
    std::size_t size;
  };
  const std::vector<Case> cases = {
      {"'<c8'", "complex64", 8},   {"'<c16'", "complex128", 16},
      {"'<f16'", "<f16", 16},      {"'<U10'", "<U10", 40},
      {"'|S3'", "|S3", 3},         {"'|S0'", "|S0", 0},
      {"'<M8[ns]'", "<M8[ns]", 8}, {"'<m8'", "<m8", 8},
      {"'|V2'", "|V2", 2},         {"[('x', '<f4'), ('y', '<i4', (2, 3))]", "structured", 28},
  };
  for (const auto& [descr, dtype, size] : cases) {
    const StateDict state = open(npy_of(descr, "(2,)", std::string(2 * size, '\0')));
    EXPECT_EQ(state.entries()[0].dtype, dtype);
    EXPECT_EQ(state.entries()[0].bytes, 2 * size);
    EXPECT_THAT(refused(npy_of(descr, "(2,)", std::string(2 * size + 1, '\0'))),
                HasSubstr("behind the header there are " + std::to_string(2 * size + 1)));
    EXPECT_THAT(refused(npy_of(descr, "(0,)", "x")), HasSubstr("behind the header there are 1"));
    EXPECT_EQ(refusal([&] { state.read("0"); }),
              "m.npy: tensor '0': it cannot be used: its element type is " + dtype);
  }
}

TEST(Npy, N6RefusesTheDataOfOtherTypesWhenItIsCutShort) {
  EXPECT_THAT(refused(npy_of("'<U1000000000'", "(1,)", "12345678")),
              HasSubstr("8 bytes, <U1000000000 [1] needs 4000000000; the file was cut short"));
  EXPECT_THAT(refused(npy_of("'|S9223372036854775807'", "(3,)", "12345678")),
              HasSubstr("Storage size calculation overflowed"));
  EXPECT_THAT(refused(npy_of("'|S99999999999999999999'", "(3,)", "12345678")),
              HasSubstr("is not an element type of NumPy"));
  for (const auto* descr : {"'<U'", "'<Ux'", "'|S3x'", "'<f16[ns]'", "'<M[ns]'", "'<U-1'"}) {
    EXPECT_THAT(refused(npy_of(descr, "(1,)", "12345678")),
                HasSubstr("is not an element type of NumPy"))
        << descr;
  }
}

TEST(Npy, N5NeverExecutesAnArrayOfObjects) {
  for (const auto& descr : {"'|O'", "'O'", "'|O8'", "'<O'"}) {
    EXPECT_THAT(refused(npy_of(descr, "(1,)", "\x80\x04N.")),
                AllOf(HasSubstr("is a pickle, which is never executed"), HasSubstr("astype")));
  }
}

TEST(Npy, N1N2N3N12RefusesABeginningThatIsNotInOrder) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\x93NUMP", "not recognised"},
      {"\x93NUMPY", "byte 6: expected 1 more bytes"},
      {"\x93NUMPY\1", "byte 7: expected 1 more bytes"},
      {"\x93NUMPY\0\0"s, "version 0.0 of the format, expected 1.0, 2.0 or 3.0"},
      {"\x93NUMPY\4\0"s, "version 4.0"},
      {"\x93NUMPY\xFF\0"s, "version 255.0"},
      {"\x93NUMPY\1\1"s, "version 1.1"},
      {"\x93NUMPY\1\0\1"s, "byte 8: expected 2 more bytes, there are 1"},
      {"\x93NUMPY\1\0\x76\0{"s, "byte 10: expected 118 more bytes, there are 1"},
      {"\x93NUMPY\2\0\xFF\xFF\xFF\xFF{"s, "header: 4294967295 bytes; at most 10000 are read"},
      {npy(std::string(20'000, ' '), ""), "header: 20001 bytes; at most 10000"},
      {npy(std::string(9'000, ' '), ""), "expected '{', got the end of the header"},
  };
  for (const auto& [bytes, expected] : cases) EXPECT_THAT(refused(bytes), HasSubstr(expected));
}

TEST(Npy, N4N9RefusesAHeaderThatIsNotTheDict) {
  const std::string rest = "'fortran_order': False, 'shape': (6,)}";
  const auto shape = [](const std::string& text) { return npy_header("'<f4'", text); };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "expected '{'"},
      {"[]", "expected '{'"},
      {"{}", "the key 'descr' is missing"},
      {"{'descr': '<f4'}", "the key 'fortran_order' is missing"},
      {"{'descr': '<f4', 'fortran_order': False}", "the key 'shape' is missing"},
      {"{'descr': '<f4', 'x': 1, " + rest,
       "expected the keys 'descr', 'fortran_order' and 'shape'"},
      {"{'descr': '<f4', 'descr': '<f4', " + rest, "once each, got ''descr'"},
      {"{'descr': '<f4', " + rest + "x", "byte 65: expected blanks to its end, got 'x"},
      {"{'descr': '<f4' " + rest, "expected '}'"},
      {"{'descr' '<f4', " + rest, "expected ':'"},
      {"{'descr': '<f4, ", "without escapes"},
      {"{'descr': '<\\x664', " + rest, "without escapes"},
      {"{descr: '<f4', " + rest, "expected a string in quotes, got 'descr"},
      {"{'descr': __import__('os').system('x'), " + rest,
       "expected a string in quotes, got '__imp"},
      {"{'descr': dtype('f4'), " + rest, "expected a string in quotes"},
      {"{'descr': 4, " + rest, "expected a string in quotes"},
      {"{'descr': [eval('1')], " + rest, "expected a list of strings, numbers and tuples"},
      {"{'descr': [('x', '<f4'], " + rest, "expected brackets in pairs"},
      {"{'descr': [", "expected a list of strings, numbers and tuples, got the end"},
      {"{'descr': " + std::string(9'000, '('), "expected a string in quotes"},
      {"{'descr': " + std::string(9'000, '['), "expected a list of strings"},
      {npy_header("''", "(6,)"), "descr '' is not an element type of NumPy"},
      {npy_header("'<'", "(6,)"), "descr '<' is not"},
      {npy_header("'<x4'", "(6,)"), "descr '<x4' is not"},
      {npy_header("'<i3'", "(6,)"), "descr '<i3' is not"},
      {npy_header("'float32'", "(6,)"), "descr 'float32' is not"},
      {npy_header("'<V" + std::string(100, '1') + "'", "(6,)"), "is not an element type"},
      {npy_header("'<f4'", "(6,)", "1"), "expected True or False, got '1"},
      {npy_header("'<f4'", "(6,)", "false"), "expected True or False"},
      {shape("6"), "expected '('"},
      {shape("[6]"), "expected '('"},
      {shape("(6)"), "expected ',' behind the first size"},
      {shape("(,)"), "expected a size of 0 to 2^63 - 1, got ',)"},
      {shape("(-6,)"), "expected a size"},
      {shape("(+6,)"), "expected a size"},
      {shape("(6.0,)"), "expected ',' behind the first size"},
      {shape("('6',)"), "expected a size"},
      {shape("((6,),)"), "expected a size"},
      {shape("(2 3,)"), "expected ',' behind"},
      {shape("(2, 3 1)"), "expected ',' or ')'"},
      {shape("(9223372036854775808,)"), "expected a size"},
      {shape("(4294967296, 4294967296)"), "integer multiplication overflow"},
      {shape("(4294967296, 4294967296, 0)"), "integer multiplication overflow"},
      {shape("(4611686018427387904,)"), "Storage size calculation overflowed"},
      {shape("(1099511627776,)"), "float32 [1099511627776] needs 4398046511104; the file was cut"},
      {shape("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,6)"),
       "expected at most 32 dimensions, got 33"},
  };
  for (const auto& [header, expected] : cases) {
    EXPECT_THAT(refused(npy(header, six)),
                AllOf(StartsWith("m.npy: header: "), HasSubstr(expected)))
        << header.substr(0, 100);
  }
  EXPECT_THAT(refused(npy(npy_header("'\xFF'", "(6,)"), six, '\3')), HasSubstr("not UTF-8"));
}

TEST(Npy, N10N11RefusesDataThatIsShortOrLong) {
  EXPECT_THAT(refused(small_file.substr(0, small_file.size() - 1)),
              HasSubstr("behind the header there are 23 bytes, float32 [2, 3] needs 24; the file "
                        "was cut short: copy or download it again"));
  EXPECT_THAT(refused(small_file + "x"), HasSubstr("there are 25 bytes, float32 [2, 3] needs 24"));
  const std::string claim = npy_of("'<f8'", "(1000000000000,)", "");
  EXPECT_LT(cost_of([&] { refused(claim); }).peak_bytes, std::size_t{1} << 20);
}

StateDict open_zip(const std::vector<ZipItem>& items) { return open(make_zip(items).bytes); }

TEST(Npz, ReadsArraysByTheNamesOfTheirEntries) {
  for (const bool deflate : {false, true}) {
    const StateDict state = open_zip(
        {{"layer/w.npy", small_file, deflate}, {".npy", npy_of("'|u1'", "(1,)", "*"), deflate}});
    EXPECT_EQ(state.format(), "npz");
    ASSERT_EQ(state.entries().size(), 2U);
    EXPECT_EQ(state.entries()[0].name, "layer/w");
    EXPECT_EQ(state.entries()[0].bytes, 24U);
    EXPECT_THAT(state.read("layer/w").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_THAT(state.read("").as<std::uint8_t>(), ElementsAre('*'));
    state.verify();
  }
}

TEST(Npz, N5N6N13RefusesWhatIsNoArray) {
  EXPECT_THAT(refusal([] {
                open_zip({{"a.npy", small_file}, {"note.txt", "x"}});
              }),
              HasSubstr("with other entries than .npy"));
  EXPECT_THAT(refusal([] {
                open_zip({{"a.npy", "x"}});
              }),
              StartsWith("m.npy: a.npy: byte 0: expected an .npy file"));
  EXPECT_THAT(refusal([] { open_zip({{"a.npy", ""}}); }), HasSubstr("a.npy: byte 0: expected"));
  EXPECT_THAT(refusal([] {
                open_zip({{"a.npy", npy_of("'|O'", "(1,)", "\x80\x04N.")}});
              }),
              HasSubstr("a.npy: header: an array of objects"));
  EXPECT_THAT(refusal([] {
                open_zip({{"a.npy", small_file + "x", true}});
              }),
              HasSubstr("there are 25 bytes"));
  const StateDict state =
      open_zip({{"t.npy", npy_of("'<U2'", "(1,)", std::string(8, 'x'))}, {"w.npy", small_file}});
  EXPECT_THAT(refusal([&] { state.read("t"); }), HasSubstr("its element type is <U2"));
  EXPECT_THAT(state.read("w").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npz, Z10Z11Z12Z13RefusesDamagedArchives) {
  const Zip zip = make_zip({{"a.npy", small_file}, {"b.npy", small_file}});
  const auto opened = [](const std::string& bytes) { return refused(bytes); };
  std::string twice = zip.bytes;
  for (std::size_t at = 0; (at = twice.find("b.npy", at)) != std::string::npos;) twice[at] = 'a';
  EXPECT_THAT(opened(twice), HasSubstr("two entries are named 'a.npy'"));
  EXPECT_THAT(opened(zip.with_central(0, 8, u16(0x809))), HasSubstr("is encrypted"));
  EXPECT_THAT(opened(zip.with_central(0, 10, u16(12))), HasSubstr("compression method 12"));
  const StateDict state = open(patched(zip.bytes, zip.data[1] + small_file.size() - 1, "\x41"));
  EXPECT_THAT(state.read("a").f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(refusal([&] { state.read("b"); }),
              AllOf(StartsWith("m.npy: tensor 'b': b.npy: the checksum is"),
                    HasSubstr("download the file again")));
  EXPECT_THAT(refusal([&] { state.verify(); }), HasSubstr("b.npy: the checksum"));
}

TEST(Npz, N14OpeningABombInflatesItsHeaderOnly) {
  const std::string header = npy_header("'<f4'", "(16777216,)");
  const std::string bytes =
      make_zip({{"a.npy", npy(header, std::string(std::size_t{64} << 20, '\0')), true}}).bytes;
  const Cost cost = cost_of([&] { EXPECT_EQ(refused(bytes), "accepted"); });
  EXPECT_LT(cost.peak_bytes, std::size_t{1} << 20);
}

}  // namespace
