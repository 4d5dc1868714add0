// X: programs of torch.export, for their own reader.
#include "exported_cases.h"

#include <nn/error.h>
#include <nn/io/exported_program.h>

#include "../io/exported_writer.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;

const std::string honest = "torch.ops.aten.mul.Tensor\nw float32 [2, 3]\n";

// A file of one part that is replaced.
std::string with(const std::string& what, const std::string& by) {
  return ExportedFile().replace(what, by).bytes();
}
Case bad(const std::string& id, const std::string& name, const std::string& what,
         const std::string& by, std::vector<std::string> fragments) {
  return refused(id, name, with(what, by), std::move(fragments));
}
std::string of_model(const std::string& text) {
  ExportedFile file;
  file.model = text;
  return file.bytes();
}
// The config's tensor with other sizes, strides and offset.
Case view(const std::string& id, const std::string& name, const std::string& sizes,
          const std::string& strides_text, const std::string& offset, const std::string& fragment) {
  ExportedFile file;
  file.config = nn::concat(
      R"({"config":{"w":{"path_name":"weight_0","use_pickle":false,"tensor_meta":{"dtype":7,"sizes":)",
      sizes, R"(,"strides":)", strides_text, R"(,"storage_offset":)", offset, R"(,"layout":7}}}})");
  return refused(id, name, file.bytes(), {"weights_config.json: tensor 'w': ", fragment});
}

void archives(Cases& cases) {
  const std::string bytes = ExportedFile().bytes();
  cases.push_back(accepted("X1", "honest", bytes, honest));
  cases.push_back(refused("X1", "cut", bytes.substr(0, bytes.size() - 1), {""}));
  cases.push_back(refused("X1", "bytes_behind", bytes + "x", {""}));
  ExportedFile file;
  file.extra = {{"other/models/model.json", "{}"}};
  cases.push_back(refused("X1", "two_folders", file.bytes(), {"is not in the folder 'm/'"}));
  file = {};
  file.format = "pt3";
  cases.push_back(refused("X2", "format", file.bytes(), {"m/archive_format: found 'pt3'"}));
  file = {};
  file.version = "1";
  cases.push_back(refused("X2", "version", file.bytes(), {"m/archive_version: found '1'"}));
  file = {};
  file.byteorder = "big";
  cases.push_back(refused("X2", "big_endian", file.bytes(), {"m/byteorder: found 'big'"}));
  auto without = ExportedFile().items();
  without.erase(without.begin() + 3);
  cases.push_back(refused("X2", "no_program", make_zip(without).bytes, {"holds no program"}));
}

void texts(Cases& cases) {
  const std::string whole = ExportedFile().model;
  cases.push_back(refused("X3", "cut", of_model(whole.substr(0, whole.size() / 2)), {"byte "}));
  cases.push_back(refused("X3", "empty", of_model(""), {"expected an object"}));
  cases.push_back(refused("X3", "behind", of_model(whole + "{}"), {"the end of the text"}));
  cases.push_back(refused("X3", "deep", of_model("{\"a\":" + std::string(100'000, '[')),
                          {"nested more than 64 deep"}));
  cases.push_back(bad("X3", "key_twice", R"("verifiers":)", R"("graph_module":{},"verifiers":)",
                      {"the key 'graph_module' twice"}));
  cases.push_back(bad("X3", "number_as_string", R"({"as_tensor":{"name":"x"}},"kind":1)",
                      R"({"as_int":"1"},"kind":1)", {"expected an integer of 64 bits"}));
  cases.push_back(bad("X3", "nan_as_integer", R"({"as_tensor":{"name":"x"}},"kind":1)",
                      R"({"as_int":NaN},"kind":1)", {"expected an integer of 64 bits"}));
  cases.push_back(bad("X4", "major_9", R"("major":8)", R"("major":9)", {"schema version 9.20"}));
  cases.push_back(bad("X4", "no_version", "schema_version", "version", {"'schema_version'"}));
  cases.push_back(
      accepted("X4", "minor_newer", with(R"("minor":20)", R"("minor":99,"patch":[1])"), honest));
  // Which operators there are is the importer's to say: a target is a text, and nothing is called.
  cases.push_back(accepted("X5", "os_system", with("torch.ops.aten.mul.Tensor", "os.system"),
                           "os.system\nw float32 [2, 3]\n"));
  cases.push_back(
      bad("X5", "no_target", "torch.ops.aten.mul.Tensor", "", {"expected the 'target'"}));
  std::string nodes = "[" + repeated("{\"target\":\"a\"},", 70'000);
  nodes.back() = ']';
  ExportedFile many;
  many.replace(R"("nodes":[)", R"("nodes":)" + nodes + R"(,"x":[)");
  cases.push_back(refused("X5", "70000_nodes", many.bytes(), {"more than 65536 nodes"}));
}

void weights(Cases& cases) {
  for (const auto& [name, path] :
       {std::pair{"outside", "../x"}, {"absolute", "/etc/passwd"}, {"missing", "weight_1"}}) {
    cases.push_back(bad("X6", name, "weight_0", path, {"tensor 'w': ", "is missing"}));
  }
  const std::string sizes = R"([{"as_int":2},{"as_int":3}])";
  const std::string steps = R"([{"as_int":3},{"as_int":1}])";
  const std::string zero = R"({"as_int":0})";
  cases.push_back(view("X7", "too_large", R"([{"as_int":3},{"as_int":3}])", steps, zero, ""));
  cases.push_back(view("X7", "negative", R"([{"as_int":-2},{"as_int":3}])", steps, zero, ""));
  cases.push_back(view("X7", "overflow", R"([{"as_int":4294967296},{"as_int":4294967296}])", steps,
                       zero, "overflow"));
  cases.push_back(view("X7", "rank", R"([{"as_int":2}])", steps, zero, ""));
  cases.push_back(view("X7", "offset", sizes, steps, R"({"as_int":1})", ""));
  cases.push_back(view("X7", "symbolic", R"([{"as_expr":{"expr_str":"s0"}},{"as_int":3}])", steps,
                       zero, "its size is symbolic ('s0')"));
  cases.push_back(bad("X7", "other_sizes_in_the_graph", R"("sizes":[{"as_int":2},{"as_int":3}])",
                      R"("sizes":[{"as_int":3},{"as_int":2}])", {"the graph expects another"}));
  cases.push_back(bad("X8", "dtype", R"("dtype":7)", R"("dtype":99)", {"element type 99"}));
  cases.push_back(bad("X8", "layout", R"("layout":7)", R"("layout":8)", {"layout 8"}));
  cases.push_back(accepted("X9", "pickled", with(R"("use_pickle":false)", R"("use_pickle":true)"),
                           "torch.ops.aten.mul.Tensor\nw unreadable\n"));
}

void graphs(Cases& cases) {
  const std::string self = R"({"name":"self","arg":{"as_tensor":{"name":"x"}},"kind":1})";
  cases.push_back(bad("X10", "twice", self, self + "," + self, {"input 'self' is given twice"}));
  cases.push_back(bad("X10", "no_argument", R"("arg":{"as_tensor":{"name":"x"}},)", "",
                      {"input 'self' has no 'arg'"}));
  cases.push_back(bad("X10", "undefined", R"("arg":{"as_tensor":{"name":"x"}},)",
                      R"("arg":{"as_tensor":{"name":"y"}},)",
                      {"node 'mul'", "'y', which no input"}));
  cases.push_back(bad("X10", "defined_twice", R"("outputs":[{"as_tensor":{"name":"y"}}]}])",
                      R"("outputs":[{"as_tensor":{"name":"x"}}]}])", {"'x' is defined twice"}));
  cases.push_back(bad("X11", "not_in_the_weights", R"("parameter_name":"w")",
                      R"("parameter_name":"v")", {"tensor 'v', which is not among"}));
  cases.push_back(bad("X11", "another_name", R"({"arg":{"name":"p_w"})", R"({"arg":{"name":"q"})",
                      {"in its signature 'q'"}));
  cases.push_back(bad("X12", "no_number_fits", R"("min_val":1)", R"("min_val":65)",
                      {"which nothing satisfies"}));
  cases.push_back(accepted("X13", "sample_inputs", ExportedFile().bytes(), honest));
}

}  // namespace

Cases exported_cases() {
  Cases cases;
  archives(cases);
  texts(cases);
  weights(cases);
  graphs(cases);
  return cases;
}

std::string described_program(const std::string& bytes, const std::string& name) {
  const auto program = nn::io::exported_program_from_bytes(as_bytes(bytes), name);
  std::string text;
  for (const auto& node : program.nodes) text += node.target + '\n';
  for (const auto fqn : program.weights.names()) {
    const auto& entry = *program.weights.find(fqn);
    const bool readable = entry.unreadable.empty();
    text += readable ? nn::concat(fqn, ' ', to_text(program.read(fqn).view().spec()), '\n')
                     : nn::concat(fqn, " unreadable\n");
  }
  return text;
}

}  // namespace test::hostile
