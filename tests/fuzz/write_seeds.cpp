// write_seeds DIR: the files from which libFuzzer sets out, made by the tests' writers:
// DIR/TARGET/NAME. They are committed, so this runs only when they are to change.
#include <iostream>

#include "../io/exported_writer.h"
#include "../io/npy_writer.h"
#include "../io/onnx_writer.h"
#include "../io/safetensors_writer.h"
#include "../io/torch_writer.h"

namespace {

using namespace test;
using namespace std::string_literals;
namespace fs = std::filesystem;

class Seeds {
 public:
  explicit Seeds(fs::path folder) : folder_(std::move(folder)) {}
  void add(const std::string& target, const std::string& name, const std::string& bytes) const {
    fs::create_directories(folder_ / target);
    std::ofstream(folder_ / target / name, std::ios::binary) << bytes;
  }

 private:
  fs::path folder_;
};

// As torch.save writes them; what is beside the program is 16 bytes in each of '0' and '1'.
std::string program_of(const std::string& opcodes, int protocol = 2) {
  return pickle::proto(protocol) + opcodes + ".";
}

void pickles(const Seeds& seeds, const std::string& target) {
  using namespace pickle;
  const std::string w = tensor(storage("0", 4), {2, 2}, {2, 1});
  const std::string b = tensor(storage("1", 2, "DoubleStorage"), {2}, {1});
  seeds.add(target, "dict", program_of(dict({{"w", w}, {"b", b}})));
  seeds.add(target, "ordered_dict",
            program_of(ordered_dict() + "q\1(" + text("w") + w + text("b") + b + "u" +
                       dict({{"_metadata", "}"}}) + "b"));
  seeds.add(target, "checkpoint",
            program_of(dict({{"epoch", "K\3"},
                             {"lr", "G" + std::string(8, '\x40')},
                             {"state_dict", dict({{"w", w}})},
                             {"optimizer", dict({{"state", "}"}, {"betas", list({"\x88", "N"})}})},
                             {"best", call("numpy.core.multiarray", "scalar", {"N"})}})));
  seeds.add(target, "views",
            program_of(dict({{"t", tensor(storage("0", 4), {2, 2}, {1, 2})},
                             {"e", tensor(storage("0", 4), {3, 2}, {0, 1}, 1)},
                             {"s", tensor(storage("0", 4), {}, {}, 3)},
                             {"z", tensor(storage("0", 4), {0, 3}, {3, 1})}})));
  seeds.add(target, "list", program_of(list({w, b, w})));
  seeds.add(target, "module",
            program_of(global("my.models", "Net") + ")\x81" +
                       dict({{"_parameters", ordered_dict() + text("w") + w + "s"},
                             {"_buffers", ordered_dict()},
                             {"_modules", ordered_dict()},
                             {"training", "\x89"}}) +
                       "b"));
  seeds.add(target, "parameter",
            program_of(dict(
                {{"w", call("torch._utils", "_rebuild_parameter", {w, "\x88", ordered_dict()})}})));
  seeds.add(target, "v3",
            program_of(dict({{"w", call("torch._utils", "_rebuild_tensor_v3",
                                        {storage("0", 16, "UntypedStorage"), integer(0),
                                         integers({2}), integers({1}), "\x89", ordered_dict(),
                                         global("torch", "bfloat16"), "N"})}})));
  seeds.add(target, "other_kinds",
            program_of(dict(
                {{"q", call("torch._utils", "_rebuild_qtensor",
                            {storage("0", 16, "QInt8Storage"), integer(0), integers({2}),
                             integers({1}), tuple({global("torch", "per_tensor_affine"), "N", "N"}),
                             "\x89", ordered_dict()})},
                 {"c", tensor(storage("1", 2, "ComplexFloatStorage"), {2}, {1})},
                 {"s", call("torch._utils", "_rebuild_sparse_tensor",
                            {text("torch.sparse_coo"), tuple({w, w, integers({2, 2})})})}})));
  seeds.add(target, "protocol4",
            program_of("\x95" + u64(20) + "}\x94(\x8C\1a\x94K\1\x8C\1b\x94M\1\2\x8C\1c" +
                           "\x8C\5torch\x8C\4Size\x93)\x85Ru",
                       4));
  seeds.add(target, "scalars",
            program_of("(NK\1M\1\2J\1\2\3\4\x8A\2\xFF\0\x8B\1\0\0\0\5U\1xT\1\0\0\0yB\1\0\0\0z"s +
                       "C\1z\x8E\1\0\0\0\0\0\0\0z\x96\1\0\0\0\0\0\0\0z\x8F(K\1\x90(K\1\x91t"s));
}

void torch_files(const Seeds& seeds) {
  using namespace pickle;
  for (const bool torch : {true, false}) {
    TorchFile file{dict({{"w", tensor(storage("0", 4), {2, 2}, {2, 1})},
                         {"b", tensor(storage("1", 2, "HalfStorage"), {2}, {1})}}),
                   {{"0", floats({1, 2, 3, 4})}, {"1", u32(0x3C003C00)}}};
    auto items = file.items();
    for (ZipItem& item : items) item.without_crc = true;
    seeds.add("torch_zip", torch ? "whole" : "whole_plain",
              make_zip(items, torch ? ZipStyle::torch : ZipStyle::plain).bytes);
  }
}

void legacy(const Seeds& seeds) {
  using namespace pickle;
  const LegacyFile plain{dict({{"w", tensor(stream_storage("7", 4), {2, 2}, {2, 1})},
                               {"b", tensor(stream_storage("8", 2, "HalfStorage"), {2}, {1})}}),
                         {{"7", 4, floats({1, 2, 3, 4})}, {"8", 2, u32(0x3C003C00)}}};
  seeds.add("legacy", "plain", plain.bytes());
  const std::string view = tuple({text("9"), integer(1), integer(2)});
  LegacyFile viewed{
      dict(
          {{"state_dict", ordered_dict() + text("w") +
                              tensor(stream_storage("7", 4, "FloatStorage", view), {2}, {1}) + "s"},
           {"epoch", "K\3"}}),
      {{"7", 4, floats({1, 2, 3, 4})}}};
  seeds.add("legacy", "view", viewed.bytes());
  viewed.program =
      global("my.models", "Net") + ")\x81" +
      dict({{"_parameters", dict({{"w", tensor(stream_storage("7", 4), {4}, {1})}})}}) + "b";
  seeds.add("legacy", "module", viewed.bytes());
}

void scripts(const Seeds& seeds) {
  using namespace pickle;
  const auto object = [](const std::string& name, const Pairs& attributes) {
    return global("__torch__", name) + ")\x81" + dict(attributes) + "b";
  };
  const std::string w = tensor(storage("0", 4), {2, 2}, {2, 1});
  const std::string b = tensor(storage("1", 2, "DoubleStorage"), {2}, {1});
  const std::string net =
      program_of(object("Net", {{"training", "\x89"},
                                {"scale", b},
                                {"conv", object("Conv", {{"weight", w}, {"bias", "N"}})}}));
  seeds.add("torch_script", "plain", net);
  seeds.add("torch_script", "with_code",
            net +
                "\xFE\xFE"
                "class Net(Module):\n  __parameters__ = [\"scale\", ]\n  __buffers__ = []\n"
                "  training : bool\n  scale : Tensor\n  conv : __torch__.Conv\n"
                "class Conv(Module):\n  __parameters__ = [\"weight\", \"bias\", ]\n"
                "  __buffers__ = []\n  weight : Tensor\n  bias : Optional[Tensor]\n");
  seeds.add(
      "torch_script", "lists",
      program_of(object(
          "Net", {{"sizes", call("torch.jit._pickle", "build_intlist", {list({"K\1", "K\2"})})},
                  {"all", call("torch.jit._pickle", "build_tensorlist", {list({w})})}})));
  seeds.add("torch_script", "whole_of_2019",
            make_zip({{"m/version", "1\n", false, true},
                      {"m/model.json",
                       R"({"mainModule":{"name":"Net","parameters":[{"name":"w","tensorId":"0"}],)"
                       R"("submodules":[]},"tensors":[{"dims":["2"],"strides":["1"],"offset":"0",)"
                       R"("dataType":"FLOAT","data":{"key":"tensors/0"},"requiresGrad":true,)"
                       R"("device":"cpu"}]})",
                       false, true},
                      {"m/tensors/0", floats({1, 2}), false, true}},
                     ZipStyle::plain)
                .bytes);
}

void nets(const Seeds& seeds) {
  seeds.add("net_text", "sequential",
            "Sequential(\n  (0): Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))\n"
            "  (1): ReLU(inplace=True)\n  (2): MaxPool2d(kernel_size=2, stride=2, padding=0, "
            "dilation=1, ceil_mode=False)\n)\n");
  seeds.add("net_text", "nested",
            ">>> print(model)\r\nNet(\r\n  (blocks): ModuleList(\r\n    (0-2): 3 x Linear("
            "in_features=8, out_features=8, bias=True)\r\n  )\r\n  (none): None\r\n  (fc): "
            "Linear(in_features=8, out_features=10, bias=True)\r\n)\r\n");
  seeds.add("net_text", "blocks",
            "Net(\n  (0-1): 2 x Sequential(\n    (0): BatchNorm2d(4, eps=1e-05, momentum=0.1, "
            "affine=True, track_running_stats=True)\n    (act): GELU(approximate='none')\n  )\n)");
}

void zips(const Seeds& seeds) {
  const std::vector<ZipItem> items = {
      {"r/a", "first"}, {"r/b", std::string(99, 'b'), true}, {"r/c", ""}};
  seeds.add("zip", "torch", make_zip(items).bytes);
  seeds.add("zip", "plain", make_zip(items, ZipStyle::plain).bytes);
  seeds.add("zip", "without_crc",
            make_zip({{"a", "x", false, true}, {"b", "yy", true, true}}).bytes);
  seeds.add("inflate", "deflate", "\0\0\x63"s + deflated(std::string(99, 'b')));
  seeds.add("inflate", "gzip", "\1\0\x63"s + gzipped(std::string(99, 'b')));
  std::string mixed;
  for (int i = 0; i < 300; ++i) mixed += static_cast<char>(i * i % 251);
  seeds.add("inflate", "dynamic", "\0\1\x2C"s + deflated(mixed));
}

void numpy(const Seeds& seeds) {
  const std::string six = floats({0, 1, 2, 3, 4, 5});
  for (const std::string target : {"npy", "npz"}) {
    seeds.add(target, "f4", npy_of("'<f4'", "(2, 3)", six));
    seeds.add(target, "fortran",
              "\x93NUMPY\2\0"s + u32(61) +
                  "{'fortran_order': True, 'descr': '>i2', 'shape': (2, 2L,), }" + "12345678");
    seeds.add(target, "bool", npy_of("'|b1'", "()", "\2"));
    seeds.add(target, "structured",
              npy_of("[('x', '<f4'), ('y', '<i2', (2,))]", "(1,)", "12345678"));
    seeds.add(target, "text", npy_of("'<U2'", "(1,)", "12345678"));
  }
  seeds.add("npz", "whole",
            make_zip({{"a.npy", npy_of("'<f4'", "(6,)", six), false, true},
                      {"b.npy", npy_of("'|u1'", "(1,)", "x"), true, true}},
                     ZipStyle::plain)
                .bytes);
}

void texts(const Seeds& seeds) {
  seeds.add("safetensors", "two",
            safetensors(R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[3,1],)"
                        R"("data_offsets":[0,12]},"b":{"dtype":"I64","shape":[],)"
                        R"("data_offsets":[12,20]}} )",
                        floats({1, 2, 3}) + u64(7)));
  seeds.add("safetensors", "kinds",
            safetensors(R"({"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]},"b":{"dtype":)"
                        R"("BF16","shape":[1],"data_offsets":[2,4]},"c":{"dtype":"F8_E4M3",)"
                        R"("shape":[1],"data_offsets":[4,5]},"d":{"dtype":"F4","shape":[2],)"
                        R"("data_offsets":[5,6]},"\u0065":{"dtype":"U8","shape":[0,9],)"
                        R"("data_offsets":[6,6]}})",
                        "\1\0ABCD"s));
  seeds.add(
      "json", "all",
      R"({"n":18446744073709551615,"s":"\ud83d\ude00\n","a":[1,-2.5e+3,true,[],{}],"x":null})");
  seeds.add("json", "nested", R"([[[{"a":{"b":[0,"é",false]}}]], "\"\\\/\b\f\r\t\u00e9"])");
  seeds.add("shard_index", "two",
            R"({"metadata":{"total_size":2,"x":[1]},"weight_map":{"a":"a","b":"b"}})");
  seeds.add("shard_index", "missing", R"({"weight_map":{"a":"c"}})");
}

void models(const Seeds& seeds) {
  using namespace onnx;
  seeds.add("onnx", "small", small_model());
  const auto with = [](const std::string& w) { return model(add_graph(w)); };
  seeds.add("onnx", "raw", with(tensor("w", 1, {3}, raw(floats({1, 2, 3})))));
  seeds.add("onnx", "external", with(tensor("w", 1, {3}, external("d", "0", "12"))));
  Graph graph = add_graph(tensor("w", 10, {3}, protobuf::packed(5, {0, 0x3C00, 65535})));
  graph.initializers.push_back(tensor("i", 3, {2}, protobuf::number(5, -1) + number(5, 2)));
  graph.initializers.push_back(tensor("d", 11, {1}, protobuf::real64(10, 2.5)));
  graph.initializers.push_back(tensor("u", 13, {1}, number(11, -1)));
  graph.initializers.push_back(tensor("s", 8, {1}, bytes(6, "a")));
  graph.more = bytes(13, value("h", {1})) + bytes(15, bytes(1, tensor("p", 1, {}, "")));
  graph.nodes.push_back(
      node("Custom", {"y", ""}, {"z"},
           {attribute("i", 2, number(3, 1)), attribute("f", 6, protobuf::bytes(7, floats({1}))),
            attribute("n", 7, protobuf::packed(8, {1, -2})), attribute("s", 3, bytes(4, "x")),
            attribute("l", 8, bytes(9, "x")), attribute("g", 5, bytes(6, add_graph("").message()))},
           bytes(7, "d")));
  seeds.add("onnx", "kinds",
            model(graph.message(), 20, 10,
                  bytes(14, bytes(1, "k") + bytes(2, "v")) + bytes(25, bytes(1, "F"))));
}

// One program of two tensors; one of sizes, views and what is changed in place.
void programs(const Seeds& seeds) {
  ExportedFile file;
  seeds.add("exported_program", "product", file.model);
  const auto node = [](const std::string& target, const std::string& inputs,
                       const std::string& output) {
    return nn::concat(R"({"target":"torch.ops.aten.)", target, R"(","name":")", output,
                      R"(","inputs":[)", inputs, R"(],"outputs":[{"as_tensor":{"name":")", output,
                      R"("}}]})");
  };
  const auto input = [](const std::string& name, const std::string& argument) {
    return nn::concat(R"({"name":")", name, R"(","arg":{)", argument, R"(},"kind":1})");
  };
  const auto tensor = [&](const std::string& value) {
    return input("self", nn::concat(R"("as_tensor":{"name":")", value, R"("})"));
  };
  const std::string size = nn::concat(
      R"({"target":"torch.ops.aten.sym_size.int","name":"s","inputs":[)", tensor("x"), ",",
      input("dim", R"("as_int":0)"), R"(],"outputs":[{"as_sym_int":{"as_name":"s"}}]})");
  const std::string nodes = nn::concat(
      size, ",", node("mul.Tensor", tensor("x") + "," + input("other", R"("as_float":2)"), "a"),
      ",",
      node("select.int",
           tensor("a") + "," + input("dim", R"("as_int":1)") + "," +
               input("index", R"("as_int":-1)"),
           "b"),
      ",", node("relu_.default", tensor("b"), "c"), ",",
      node("view.default",
           tensor("a") + "," + input("size", R"("as_sym_ints":[{"as_name":"s"},{"as_int":-1}])"),
           "y"));
  const std::string whole = ExportedFile::meta();
  const std::string row = ExportedFile::meta(R"([{"as_int":2}])", R"([{"as_int":3}])");
  std::string values;
  for (const std::string name : {"x", "a", "y"}) values += nn::concat('"', name, "\":", whole, ",");
  seeds.add(
      "exported_program", "in_place",
      nn::concat(
          R"({"graph_module":{"graph":{"inputs":[{"as_tensor":{"name":"x"}}],)",
          R"("outputs":[{"as_tensor":{"name":"y"}}],"nodes":[)", nodes, R"(],"tensor_values":{)",
          values, R"("b":)", row, R"(,"c":)", row,
          R"-(},"sym_int_values":{"s":{"as_expr":{"expr_str":"Symbol('s0')","hint":null}}}},)-",
          R"("signature":{"input_specs":[{"user_input":{"arg":{"as_tensor":{"name":"x"}}}}],)",
          R"("output_specs":[{"user_output":{"arg":{"as_tensor":{"name":"y"}}}}]},)",
          R"("module_call_graph":[]},"range_constraints":{"s0":{"min_val":1,"max_val":9}},)",
          R"("schema_version":{"major":8,"minor":1},"verifiers":["ATEN"],)",
          R"("torch_version":"2.6.0"})"));
}

std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string data;
  for (const std::int64_t value : values) data += onnx::number(7, value);
  return onnx::tensor(name, 7, {static_cast<std::int64_t>(values.size())}, data);
}
std::string ints(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string data;
  for (const std::int64_t value : values) data += onnx::number(8, value);
  return onnx::attribute(name, 7, data);
}

void graphs(const Seeds& seeds) {
  using namespace onnx;
  const auto weights = [](const std::string& name, const std::vector<std::int64_t>& dims) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    return tensor(name, 1, dims, raw(std::string(static_cast<std::size_t>(count) * 4, '?')));
  };
  seeds.add("onnx_graph", "convolution",
            model(Graph{{node("Conv", {"x", "w", "b"}, {"c"}, {ints("pads", {1, 0, 1, 1})}),
                         node("Relu", {"c"}, {"r"}),
                         node("MaxPool", {"r"}, {"p"}, {ints("kernel_shape", {2, 2})}),
                         node("ConvTranspose", {"p", "t"}, {"u"}, {ints("strides", {2, 2})}),
                         node("GlobalAveragePool", {"u"}, {"g"}),
                         node("Reshape", {"g", "s"}, {"f"}), node("Gemm", {"f", "m"}, {"y"})},
                        {weights("w", {2, 1, 3, 3}), weights("b", {2}), weights("t", {2, 3, 2, 2}),
                         integers("s", {1, -1}), weights("m", {3, 4})},
                        {value("x", {1, 1, 6, 6})},
                        {value("y", {1, 4})}}));
  seeds.add("onnx_graph", "sizes",
            model(Graph{{node("Shape", {"x"}, {"n"}), node("Gather", {"n", "i"}, {"b"}),
                         node("Concat", {"b", "m"}, {"s"}, {attribute("axis", 2, number(3, 0))}),
                         node("Reshape", {"x", "s"}, {"f"}), node("Expand", {"w", "n"}, {"e"}),
                         node("ConstantOfShape", {"n"}, {"z"}), node("Add", {"e", "z"}, {"h"}),
                         node("Tile", {"h", "t"}, {"q"}), node("Softmax", {"f"}, {"y"})},
                        {integers("i", {0}), integers("m", {-1}), weights("w", {1}),
                         integers("t", {1, 2, 1})},
                        {value("x", {-1, 2, 3})},
                        {value("y", {-1, 6}), value("q", {-1, 4, 3})}}));
  seeds.add(
      "onnx_graph", "indices",
      model(Graph{
          {node("Slice", {"x", "i", "e", "a", "d"}, {"s"}),
           node("Split", {"s", "p"}, {"l", "r"}, {attribute("axis", 2, number(3, 1))}),
           node("TopK", {"l", "k"}, {"v", "o"}), node("Pad", {"r", "g"}, {"b"}),
           node("Resize", {"b", "", "", "z"}, {"u"}, {attribute("mode", 3, bytes(4, "linear"))}),
           node("ReduceMean", {"u"}, {"y"}, {ints("axes", {1})}), node("ArgMax", {"v"}, {"j"}),
           node("Cast", {"j"}, {"t"}, {attribute("to", 2, number(3, 1))})},
          {integers("i", {3}), integers("e", {-9}), integers("a", {1}), integers("d", {-1}),
           integers("p", {2, 2}), integers("k", {1}), integers("g", {0, 1, 0, 0, 1, 2}),
           integers("z", {2, 5, 7})},
          {value("x", {2, 4, 3})},
          {value("y", {2, 1, 7}), value("t", {1, 2, 1})}}));
}

void views(const Seeds& seeds) {
  const std::string far = "\xF0\x40\0\0\0\0\0\0\0"s;  // 2^62
  seeds.add("tensor_view", "plain", "\2\x0C\0\2\3\4\4\1"s);
  seeds.add("tensor_view", "transposed", "\0\x0C\1\2\4\2\1\4"s);
  seeds.add("tensor_view", "expanded", "\3\x0C\1\3\5\2\3\0\3\1"s);
  seeds.add("tensor_view", "huge", "\1" + far + far + "\2" + far + "\2" + far + far);
  seeds.add("tensor_view", "empty", "\1\4\0\3\0" + far + "\1\1\1\1");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_seeds DIR\n";
    return 2;
  }
  const Seeds seeds(argv[1]);
  pickles(seeds, "pickle");
  pickles(seeds, "torch_zip");
  torch_files(seeds);
  legacy(seeds);
  scripts(seeds);
  nets(seeds);
  zips(seeds);
  numpy(seeds);
  texts(seeds);
  models(seeds);
  programs(seeds);
  graphs(seeds);
  views(seeds);
}
