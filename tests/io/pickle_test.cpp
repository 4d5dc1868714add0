#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/pickle.h>

#include "cost.h"
#include "torch_writer.h"

namespace {

using namespace test;
using namespace test::pickle;
using nn::io::Pickle;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

Pickle parse(const std::string& bytes) { return Pickle::parse(as_bytes(bytes)); }
// `program` between PROTO 2 and STOP.
std::string refused(const std::string& program) {
  return refusal([&] { parse(proto() + program + "."); });
}
std::string refused_whole(const std::string& bytes) {
  return refusal([&] { parse(bytes); });
}
std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}
std::string unicode8(std::string_view value) {  // SHORT_BINUNICODE
  std::string result = "\x8C";
  return result.append(1, static_cast<char>(value.size())).append(value);
}

TEST(Pickle, ReadsPlainValues) {
  const Pickle p =
      parse(proto(4) +
            list({"N", "\x88", "K\x07", "M" + u16(300), "J" + u32(~0U), integer(1LL << 40),
                  std::string("G\x3F\xF8") + std::string(6, '\0'), text("é"), "C\x02xy", ")"}) +
            ".");
  const auto items = p.items(p.root());
  ASSERT_EQ(items.size(), 10U);
  EXPECT_TRUE(p.is(items[0], Pickle::Kind::none));
  EXPECT_TRUE(p.boolean(items[1]));
  EXPECT_EQ(p.integer(items[2]), 7);
  EXPECT_EQ(p.integer(items[3]), 300);
  EXPECT_EQ(p.integer(items[4]), -1);
  EXPECT_EQ(p.integer(items[5]), 1LL << 40);
  EXPECT_EQ(p.real(items[6]), 1.5);
  EXPECT_EQ(p.text(items[7]), "é");
  EXPECT_EQ(p.text(items[8]), "xy");
  EXPECT_TRUE(p.items(items[9]).empty());
}

TEST(Pickle, ReadsIntsOfAnyLength) {
  const auto value = [](const std::string& long1) {
    const Pickle p = parse(proto() + long1 + ".");
    return p.integer(p.root());
  };
  EXPECT_EQ(value(std::string("\x8A\0", 2)), 0);
  EXPECT_EQ(value("\x8A\x01\xFF"), -1);
  EXPECT_EQ(value(std::string("\x8A\x02\xFF\0", 4)), 255);
  EXPECT_EQ(value("\x8A\x08" + u64(1ULL << 63)), INT64_MIN);
}

TEST(Pickle, KeepsAnUnknownClassAsAPlaceholder) {
  const Pickle p =
      parse(proto() + global("my.models", "Net") + ")\x81" + dict({{"training", "\x88"}}) + "b.");
  EXPECT_TRUE(p.is(p.root(), Pickle::Kind::object));
  EXPECT_EQ(to_text(p.global(p.root())), "my.models.Net");
  EXPECT_TRUE(p.is(p.state(p.root()), Pickle::Kind::dict));
}

TEST(Pickle, KeepsHarmlessFunctionsAsPlaceholders) {
  for (const auto& function :
       {global("numpy.core.multiarray", "scalar"), global("numpy._core.multiarray", "_reconstruct"),
        global("numpy", "dtype"), global("argparse", "Namespace"), global("pathlib", "PosixPath"),
        global("collections", "deque"), global("types", "SimpleNamespace"),
        global("functools", "partial"), global("uuid", "UUID"), global("logging", "getLogger"),
        global("numpy.random._pickle", "__randomstate_ctor"), global("torch._C", "Generator"),
        global("transformers.trainer_utils", "IntervalStrategy"),
        global("timm.layers.format", "Format")}) {
    EXPECT_EQ(refused(function + tuple({text("x")}) + "R"), "accepted") << function;
  }
}

TEST(Pickle, HarmlessNamesOfAModuleDoNotLetInTheOthers) {
  for (const auto& [module, name] :
       {std::pair("types", "FunctionType"), std::pair("types", "CodeType"),
        std::pair("functools", "reduce"), std::pair("logging.config", "dictConfig"),
        std::pair("logging", "FileHandler"), std::pair("uuid", "_get_command_stdout")}) {
    EXPECT_THAT(refused(global(module, name)), HasSubstr("nothing was executed"));
  }
  const std::string partial = call("functools", "partial", {global("my.models", "build")});
  EXPECT_THAT(refused(partial + ")R"), HasSubstr("REDUCE calls an object"));
  EXPECT_THAT(refused(call("functools", "partial", {global("os", "system")})),
              HasSubstr("nothing was executed"));
}

TEST(Pickle, KeepsBytesThatProtocol2WritesAsText) {
  const Pickle p =
      parse(proto() + call("_codecs", "encode", {text("a\xC2\x80\xC3\xBF"), text("latin1")}) + ".");
  EXPECT_TRUE(p.is(p.root(), Pickle::Kind::bytes));
  EXPECT_EQ(p.bytes_of(p.root()), "a\x80\xFF");
  const Pickle empty = parse(proto() + global("__builtin__", "bytes") + ")R.");
  EXPECT_TRUE(empty.is(empty.root(), Pickle::Kind::bytes));
  EXPECT_EQ(empty.bytes_of(empty.root()), "");
  EXPECT_THAT(refused(call("_codecs", "encode", {text("\xC4\x80"), text("latin1")})),
              HasSubstr("beyond Latin-1"));
}

TEST(Pickle, NamesTheCallsThatWereSkipped) {
  const std::string program = list({call("my.models", "f", {"N"}), call("my.models", "g", {"N"}),
                                    call("my.models", "f", {"N"})});
  EXPECT_THAT(refused(program), HasSubstr("my.models.f"));
  const Pickle p = Pickle::parse(as_bytes(proto() + program + "."), {.unknown_calls = true});
  EXPECT_THAT(p.skipped(), testing::ElementsAre("my.models.f", "my.models.g"));
}

TEST(Pickle, UnderstandsTheContainersOfTheStandardLibrary) {
  const std::string pairs = list({list({text("a"), "K\x01"}), tuple({text("b"), "K\x02"})});
  for (const auto& name : {"OrderedDict", "Counter"}) {
    const Pickle p = parse(proto() + call("collections", name, {pairs}) + ".");
    EXPECT_TRUE(p.is(p.root(), Pickle::Kind::dict));
    EXPECT_EQ(p.items(p.root()).size(), 4U);
  }
  EXPECT_EQ(refused(call("collections", "defaultdict", {global("__builtin__", "list")}) +
                    text("k") + "Ns"),
            "accepted");
  EXPECT_EQ(refused(call("__builtin__", "set", {list({"K\x01", "K\x02"})})), "accepted");
  EXPECT_EQ(refused(call("_codecs", "encode", {text("x"), text("latin1")})), "accepted");
}

TEST(Pickle, P1P2P3RefusesAPickleThatDoesNotEnd) {
  EXPECT_THAT(refused_whole(""), HasSubstr("empty"));
  EXPECT_THAT(refused_whole("\x80"), HasSubstr("expected 1 more bytes"));
  EXPECT_THAT(refused_whole(proto()), HasSubstr("ends without STOP"));
  EXPECT_THAT(refused_whole(proto() + "N"), HasSubstr("ends without STOP"));
}

TEST(Pickle, P4RefusesBytesBehindStopUnlessAskedFor) {
  EXPECT_THAT(refused_whole(proto() + "N.x"), HasSubstr("1 bytes follow its end"));
  std::size_t consumed = 0;
  Pickle::parse(as_bytes(proto() + "N.more"), {}, &consumed);
  EXPECT_EQ(consumed, 4U);
}

TEST(Pickle, P5RefusesStopWithNoneOrSeveralValues) {
  EXPECT_THAT(refused(""), HasSubstr("the stack is empty"));
  EXPECT_THAT(refused("NN"), HasSubstr("values are left on the stack"));
  EXPECT_THAT(refused("(N"), AnyOf(HasSubstr("left"), HasSubstr("empty")));
}

TEST(Pickle, P6TakesProtocols2To5Only) {
  for (const int version : {2, 3, 4, 5}) {
    EXPECT_EQ(refused_whole(proto(version) + "N."), "accepted");
  }
  for (const int version : {0, 1, 6, 255}) {
    EXPECT_THAT(refused_whole(proto(version) + "N."), HasSubstr("protocols 2 to 5"));
  }
  EXPECT_THAT(refused_whole("N."), HasSubstr("expected a pickle of protocol 2 to 5"));
  EXPECT_THAT(refused(proto() + "N"), HasSubstr("second PROTO"));
}

const std::vector<std::pair<std::string, std::string>> attacks = {
    {"os", "system"},
    {"posix", "system"},
    {"nt", "system"},
    {"subprocess", "Popen"},
    {"builtins", "eval"},
    {"__builtin__", "exec"},
    {"builtins", "getattr"},
    {"builtins", "__import__"},
    {"runpy", "run_path"},
    {"socket", "create_connection"},
    {"timeit", "timeit"},
    {"torch", "load"},
    {"torch.storage", "_load_from_bytes"},
    {"torch._utils", "_import_dotted_name"},
    {"torch.jit._pickle", "build_intlist"},
    {"importlib.util", "spec_from_file_location"},
    {"numpy.testing._private.utils", "runstring"},
    {"_pickle", "loads"},
    {"operator", "methodcaller"},
};

TEST(Pickle, P7RefusesNamesThatRunCodeEvenWhereNothingCallsThem) {
  for (const auto& [module, name] : attacks) {
    const std::string message = refused(global(module, name) + "0N");
    EXPECT_THAT(message, AllOf(HasSubstr("." + name), HasSubstr("nothing was executed"),
                               HasSubstr("torch.save(model.state_dict()")));
  }
}

TEST(Pickle, P7RefusesCallsOfUnknownFunctionsByName) {
  EXPECT_THAT(refused(call("my.models", "build", {text("x")})),
              AllOf(HasSubstr("calls 'my.models.build'"), HasSubstr("nothing was executed")));
}

TEST(Pickle, P8RefusesAttackNamesThroughEveryOpcode) {
  for (const auto& [module, name] : attacks) {
    const std::string message =
        refused_whole(proto(4) + unicode8(module) + unicode8(name) + "\x93" + "0N.");
    EXPECT_THAT(message, HasSubstr("nothing was executed")) << module;
  }
  EXPECT_THAT(refused("(S'id'\nios\nsystem\n"), HasSubstr("not supported"));  // STRING, INST
  EXPECT_THAT(refused("(ios\nsystem\n"), HasSubstr("opcode INST is not supported"));
  EXPECT_THAT(refused("(" + global("a", "b") + "o"), HasSubstr("opcode OBJ is not supported"));
  EXPECT_THAT(refused("\x82\x01"), HasSubstr("opcode EXT1 is not supported"));
  EXPECT_THAT(refused("\x83\x01\x01"), HasSubstr("opcode EXT2 is not supported"));
  EXPECT_THAT(refused("\x84" + u32(1)), HasSubstr("opcode EXT4 is not supported"));
  EXPECT_THAT(refused(global("os", "system") + ")}\x92"), HasSubstr("nothing was executed"));
  EXPECT_THAT(refused("K\x01K\x02\x93"), HasSubstr("expected two strings"));
}

TEST(Pickle, P9RefusesNamesThatAreNotPlain) {
  EXPECT_THAT(refused(global("torch.serialization", "os.system")),
              HasSubstr("nothing was executed"));
  EXPECT_THAT(refused(global("a b", "c")), HasSubstr("ASCII letters"));
  EXPECT_THAT(refused(global("оs", "system")), HasSubstr("ASCII letters"));  // a Cyrillic o
  EXPECT_THAT(refused(global("", "x")), HasSubstr("ASCII letters"));
  EXPECT_THAT(refused(global("a..b", "x")), HasSubstr("ASCII letters"));
  EXPECT_THAT(refused("ctorch"), HasSubstr("does not end"));
  EXPECT_THAT(refused(global(std::string(1 << 20, 'a'), "x")), HasSubstr("does not end"));
  EXPECT_THAT(refused(global(std::string(1500, 'a'), "x")), HasSubstr("longer than 1024"));
}

TEST(Pickle, P10RefusesCallsOfWhatIsNoFunctionOrWithWrongArguments) {
  for (const auto& what : {std::string("K\x01"), text("x"), std::string("}"), std::string("N")}) {
    EXPECT_THAT(refused(what + ")R"), HasSubstr("expected a function"));
  }
  EXPECT_THAT(refused(global("collections", "OrderedDict") + "]R"), HasSubstr("expected a tuple"));
  for (const auto& program :
       {call("collections", "OrderedDict", {"K\x01"}),
        call("collections", "OrderedDict", {list({"K\x01"})}),
        call("collections", "OrderedDict", {"]", "]"}), call("torch", "Size", {"K\x01"}),
        call("torch", "device", {}), call("_codecs", "encode", {text("x"), text("rot13")}),
        call("__builtin__", "bytearray", {integer(1LL << 40)}),
        call("__builtin__", "set", {"K\x01"}), call("__builtin__", "complex", {text("1")})}) {
    EXPECT_THAT(refused(program), HasSubstr("are not understood")) << program;
  }
  EXPECT_THAT(refused(call("torch", "FloatStorage", {"K\x01"})), HasSubstr("not a function"));
  EXPECT_THAT(refused(global("torch", "Tensor") + ")\x81"), HasSubstr("only describes tensors"));
}

TEST(Pickle, P11RefusesBuildOnPlainValuesAndOfDangerousAttributes) {
  for (const auto& what : {std::string("]"), std::string("}"), std::string("K\x01"), text("x"),
                           global("torch", "Size")}) {
    EXPECT_THAT(refused(what + "}b"), HasSubstr("BUILD on")) << what;
  }
  EXPECT_EQ(refused(ordered_dict() + dict({{"_metadata", "}"}}) + "b"), "accepted");
  EXPECT_THAT(refused(ordered_dict() + "K\x01" + "b"), HasSubstr("expected a dict"));
  for (const auto& key : {"__class__", "__setstate__", "__reduce__"}) {
    EXPECT_THAT(refused(ordered_dict() + dict({{key, "N"}}) + "b"), HasSubstr(key));
    EXPECT_THAT(refused(global("a", "B") + ")\x81" + dict({{key, "N"}}) + "b"), HasSubstr(key));
    EXPECT_THAT(refused(global("a", "B") + ")\x81" + tuple({"N", dict({{key, "N"}})}) + "b"),
                HasSubstr(key));
  }
}

TEST(Pickle, P12RefusesSetItemOnWhatIsNoDict) {
  EXPECT_THAT(refused("]K\x01K\x02s"), HasSubstr("SETITEM on a list"));
  EXPECT_THAT(refused(vector("0", 1) + "(K\x01K\x02u"), HasSubstr("SETITEM on a tensor"));
  EXPECT_THAT(refused("}K\x01K\x02u"), HasSubstr("no MARK"));
  EXPECT_THAT(refused("}(K\x01u"), HasSubstr("but no value"));
  EXPECT_THAT(refused("K\x01K\x02s"), HasSubstr("the stack is empty"));
}

TEST(Pickle, P13RefusesAppendToWhatIsNoList) {
  EXPECT_THAT(refused("}Na"), HasSubstr("APPEND to a dict"));
  EXPECT_THAT(refused(")(Ne"), HasSubstr("APPEND to a tuple"));
  EXPECT_THAT(refused("](N\x90"), HasSubstr("ADDITEMS to a list"));
}

TEST(Pickle, P14RefusesToTakeFromAnEmptyStackOrPastAMark) {
  for (const auto& program : {"0", "2", "\x85", "\x86", "\x87", "Q", "R", "b", "s", "a", "\x81",
                              "\x93", "q\x01", "\x94"}) {
    EXPECT_THAT(refused(program), HasSubstr("the stack is empty")) << program;
    EXPECT_THAT(refused(std::string("NN(") + program), HasSubstr("the stack is empty")) << program;
  }
  for (const auto& program : {"t", "e", "u", "1", "\x90", "\x91"}) {
    EXPECT_THAT(refused(std::string("N") + program), HasSubstr("no MARK")) << program;
  }
}

TEST(Pickle, P15RefusesAnUnsetMemoEntry) {
  EXPECT_THAT(refused("h\x05"), HasSubstr("nothing is stored in the memo at 5"));
  EXPECT_THAT(refused("j" + u32(99999)), HasSubstr("nothing is stored in the memo at 99999"));
}

TEST(Pickle, P16TakesAHugeMemoIndexWithoutHugeMemory) {
  std::string message;
  const Cost cost =
      cost_of([&] { message = refused("Nr" + u32(0xFFFFFFFF) + "0j" + u32(0xFFFFFFFF)); });
  EXPECT_EQ(message, "accepted");
  EXPECT_LT(cost.peak_bytes, std::size_t{1} << 20);
}

void expect_cheap_refusal(const std::string& bytes, const std::string& reason) {
  std::string message;
  const Cost cost = cost_of([&] { message = refused_whole(bytes); });
  EXPECT_THAT(message, HasSubstr(reason));
  EXPECT_LT(cost.peak_bytes, std::size_t{64} << 20);
}

TEST(Pickle, P17RefusesAMillionMarks) {
  expect_cheap_refusal(proto() + repeated("(", 1'000'000), "more than 100000 values on the stack");
}

TEST(Pickle, P18RefusesDeepNesting) {
  expect_cheap_refusal(proto() + repeated("]", 90'000) + repeated("a", 89'999) + ".",
                       "nest deeper than 1000");
  expect_cheap_refusal(proto() + "N" + repeated("\x85", 200'000) + ".", "nest deeper than 1000");
  expect_cheap_refusal(proto() + repeated("}N", 49'000) + "N" + repeated("s", 49'000) + ".",
                       "nest deeper than 1000");
}

TEST(Pickle, P19TakesAListThatContainsItself) {
  EXPECT_EQ(refused("]q\x01h\x01"
                    "a"),
            "accepted");
  EXPECT_EQ(refused("}q\x01Nh\x01s"), "accepted");
}

TEST(Pickle, P20TakesNestedDoublingWithoutWalkingEveryPath) {
  std::string program = "]";
  for (int i = 0; i < 60; ++i)
    program +=
        "q\x01"
        "0](h\x01h\x01"
        "e";
  EXPECT_EQ(refused(program), "accepted");
}

TEST(Pickle, P20RefusesToMultiplyALongList) {
  const std::string sets = call("__builtin__", "set", {"](" + repeated("N", 1000) + "eq\x01"}) +
                           repeated("0" + global("__builtin__", "set") + "h\x01\x85R", 20'000);
  expect_cheap_refusal(proto() + sets + ".", "items of lists and dicts");
}

TEST(Pickle, P21ComparesLengthsWithTheBytesThatAreThere) {
  for (const auto& program : {"X" + u32(~0U), "\x8D" + u64(1ULL << 63), "\x8E" + u64(1ULL << 63),
                              "B" + u32(~0U), "\x96" + u64(~0ULL), std::string("U\xFF"),
                              std::string("\x8C\xFF"), "T" + u32(0x7FFFFFFF)}) {
    EXPECT_THAT(refused(program), HasSubstr("more bytes, there are")) << program;
  }
  EXPECT_THAT(refused("T" + u32(~0U)), HasSubstr("a string of -1 bytes"));
}

TEST(Pickle, P22RefusesInvalidUtf8) {
  for (const auto& value : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_THAT(refused(text(value)), HasSubstr("not UTF-8"));
  }
  EXPECT_EQ(refused(text("\xF0\x9F\x94\xA5")), "accepted");
}

TEST(Pickle, P23RefusesIntsOfNegativeLength) {
  EXPECT_THAT(refused("\x8B" + u32(~0U)), HasSubstr("an int of -1 bytes"));
  EXPECT_THAT(refused("\x8B" + u32(1000)), HasSubstr("more bytes"));
  EXPECT_EQ(refused("\x8A\xFF" + std::string(255, '\x01')), "accepted");  // as an unused number
}

TEST(Pickle, P25RefusesAFrameBeyondTheEnd) {
  EXPECT_THAT(refused_whole(proto(4) + "\x95" + u64(~0ULL) + "N."), HasSubstr("a frame of"));
  EXPECT_EQ(refused_whole(proto(4) + "\x95" + u64(2) + "N."), "accepted");
}

TEST(Pickle, P27RefusesListsAsKeysAndTakesNumbers) {
  EXPECT_THAT(refused("}]Ns"), HasSubstr("a list as the key"));
  EXPECT_THAT(refused("}(}Nu"), HasSubstr("a dict as the key"));
  EXPECT_EQ(refused("}(K\x01NK\x02Nu"), "accepted");
}

TEST(Pickle, P31RefusesAKeyGivenTwice) {
  EXPECT_THAT(refused(dict({{"a", "N"}, {"b", "N"}, {"a", "N"}})), HasSubstr("key 'a' twice"));
  EXPECT_THAT(refused("}(K\x01N\x88Nu"), HasSubstr("key '1' twice"));  // 1 == True
  EXPECT_THAT(refused("}" + text("a") + "Ns" + text("a") + "Ns"), HasSubstr("key 'a' twice"));
}

TEST(Pickle, P33RefusesTheTextOpcodesOfProtocol0) {
  for (const auto& [program, name] :
       std::vector<std::pair<std::string, std::string>>{{"I1\n", "INT"},
                                                        {"L1L\n", "LONG"},
                                                        {"S'a'\n", "STRING"},
                                                        {"F1\n", "FLOAT"},
                                                        {"Va\n", "UNICODE"},
                                                        {"g0\n", "GET"},
                                                        {"P0\n", "PERSID"}}) {
    EXPECT_THAT(refused(program), HasSubstr("opcode " + name + " is not supported"));
  }
}

TEST(Pickle, P34NamesAnUnknownOpcodeAndItsOffset) {
  EXPECT_THAT(refused("N\xF0"), StartsWith("byte 3 of the pickle: opcode of value 240"));
}

TEST(Pickle, RefusesMoreOpcodesValuesOrBytesThanTheLimits) {
  expect_cheap_refusal(proto() + repeated("N0", 1'100'000), "more than 2000000 opcodes");
  expect_cheap_refusal(proto() + repeated("(" + repeated("K\x01", 50'000) + "t0", 25),
                       "more than 1000000 values");
  expect_cheap_refusal(proto() + repeated(global("a", "b") + "0", 500'000),
                       "more than 10000 names of classes and functions");
  expect_cheap_refusal(proto() + repeated("N\x94", 200'000), "more than 100000");
  expect_cheap_refusal(std::string((std::size_t{16} << 20) + 1, 'N'), "at most 16777216 are read");
}

}  // namespace
