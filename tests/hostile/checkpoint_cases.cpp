// P: what a pickle names and calls, and what a checkpoint holds.
#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;
using namespace pickle;

const std::string w = tensor(storage("0", 6), {2, 3}, {3, 1});
const std::string executed = "nothing was executed";

Case bad(const std::string& id, const std::string& name, const std::string& program,
         const std::string& fragment) {
  return refused(id, name, file_of(program), {"m/data.pkl: ", fragment});
}
Case good(const std::string& id, const std::string& name, const std::string& value) {
  return accepted(id, name, file_of(dict({{"w", w}, {"x", value}})), honest_tensors);
}

struct Attack {
  std::string module;
  std::string name;
  std::string argument;
};

// What they would run is harmless. All of them are names that Python resolves.
std::vector<Attack> attacks() {
  const std::string touch = "touch " + marker().string();
  const std::string python = "open(" + ("'" + marker().string() + "'") + ", 'w')";
  return {{"os", "system", touch},
          {"posix", "system", touch},
          {"nt", "system", touch},
          {"os", "popen", touch},
          {"subprocess", "Popen", touch},
          {"subprocess", "check_output", touch},
          {"builtins", "eval", python},
          {"builtins", "exec", python},
          {"__builtin__", "eval", python},
          {"__builtin__", "execfile", marker().string()},
          {"builtins", "getattr", "os"},
          {"builtins", "__import__", "os"},
          {"builtins", "compile", python},
          {"runpy", "run_path", marker().string()},
          {"runpy", "_run_code", python},
          {"socket", "create_connection", "localhost"},
          {"timeit", "timeit", python},
          {"code", "interact", ""},
          {"pty", "spawn", "/bin/true"},
          {"pdb", "run", python},
          {"cProfile", "run", python},
          {"webbrowser", "open", "about:blank"},
          {"importlib", "import_module", "os"},
          {"shutil", "rmtree", marker().string()},
          {"pickle", "loads", "N."},
          {"_pickle", "loads", "N."},
          {"operator", "attrgetter", "system"},
          {"_operator", "methodcaller", "system"},
          {"ctypes", "CDLL", "libc.so.6"},
          {"torch", "load", marker().string()},
          {"torch.storage", "_load_from_bytes", "N."},
          {"torch._utils", "_import_dotted_name", "os.system"},
          {"torch.jit._pickle", "build_intlist", ""},
          {"torch.jit", "load", marker().string()},
          {"torch.hub", "load", "x"},
          {"torch.serialization", "load", marker().string()},
          {"numpy.testing._private.utils", "runstring", python},
          {"numpy", "load", marker().string()},
          {"pandas", "read_pickle", marker().string()}};
}

void attack_names(Cases& cases) {
  for (const Attack& attack : attacks()) {
    const std::string name = attack.module + "." + attack.name;
    const std::vector<std::string> fragments = {"m/data.pkl: ", "." + attack.name, executed,
                                                "torch.save(model.state_dict()"};
    const std::string harm = call(attack.module, attack.name, {text(attack.argument)});
    cases.push_back(refused("P7", name, file_of(dict({{"w", w}, {"x", harm}})), fragments));
    // Named and thrown away, called by nobody.
    cases.push_back(refused("P7", name + "_unused",
                            file_of(global(attack.module, attack.name) + "0" + dict({{"w", w}})),
                            fragments));
    cases.push_back(
        refused("P8", name + "_by_stack_global",
                file_of_pickle(proto(4) + text(attack.module) + text(attack.name) + "\x93" +
                               text(attack.argument) + "\x85R0" + dict({{"w", w}}) + "."),
                fragments));
  }
  const std::string touch = text("touch " + marker().string());
  cases.push_back(bad("P8", "inst", "(" + touch + "ios\nsystem\n", "INST is not supported"));
  cases.push_back(bad("P8", "obj", "(" + global("os", "system") + touch + "o", executed));
  cases.push_back(
      bad("P8", "obj_of_unknown", "(" + global("a", "b") + touch + "o", "OBJ is not supported"));
  cases.push_back(bad("P8", "newobj", global("os", "system") + touch + "\x85\x81", executed));
  cases.push_back(bad("P8", "newobj_ex", global("os", "system") + touch + "\x85}\x92", executed));
  cases.push_back(bad("P8", "ext1", "\x82\1", "opcode EXT1 is not supported"));
  cases.push_back(bad("P8", "ext2", "\x83\1\1", "opcode EXT2 is not supported"));
  cases.push_back(bad("P8", "ext4", "\x84\1\1\1\1", "opcode EXT4 is not supported"));
  cases.push_back(bad("P8", "stack_global_of_numbers", "K\1K\2\x93", "expected two strings"));
  cases.push_back(bad("P8", "through_a_reducer",
                      call("copyreg", "_reconstructor",
                           {global("os", "system"), global("__builtin__", "object"), "N"}),
                      executed));
  for (const auto& [name, module, attribute] :
       {std::tuple{"dot_in_the_name", "torch"s, "serialization.os.system"s},
        {"dot_in_the_name_of_a_class", "collections"s, "OrderedDict.__reduce__"s},
        {"space", "a b"s, "c"s},
        {"cyrillic", "\xD0\xBEs"s, "system"s},
        {"full_width", "\xEF\xBD\x8Fs"s, "system"s},
        {"empty_module", ""s, "x"s},
        {"empty_name", "torch"s, ""s},
        {"two_dots", "a..b"s, "x"s},
        {"carriage_return", "os\r"s, "system"s},
        {"nul", "os\0"s, "system"s},
        {"1500_bytes", std::string(1500, 'a'), "x"s}}) {
    cases.push_back(bad("P9", name, global(module, attribute), "byte "));
  }
  cases.push_back(bad("P9", "no_line_break", "ctorch", "a name does not end"));
  cases.push_back(
      bad("P9", "1_mib", global(std::string(1 << 20, 'a'), "x"), "a name does not end"));
}

void calls(Cases& cases) {
  for (const auto& [name, what] : {std::pair{"int", "K\1"s},
                                   {"string", text("x")},
                                   {"dict", "}"s},
                                   {"none", "N"s},
                                   {"tensor", w}}) {
    cases.push_back(bad("P10", "call_of_"s + name, what + ")R", "expected a function"));
  }
  cases.push_back(bad("P10", "arguments_no_tuple", global("collections", "OrderedDict") + "]R",
                      "expected a tuple of arguments"));
  cases.push_back(bad("P10", "unknown_function", call("my.models", "build", {text("x")}),
                      "calls 'my.models.build'"));
  cases.push_back(
      bad("P10", "class_as_function", call("torch", "FloatStorage", {"K\1"}), "not a function"));
  for (const auto& [name, program] :
       {std::pair{"ordered_dict_of_int", call("collections", "OrderedDict", {"K\1"})},
        {"ordered_dict_of_ints", call("collections", "OrderedDict", {list({"K\1"})})},
        {"size_of_int", call("torch", "Size", {"K\1"})},
        {"device_of_nothing", call("torch", "device", {})},
        {"encode_as_rot13", call("_codecs", "encode", {text("x"), text("rot13")})},
        {"bytearray_of_1_tb", call("__builtin__", "bytearray", {integer(1LL << 40)})},
        {"set_of_int", call("__builtin__", "set", {"K\1"})},
        {"tensor_of_nothing", call("torch._utils", "_rebuild_tensor_v2", {})},
        {"tensor_of_int",
         call("torch._utils", "_rebuild_tensor_v2", {"K\1", "K\1", ")", ")", "\x89", "}"})},
        {"parameter_of_int",
         call("torch._utils", "_rebuild_parameter", {"K\1", "\x88", ordered_dict()})},
        {"tensor_of_nine",
         call("torch._utils", "_rebuild_tensor_v2",
              {storage("0", 6), "K\0"s, ")", ")", "\x89", "}", "N", "N", "N"})}}) {
    cases.push_back(bad("P10", name, program, "are not understood"));
  }
  for (const auto& [name, what] : {std::pair{"list", "]"s},
                                   {"plain_dict", "}"s},
                                   {"int", "K\1"s},
                                   {"string", text("x")},
                                   {"class", global("torch", "Size")}}) {
    cases.push_back(bad("P11", "build_on_"s + name, what + "}b", "BUILD on"));
  }
  for (const std::string key : {"__class__", "__setstate__", "__reduce__", "__dict__"}) {
    cases.push_back(
        bad("P11", key + "_of_ordered_dict", ordered_dict() + dict({{key, "N"}}) + "b", key));
    cases.push_back(bad("P11", key + "_of_tensor", w + dict({{key, "N"}}) + "b", key));
    cases.push_back(
        bad("P11", key + "_of_object", global("a", "B") + ")\x81" + dict({{key, "N"}}) + "b", key));
    cases.push_back(bad("P11", key + "_of_slots",
                        global("a", "B") + ")\x81N" + dict({{key, "N"}}) + "\x86" + "b", key));
  }
  cases.push_back(bad("P11", "ordered_dict_with_int", ordered_dict() + "K\1b", "expected a dict"));
  cases.push_back(accepted("P11", "metadata",
                           file_of(ordered_dict() + text("w") + w + "s" +
                                   dict({{"_metadata", dict({{"", "}"}})}}) + "b"),
                           honest_tensors));
}

void checkpoints(Cases& cases) {
  const std::string type = global("torch", "FloatStorage");
  for (const auto& [name, id] :
       {std::pair{"string", text("0")},
        {"empty", ")"s},
        {"four", tuple({text("storage"), type, text("0"), text("cpu")})},
        {"six", tuple({text("storage"), type, text("0"), text("cpu"), integer(6), "N"})},
        {"module", tuple({text("module"), type, text("0"), text("cpu"), integer(6)})},
        {"class_as_text", tuple({text("storage"), text("x"), text("0"), text("cpu"), integer(6)})},
        {"key_a_number", tuple({text("storage"), type, "K\1", text("cpu"), integer(6)})},
        {"count_a_bool", tuple({text("storage"), type, text("0"), text("cpu"), "\x88"})},
        {"list", list({text("storage"), type, text("0"), text("cpu"), integer(6)})}}) {
    cases.push_back(
        bad("P26", name, dict({{"w", tensor(id + "Q", {6}, {1})}}), "a persistent id is"));
  }
  cases.push_back(bad("P27", "list", "}]Ns", "a list as the key"));
  cases.push_back(bad("P27", "dict", "}(}Nu", "a dict as the key"));
  cases.push_back(bad("P27", "set", "}\x8FNs", "a set as the key"));
  cases.push_back(
      accepted("P27", "int", file_of("}K\5" + w + "s"), "5 float32 [2, 3]: 0 1 2 3 4 5\n"));
  cases.push_back(bad("P28", "int", "K\1", "expected tensors, the file holds an int"));
  cases.push_back(bad("P28", "string", text("x"), "expected tensors, the file holds a string"));
  cases.push_back(bad("P28", "none", "N", "expected tensors, the file holds None"));
  cases.push_back(bad("P28", "empty_list", "]", "an empty list"));
  cases.push_back(accepted("P28", "tensor", file_of(w), "0 float32 [2, 3]: 0 1 2 3 4 5\n"));
  cases.push_back(accepted("P28", "list_of_tensors", file_of(list({w, w})),
                           "0 float32 [2, 3]: 0 1 2 3 4 5\n1 float32 [2, 3]: 0 1 2 3 4 5\n"));
  cases.push_back(bad("P29", "dict", "}", "an empty dict"));
  cases.push_back(bad("P29", "ordered_dict", ordered_dict(), "an empty dict"));
  cases.push_back(accepted("P30", "state_dict",
                           file_of(dict({{"state_dict", dict({{"w", w}})}, {"epoch", "K\3"}})),
                           honest_tensors));
  cases.push_back(accepted("P30", "model_and_optimizer",
                           file_of(dict({{"model", dict({{"w", w}})},
                                         {"optimizer", dict({{"state", dict({{"m", w}})}})}})),
                           honest_tensors));
  cases.push_back(bad("P30", "two_models",
                      dict({{"encoder", dict({{"a", w}})}, {"decoder", dict({{"b", w}})}}),
                      "'encoder'"));
  cases.push_back(
      bad("P30", "no_tensors", dict({{"epoch", "K\1"}, {"lr", "N"}}), "'epoch' (an int)"));
  cases.push_back(bad("P31", "twice", dict({{"w", w}, {"w", w}}), "the key 'w' twice"));
  cases.push_back(bad("P31", "twice_by_setitem", "}" + text("w") + w + "s" + text("w") + "Ns",
                      "the key 'w' twice"));
  cases.push_back(bad("P31", "true_and_1", "}(K\1N\x88Nu", "the key '1' twice"));
  cases.push_back(bad("P31", "number_and_text", "}(K\5" + w + text("5") + w + "u", "'5'"));
  cases.push_back(accepted("P32", "module_prefix", file_of(dict({{"module.w", w}})),
                           "module.w float32 [2, 3]: 0 1 2 3 4 5\n"));
  for (const auto& [module, name] : {std::pair{"numpy.core.multiarray", "scalar"},
                                     {"numpy._core.multiarray", "_reconstruct"},
                                     {"numpy", "dtype"},
                                     {"argparse", "Namespace"},
                                     {"pathlib", "PosixPath"},
                                     {"collections", "deque"}}) {
    cases.push_back(
        good("P30", "beside_"s + module + "." + name, call(module, name, {text("f4")})));
  }
  cases.push_back(good("P30", "beside_an_object",
                       global("my.config", "Config") + ")\x81" + dict({{"lr", "K\1"}}) + "b"));
}

}  // namespace

Cases checkpoint_cases() {
  Cases cases;
  attack_names(cases);
  calls(cases);
  checkpoints(cases);
  return cases;
}

}  // namespace test::hostile
