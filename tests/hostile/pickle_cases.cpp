// P: what the program of a pickle does with its stack, memo and values.
#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;
using namespace pickle;

// A program between PROTO 2 and STOP that is refused at a byte of data.pkl.
Case bad(const std::string& id, const std::string& name, const std::string& program,
         const std::string& fragment) {
  return refused(id, name, file_of(program), {"m/data.pkl: byte ", " of the pickle: ", fragment});
}
// All bytes of a data.pkl.
Case bad_whole(const std::string& id, const std::string& name, const std::string& bytes,
               const std::string& fragment) {
  return refused(id, name, file_of_pickle(bytes), {"m/data.pkl: byte ", fragment});
}
// The honest weights with a further value beside them.
Case good(const std::string& id, const std::string& name, const std::string& value) {
  return accepted(id, name,
                  file_of(dict({{"w", tensor(storage("0", 6), {2, 3}, {3, 1})}, {"x", value}})),
                  honest_tensors);
}

const std::string w = tensor(storage("0", 6), {2, 3}, {3, 1});

void ends(Cases& cases) {
  cases.push_back(bad_whole("P1", "empty", "", "the pickle is empty"));
  cases.push_back(bad_whole("P2", "proto_alone", proto(), "ends without STOP"));
  cases.push_back(bad_whole("P2", "half_of_proto", "\x80", "expected 1 more bytes"));
  cases.push_back(bad_whole("P3", "no_stop", proto() + dict({{"w", w}}), "ends without STOP"));
  cases.push_back(bad_whole("P3", "inside_an_opcode", proto() + "X\5\0"s, "expected 4 more bytes"));
  cases.push_back(bad_whole("P4", "a_byte_behind", proto() + dict({{"w", w}}) + ".x",
                            "1 bytes follow its end, expected none"));
  cases.push_back(bad_whole("P4", "a_pickle_behind",
                            proto() + dict({{"w", w}}) + "." + proto() + "N.",
                            "4 bytes follow its end"));
  cases.push_back(bad("P5", "empty_stack", "", "the stack is empty"));
  cases.push_back(bad("P5", "two_values", dict({{"w", w}}) + "N", "values are left on the stack"));
  cases.push_back(bad("P5", "open_mark", "(" + dict({{"w", w}}), "values are left on the stack"));
  for (const int protocol : {0, 1, 6, 255}) {
    cases.push_back(bad_whole(
        "P6", "protocol_" + std::to_string(protocol), proto(protocol) + dict({{"w", w}}) + ".",
        "pickle protocol " + std::to_string(protocol) + "; protocols 2 to 5"));
  }
  cases.push_back(bad_whole("P6", "no_proto", dict({{"w", w}}) + ".", "protocol 2 to 5"));
  cases.push_back(bad("P6", "twice", proto() + dict({{"w", w}}), "a second PROTO"));
  for (const int protocol : {2, 3, 4, 5}) {
    cases.push_back(accepted("P6", "good_protocol_" + std::to_string(protocol),
                             file_of_pickle(proto(protocol) + dict({{"w", w}}) + "."),
                             honest_tensors));
  }
}

void containers(Cases& cases) {
  cases.push_back(
      bad("P12", "setitem_on_a_list", "]K\1K\2s", "SETITEM on a list, expected a dict"));
  cases.push_back(bad("P12", "setitem_on_a_tensor", w + text("k") + "Ns", "SETITEM on a tensor"));
  cases.push_back(bad("P12", "setitems_on_a_tuple", ")(K\1K\2u", "SETITEM on a tuple"));
  cases.push_back(bad("P12", "without_mark", "}K\1K\2u", "no MARK"));
  cases.push_back(bad("P12", "odd_count", "}(K\1K\2K\3u", "a key but no value"));
  cases.push_back(bad("P12", "nothing_to_set", "K\1K\2s", "the stack is empty"));
  cases.push_back(bad("P13", "append_to_a_dict", "}Na", "APPEND to a dict, expected a list"));
  cases.push_back(bad("P13", "appends_to_a_tuple", ")(NNe", "APPEND to a tuple"));
  cases.push_back(bad("P13", "append_to_a_tensor", w + "Na", "APPEND to a tensor"));
  cases.push_back(
      bad("P13", "additems_to_a_list", "](N\x90", "ADDITEMS to a list, expected a set"));
  for (const auto& [name, opcode] : {std::pair{"pop", "0"},
                                     {"dup", "2"},
                                     {"tuple1", "\x85"},
                                     {"tuple2", "\x86"},
                                     {"tuple3", "\x87"},
                                     {"binpersid", "Q"},
                                     {"reduce", "R"},
                                     {"build", "b"},
                                     {"newobj", "\x81"},
                                     {"memoize", "\x94"},
                                     {"append", "a"},
                                     {"setitem", "s"}}) {
    cases.push_back(bad("P14", name, opcode, "the stack is empty"));
    cases.push_back(bad("P14", name + "_past_a_mark"s, "NNN("s + opcode, "the stack is empty"));
  }
  for (const auto& [name, opcode] :
       {std::pair{"tuple", "t"}, {"appends", "e"}, {"setitems", "u"}, {"pop_mark", "1"}}) {
    cases.push_back(bad("P14", name + "_without_mark"s, "N"s + opcode, "no MARK"));
  }
  cases.push_back(bad("P15", "binget", "h\5", "nothing is stored in the memo at 5"));
  cases.push_back(
      bad("P15", "long_binget", "j" + u32(99'999), "nothing is stored in the memo at 99999"));
  cases.push_back(bad("P15", "get", "g5\n", "opcode GET is not supported"));
  cases.push_back(good("P16", "huge_index", "Nr" + u32(0xFFFFFFFF) + "0j" + u32(0xFFFFFFFF)));
  cases.push_back(
      bad("P16", "huge_index_unset", "j" + u32(0xFFFFFFFF), "nothing is stored in the memo"));
  cases.push_back(bad("P16", "200000_entries", repeated("N\x94", 200'000), "more than 100000"));
  cases.push_back(bad("P17", "million_marks", repeated("(", 1'000'000),
                      "more than 100000 values on the stack, the limit"));
  cases.push_back(bad("P17", "million_values", repeated("N", 1'000'000),
                      "more than 100000 values on the stack, the limit"));
  const auto too_deep = [&](const std::string& name, const std::string& program) {
    cases.push_back(refused("P18", name, file_of(program),
                            {"m/data.pkl: ", "nest deeper than 1000, the limit"}));
  };
  too_deep("lists", repeated("]", 90'000) + repeated("a", 89'999));
  too_deep("tuples", "N" + repeated("\x85", 200'000));
  too_deep("dicts", repeated("}N", 49'000) + "N" + repeated("s", 49'000));
  too_deep("states", repeated("ca\nb\n)\x81", 9'000) + repeated("b", 8'999));
  cases.push_back(good("P19", "list_in_itself", "]q\1h\1a"));
  cases.push_back(good("P19", "dict_in_itself", "}q\1" + text("k") + "h\1s"));
  cases.push_back(good("P19", "object_in_itself", "ca\nb\n)\x81q\1h\1b"));
  cases.push_back(refused("P19", "root_in_itself", file_of("]q\1h\1a"),
                          {"expected tensors, the file holds a list with"}));
  std::string laughs = "]";
  for (int i = 0; i < 60; ++i)
    laughs +=
        "q\1"
        "0](h\1h\1"
        "e";
  cases.push_back(good("P20", "nested_doubling", laughs));
  std::string dict_laughs = "N";
  for (int i = 0; i < 30; ++i)
    dict_laughs +=
        "q\1"
        "0}(" +
        text("a") + "h\1" + text("b") + "h\1u";
  cases.push_back(good("P20", "nested_doubling_of_dicts", dict_laughs));
  cases.push_back(bad("P20", "one_list_into_many_sets",
                      call("__builtin__", "set", {"](" + repeated("N", 1000) + "eq\1"}) +
                          repeated("0" + global("__builtin__", "set") + "h\1\x85R", 20'000),
                      "items of lists and dicts, the limit"));
}

void values(Cases& cases) {
  for (const auto& [name, program] : {std::pair{"binunicode", "X" + u32(~0U)},
                                      {"binunicode8", "\x8D" + u64(1ULL << 63)},
                                      {"binbytes", "B" + u32(~0U)},
                                      {"binbytes8", "\x8E" + u64(1ULL << 63)},
                                      {"bytearray8", "\x96" + u64(~0ULL)},
                                      {"binstring", "T" + u32(0x7FFFFFFF)},
                                      {"short_binunicode", "\x8C\xFF"s},
                                      {"short_binstring", "U\xFF"s}}) {
    cases.push_back(bad("P21", name, program, "more bytes, there are"));
  }
  cases.push_back(bad("P21", "binstring_negative", "T" + u32(~0U), "a string of -1 bytes"));
  for (const auto& [name, bytes] : {std::pair{"alone", "\xFF"s},
                                    {"overlong", "\xC0\x80"s},
                                    {"surrogate", "\xED\xA0\x80"s},
                                    {"beyond_unicode", "\xF4\x90\x80\x80"s},
                                    {"cut", "\xE2\x82"s}}) {
    cases.push_back(bad("P22", name, text(bytes), "a string is not UTF-8"));
  }
  const auto of_size = [](const std::string& size) {
    return file_of(dict({{"w", call("torch._utils", "_rebuild_tensor_v2",
                                    {storage("0", 6), integer(0), tuple({size}), integers({1}),
                                     "\x89", ordered_dict()})}}));
  };
  const std::vector<std::string> no_int = {"m/data.pkl: tensor 'w': ", "expected an int"};
  cases.push_back(
      refused("P23", "size_of_255_bytes", of_size("\x8A\xFF" + std::string(255, '\1')), no_int));
  cases.push_back(
      refused("P23", "size_of_long4", of_size("\x8B" + u32(300) + std::string(300, '\1')), no_int));
  cases.push_back(bad("P23", "negative_length", "\x8B" + u32(~0U), "an int of -1 bytes"));
  cases.push_back(bad("P23", "length_beyond", "\x8B" + u32(0x7FFFFFFF), "more bytes, there are"));
  cases.push_back(good("P23", "large_number_unused", "\x8A\xFF" + std::string(255, '\1')));
  cases.push_back(refused("P24", "nan", of_size("G\x7F\xF8"s + std::string(6, '\0')), no_int));
  cases.push_back(refused("P24", "real", of_size("G\x40\x18"s + std::string(6, '\0')), no_int));
  cases.push_back(refused("P24", "bool", of_size("\x88"), no_int));
  cases.push_back(refused("P24", "none", of_size("N"), no_int));
  cases.push_back(bad_whole("P25", "huge", proto(4) + "\x95" + u64(~0ULL) + "N.", "a frame of"));
  cases.push_back(bad_whole("P25", "one_beyond", proto(4) + "\x95" + u64(3) + "N.",
                            "a frame of 3 bytes, there are 2"));
  cases.push_back(accepted(
      "P25", "good_frame",
      file_of_pickle(proto(4) + "\x95" + u64(1 + dict({{"w", w}}).size()) + dict({{"w", w}}) + "."),
      honest_tensors));
}

void opcodes(Cases& cases) {
  for (const auto& [name, program] : {std::pair{"INT", "I1\n"},
                                      {"LONG", "L1L\n"},
                                      {"STRING", "S'a'\n"},
                                      {"FLOAT", "F1.5\n"},
                                      {"UNICODE", "Va\n"},
                                      {"GET", "g0\n"},
                                      {"PUT", "Np0\n"},
                                      {"PERSID", "P0\n"},
                                      {"DICT", "(d"},
                                      {"LIST", "(l"}}) {
    cases.push_back(bad("P33", name, program, "opcode "s + name + " is not supported"));
  }
  cases.push_back(bad("P34", "240", "N\xF0", "opcode of value 240 is not supported"));
  cases.push_back(bad("P34", "nul", "N"s + '\0', "opcode of value 0 is not supported"));
  cases.push_back(refused("P34", "offset", file_of("NNN\xFF"), {"byte 5 of the pickle: opcode"}));
  cases.push_back(bad("P34", "more_opcodes_than_the_limit", repeated("N0", 1'100'000),
                      "more than 2000000 opcodes, the limit"));
  cases.push_back(refused("P34", "larger_than_the_limit",
                          file_of_pickle(std::string((std::size_t{16} << 20) + 1, 'N')),
                          {"m/data.pkl", "at most 16777216"}));
}

}  // namespace

Cases pickle_cases() {
  Cases cases;
  ends(cases);
  containers(cases);
  values(cases);
  opcodes(cases);
  return cases;
}

}  // namespace test::hostile
