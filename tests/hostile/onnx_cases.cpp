// O: ONNX files, as far as the reader judges them; what operators refuse is not among them.
#include <fstream>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

#include "../io/onnx_writer.h"
#include "case.h"

namespace test::hostile {
namespace {

namespace fs = std::filesystem;
using namespace onnx;
using protobuf::packed;
using protobuf::real;
using protobuf::real64;
using protobuf::tag;
using protobuf::varint;

Case bad(const std::string& id, const std::string& name, const std::string& file,
         const std::string& fragment) {
  Case one = refused(id, name, file, {fragment});
  one.reader = Reader::onnx;
  return one;
}
Case good(const std::string& id, const std::string& name, const std::string& file,
          const std::string& described) {
  Case one = accepted(id, name, file, described);
  one.reader = Reader::onnx;
  return one;
}

const std::string three = raw(floats({1, 2, 3}));
const std::string w = tensor("w", 1, {3}, three);
const std::string head =
    "ir 8 producer test graph g\nopset '' 17\ninput x float32 [N, 3]\noutput y float32 [N, 3]\n";
const std::string w_line = "initializer w float32 [3] 0000803f0000004000004040\n";
const std::string add_line = "node '' Add (x, w) -> (y)\n";

std::string with_w(const std::string& w_message) { return model(add_graph(w_message)); }
Case bad_w(const std::string& id, const std::string& name, const std::string& w_message,
           const std::string& fragment) {
  return bad(id, name, with_w(w_message), fragment);
}
Case good_w(const std::string& id, const std::string& name, const std::string& w_message,
            const std::string& line) {
  return good(id, name, with_w(w_message), head + line + "\n" + add_line);
}

void wire(Cases& cases) {
  cases.push_back(bad("O1", "empty", "", "the file is empty (0 bytes)"));
  std::mt19937 random(7);
  for (int i = 0; i < 8; ++i) {
    std::string bytes;
    for (int byte = 0; byte < 300; ++byte) bytes += static_cast<char>(random());
    cases.push_back(bad("O2", "random_" + std::to_string(i), bytes, ""));
  }
  cases.push_back(bad("O2", "weights", u64(2) + "{}", "no ONNX model"));
  const std::string whole = small_model();
  for (std::size_t part = 1; part < 10; ++part) {
    cases.push_back(bad("O3", "first_" + std::to_string(part) + "_of_10",
                        whole.substr(0, whole.size() * part / 10), ""));
  }
  const auto start = [&](const std::string& name, const std::string& bytes,
                         const std::string& fragment) {
    cases.push_back(bad("O4", name, number(1, 8) + bytes + small_model(), fragment));
  };
  start("varint_of_11_bytes", tag(5, 0) + std::string(10, '\x80') + "\1", "more than 10 bytes");
  start("length_beyond", tag(99, 2) + varint(1'000'000), "field 99 has 1000000 bytes");
  start("length_2_64", tag(99, 2) + varint(~std::uint64_t{0}), "has 18446744073709551615 bytes");
  start("wire_type_3", tag(99, 3), "a group, which is not read");
  start("wire_type_4", tag(99, 4), "a group, which is not read");
  start("wire_type_6", tag(99, 6), "which does not exist");
  start("wire_type_7", tag(99, 7), "which does not exist");
  start("field_0", tag(0, 0) + "\1", "field number 0");
  start("other_wire_type", bytes(1, "8"), "field 1 is a length and bytes, expected a varint");
  cases.push_back(
      good("O4", "unknown_fields",
           number(1, 8) + number(77, 1) + real64(78, 1) + bytes(79, "x") + real(80, 1) + with_w(w),
           head + w_line + add_line));
  cases.push_back(
      good_w("O4", "packed_and_not",
             packed(1, {3}) + number(2, 1) + bytes(8, "w") + real(4, 1) + bytes(4, floats({2, 3})),
             w_line.substr(0, w_line.size() - 1)));
  std::string groups;
  for (int i = 0; i < 100'000; ++i) groups += tag(99, 3);
  cases.push_back(bad("O5", "groups", number(1, 8) + groups, "a group"));
  // 3 000 graphs in attributes of one another: none of them is entered.
  std::string nested = "x";
  for (int i = 0; i < 3'000; ++i) {
    nested = bytes(1, bytes(5, attribute("b", 5, bytes(6, nested))));
  }
  Graph graph = add_graph(w);
  graph.nodes.push_back(node("If", {"y"}, {"z"}, {attribute("b", 5, bytes(6, nested))}));
  cases.push_back(good("O5", "subgraphs", model(graph),
                       head + w_line + add_line + "node '' If (y) -> (z)\n  b g\n"));
}

void versions(Cases& cases) {
  const std::string graph = add_graph(w).message();
  cases.push_back(bad("O6", "no_graph", number(1, 8) + bytes(8, number(2, 17)), "no graph"));
  cases.push_back(bad("O6", "empty_graph", model(""), "graph: the graph has no outputs"));
  cases.push_back(
      bad("O6", "no_opset", number(1, 8) + bytes(7, graph), "there is no opset_import"));
  for (const std::int64_t opset : {0, -1, 6, 29, 999}) {
    cases.push_back(bad("O6", "opset_" + std::to_string(opset), model(graph, opset),
                        "opset " + std::to_string(opset) + ", expected 7 to 28"));
  }
  for (const std::int64_t ir : {0, -1, 2, 15, 999}) {
    cases.push_back(bad("O6", "ir_" + std::to_string(ir), model(graph, 17, ir),
                        "ir_version " + std::to_string(ir) + ", expected 3 to 14"));
  }
  cases.push_back(bad("O6", "no_ir", bytes(7, graph) + bytes(8, number(2, 17)), "ir_version 0"));
  cases.push_back(bad("O6", "two_opsets", model(graph) + bytes(8, number(2, 13)),
                      "has the versions 17 and 13"));
  cases.push_back(bad("O6", "other_domain_only",
                      number(1, 8) + bytes(7, graph) + bytes(8, bytes(1, "a") + number(2, 1)),
                      "no version of the standard's operators"));
  cases.push_back(
      bad("O20", "training", model(graph, 17, 8, bytes(20, "")), "the model has training_info"));
  const std::string function = bytes(25, bytes(1, "Add"));
  cases.push_back(bad("O20", "function", model(graph, 17, 8, function),
                      "node 0 (Add) calls the function 'Add' of the model"));
  cases.push_back(good("O20", "unused_function",
                       model(graph, 17, 8, bytes(25, bytes(1, "F") + bytes(10, "d"))),
                       head + w_line + add_line + "function d.F\n"));
}

void tensors(Cases& cases) {
  cases.push_back(bad_w("O7", "raw_short", tensor("w", 1, {3}, raw(floats({1, 2}))),
                        "tensor 'w': raw_data has 8 bytes, float32 [3] needs 12"));
  cases.push_back(bad_w("O7", "raw_long", tensor("w", 1, {3}, raw(floats({1, 2, 3}) + "x")),
                        "raw_data has 13 bytes"));
  cases.push_back(bad_w("O7", "numbers_short", tensor("w", 1, {3}, real(4, 1)),
                        "it has 1 numbers, float32 [3] needs 3"));
  cases.push_back(bad_w("O8", "both", tensor("w", 1, {3}, three + bytes(4, floats({1, 2, 3}))),
                        "given more than once"));
  cases.push_back(
      bad_w("O8", "none", tensor("w", 1, {3}, ""), "it has no values, float32 [3] needs 12"));
  cases.push_back(bad_w("O8", "wrong_field", tensor("w", 1, {3}, packed(7, {1, 2, 3})),
                        "stand in field 7, those of float32 belong into field 4"));
  cases.push_back(bad_w("O8", "raw_and_external", tensor("w", 1, {3}, three + external("a")),
                        "given more than once"));
  cases.push_back(
      bad_w("O8", "location_2", tensor("w", 1, {3}, three + number(14, 2)), "data_location is 2"));
  cases.push_back(bad_w("O8", "too_large_a_number", tensor("w", 3, {1}, packed(5, {128})),
                        "the number 128 does not fit int8"));
  cases.push_back(
      good_w("O8", "empty", tensor("w", 1, {0, 3}, ""), "initializer w float32 [0, 3] "));
  cases.push_back(
      bad_w("O9", "negative", tensor("w", 1, {-3}, three), "the size -3 of a dimension"));
  cases.push_back(bad_w("O9", "overflow",
                        tensor("w", 1, {std::int64_t{1} << 32, std::int64_t{1} << 32}, three),
                        "overflow"));
  cases.push_back(bad_w("O9", "overflow_with_0",
                        tensor("w", 1, {std::int64_t{1} << 32, std::int64_t{1} << 32, 0}, ""),
                        "overflow"));
  cases.push_back(bad_w("O9", "2_40_without_data", tensor("w", 1, {std::int64_t{1} << 40}, ""),
                        "it has no values"));
  cases.push_back(bad_w("O9", "2_62", tensor("w", 1, {std::int64_t{1} << 62}, ""), "overflow"));
  cases.push_back(bad_w("O9", "rank_10000",
                        tensor("w", 1, std::vector<std::int64_t>(10'000, 1), three),
                        "more than 32 dimensions"));
  cases.push_back(bad_w("O10", "type_0", tensor("w", 0, {3}, three), "data_type 0 is not one"));
  cases.push_back(bad_w("O10", "type_99", tensor("w", 99, {3}, three), "data_type 99 is not one"));
  cases.push_back(bad_w("O10", "type_-1", tensor("w", -1, {3}, three), "data_type -1 is not one"));
  cases.push_back(good_w("O10", "string", tensor("w", 8, {1}, bytes(6, "a")),
                         "initializer w string [1] unreadable"));
  cases.push_back(
      good_w("O10", "int4", tensor("w", 22, {3}, raw("ab")), "initializer w int4 [3] unreadable"));
  cases.push_back(bad_w("O11", "no_name", tensor("", 1, {3}, three), "an initializer has no name"));
  Graph twice = add_graph(w);
  twice.initializers.push_back(w);
  cases.push_back(bad("O11", "twice", model(twice), "two initializers are named 'w'"));
  Graph output = add_graph(w);
  output.initializers.push_back(tensor("y", 1, {3}, three));
  cases.push_back(bad("O11", "also_an_output", model(output),
                      "node 0 (Add) computes 'y', which an input, an initializer or another node"));
  cases.push_back(
      bad_w("O21", "segment", tensor("w", 1, {3}, three + bytes(3, "")), "one segment"));
}

// A model whose 'w' is external, in a folder where `prepare` has put something.
Case outside(const std::string& name, const std::string& values, const std::string& fragment,
             std::function<void(const fs::path&)> prepare = {}) {
  Case one = bad("O12", name, "", fragment);
  one.make = [=](const fs::path& folder) {
    if (prepare) prepare(folder);
    std::ofstream(folder / "m.onnx", std::ios::binary) << with_w(tensor("w", 1, {3}, values));
    return folder / "m.onnx";
  };
  return one;
}

void put_data(const fs::path& path) {
  std::ofstream(path, std::ios::binary) << floats({0, 1, 2, 3});
}

void external_data(Cases& cases) {
  const auto data = [](const fs::path& folder) { put_data(folder / "d"); };
  for (const auto& [name, location] : {std::pair{"parent", "../d"},
                                       {"parent_in_the_middle", "a/../../d"},
                                       {"parent_alone", ".."},
                                       {"parent_last", "a/.."},
                                       {"empty_part", "a//d"},
                                       {"slash_last", "d/"}}) {
    cases.push_back(outside(name, external(location), "expected a name that stays in", data));
  }
  for (const auto& [name, location] : {std::pair{"absolute", "/etc/passwd"},
                                       {"environment", "/proc/self/environ"},
                                       {"drive", "C:d"},
                                       {"backslash", "a\\..\\d"}}) {
    cases.push_back(outside(name, external(location), "relative to the model's folder", data));
  }
  cases.push_back(
      outside("nul", external(std::string("d\0e", 3)), "relative to the model's folder", data));
  cases.push_back(outside("empty", entry("location", "") + number(14, 1), "the name is empty"));
  cases.push_back(outside("long", external(std::string(1024, 'd')), "File name too long"));
  cases.push_back(outside("dot", external("."), "the model's folder itself", data));
  cases.push_back(outside("address", external("*/_ORT_MEM_ADDR_/*"), "address in the memory"));
  cases.push_back(outside("missing", external("d"),
                          "external data 'd': cannot open the file: No such file or directory; the "
                          "data has to lie beneath the model's folder"));
  cases.push_back(outside("missing_folder", external("a/d"), "No such file or directory"));
  cases.push_back(outside("directory", external("d"), "this is a directory",
                          [](const fs::path& folder) { fs::create_directory(folder / "d"); }));
  cases.push_back(outside("fifo", external("d"), "a pipe, socket or device", [](const fs::path& f) {
    static_cast<void>(mkfifo((f / "d").c_str(), 0600));
  }));
  cases.push_back(outside("link", external("d"), "it is a link", [](const fs::path& folder) {
    put_data(folder / "e");
    fs::create_symlink("e", folder / "d");
  }));
  cases.push_back(
      outside("linked_folder", external("a/d"), "it is a link", [](const fs::path& folder) {
        fs::create_directory(folder / "b");
        put_data(folder / "b/d");
        fs::create_symlink("b", folder / "a");
      }));
  cases.push_back(
      outside("hard_link", external("d"), "2 names (hard links)", [](const fs::path& f) {
        put_data(f / "e");
        fs::create_hard_link(f / "e", f / "d");
      }));
  cases.push_back(outside("no_location", entry("offset", "0") + number(14, 1), "no location"));
  cases.push_back(outside("unknown_key", entry("mode", "w") + external("d"), "unknown key 'mode'"));
  cases.push_back(
      outside("key_twice", entry("offset", "0") + external("d", "0"), "'offset' occurs twice"));
  for (const std::string text : {"-1", "abc", "0x10", "1e3", " 0", "0 ", "18446744073709551616"}) {
    cases.push_back(outside("offset_" + text, external("d", text),
                            "offset is '" + text + "', expected a decimal number", data));
  }
  cases.push_back(outside("offset_empty", entry("offset", "") + external("d"), "offset is ''"));
  for (const std::string text : {"8", "5", "16", "18446744073709551615"}) {
    cases.push_back(outside("offset_beyond_" + text, external("d", text),
                            "needs 12 bytes at byte " + text + ", the file has 16", data));
  }
  for (const std::string text : {"0", "11", "13", "18446744073709551615"}) {
    cases.push_back(outside("length_" + text, external("d", "0", text),
                            "length is " + text + ", the tensor needs 12 bytes", data));
  }
  Case fine = outside("fine", external("a/./d", "4", "12"), "", [](const fs::path& folder) {
    fs::create_directory(folder / "a");
    put_data(folder / "a/d");
  });
  fine.fragments.clear();
  fine.tensors = head + w_line + add_line;
  cases.push_back(fine);
  cases.push_back(
      bad("O12", "not_a_file", with_w(tensor("w", 1, {3}, external("d"))), "external data"));
}

void graphs(Cases& cases) {
  const auto nodes = [](const std::vector<std::string>& list) {
    Graph graph = add_graph(w);
    graph.nodes = list;
    return model(graph);
  };
  cases.push_back(bad("O13", "cycle",
                      nodes({node("Add", {"x", "b"}, {"y"}), node("Relu", {"y"}, {"b"})}),
                      "node 0 (Add) takes 'b', which only the later node 1 (Relu) computes"));
  cases.push_back(
      bad("O13", "self_loop", nodes({node("Add", {"x", "y"}, {"y"})}), "takes its own output 'y'"));
  cases.push_back(bad("O13", "undefined", nodes({node("Add", {"x", "q"}, {"y"})}),
                      "takes 'q', which is no input, no initializer"));
  cases.push_back(bad("O13", "output_twice",
                      nodes({node("Relu", {"x"}, {"y"}), node("Relu", {"x"}, {"y"})}),
                      "node 1 (Relu) computes 'y'"));
  cases.push_back(bad("O13", "output_twice_in_a_node", nodes({node("Split", {"x"}, {"y", "y"})}),
                      "computes 'y'"));
  cases.push_back(
      bad("O13", "input_computed", nodes({node("Relu", {"w"}, {"x"})}), "computes 'x'"));
  cases.push_back(bad("O13", "output_never", nodes({node("Relu", {"x"}, {"z"})}),
                      "the graph's output 'y' is no input"));
  Graph graph = add_graph(w);
  graph.inputs.push_back(value("x", {1}));
  cases.push_back(
      bad("O13", "inputs_twice", model(graph), "two inputs of the graph are named 'x'"));
  graph = add_graph(w);
  graph.outputs.push_back(value("y", {1}));
  cases.push_back(bad("O13", "outputs_twice", model(graph), "two outputs of the graph"));
  cases.push_back(good("O13", "unused_node",
                       nodes({node("Add", {"x", "w"}, {"y"}), node("Relu", {"x"}, {"z"})}),
                       head + w_line + add_line + "node '' Relu (x) -> (z)\n"));
  std::vector<std::string> chain;
  std::string chain_text;
  for (int i = 0; i < 20'000; ++i) {
    const std::string from = i == 0 ? "x" : "h" + std::to_string(i - 1);
    const std::string to = i == 19'999 ? "y" : "h" + std::to_string(i);
    chain.push_back(node("Relu", {from}, {to}));
    chain_text += "node '' Relu (" + from + ") -> (" + to + ")\n";
  }
  cases.push_back(good("O13", "chain_of_20000", nodes(chain), head + w_line + chain_text));
  chain.back() = node("Relu", {"q"}, {"y"});
  cases.push_back(bad("O13", "chain_with_a_hole", nodes(chain), "takes 'q'"));
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += bytes(1, "\x22\1A");
  cases.push_back(bad("O13", "100000_nodes", model(many), "100000 nodes, the limit is 65536"));
  many.clear();
  for (int i = 0; i < 60'000; ++i) many += bytes(5, tensor(std::to_string(i), 1, {0}, ""));
  cases.push_back(bad("O13", "60000_initializers", model(many), "more than 25165824 bytes"));
  std::string inputs;
  for (int i = 0; i < 1'000'000; ++i) inputs += bytes(1, "x");
  cases.push_back(bad("O14", "a_million_inputs", nodes({inputs + bytes(4, "Concat")}),
                      "more than 25165824 bytes"));
  cases.push_back(bad("O14", "no_type", nodes({node("", {"x"}, {"y"})}), "there is no op_type"));
  cases.push_back(bad("O14", "name_not_utf8", nodes({node("\xFF", {"x"}, {"y"})}), "is not UTF-8"));
  cases.push_back(bad("O14", "name_of_1025", nodes({node(std::string(1025, 'a'), {"x"}, {"y"})}),
                      "has 1025 bytes, expected at most 1024"));
  cases.push_back(good("O14", "absent_input", nodes({node("Clip", {"x", "", "w"}, {"y", ""})}),
                       head + w_line + "node '' Clip (x, , w) -> (y, )\n"));
  Graph sparse = add_graph(w);
  sparse.initializers.clear();
  sparse.more = bytes(15, bytes(1, w));
  cases.push_back(bad("O20", "sparse", model(sparse), "takes the sparse initializer 'w'"));
}

void attributes(Cases& cases) {
  const auto with = [](const std::vector<std::string>& list) {
    Graph graph = add_graph(w);
    graph.nodes = {node("Relu", {"x"}, {"y"}, list)};
    return model(graph);
  };
  const auto bad_one = [&](const std::string& name, const std::string& one,
                           const std::string& fragment) {
    cases.push_back(bad("O15", name, with({one}), fragment));
  };
  const auto good_one = [&](const std::string& name, const std::string& one,
                            const std::string& line) {
    cases.push_back(good("O15", name, with({one}),
                         head + w_line + "node '' Relu (x) -> (y)\n  a " + line + "\n"));
  };
  bad_one("wrong_type", attribute("a", 2, real(2, 1)), "its type is i, but it holds f");
  bad_one("two_values", attribute("a", 2, number(3, 1) + real(2, 1)), "it holds both i and f");
  bad_one("type_15", attribute("a", 15, number(3, 1)), "type 15 is not one");
  bad_one("nothing", attribute("a", 0, ""), "it has neither a type nor a value");
  bad_one("no_tensor", attribute("a", 4, ""), "it holds no tensor");
  bad_one("no_name", attribute("", 2, number(3, 1)), "it has no name");
  bad_one("reference", attribute("a", 2, bytes(21, "b")), "ref_attr_name");
  bad_one("bad_tensor", attribute("a", 4, bytes(5, tensor("t", 1, {3}, ""))),
          "node 0 (Relu): attribute 'a': tensor 't': it has no values");
  const std::string one = attribute("a", 2, number(3, 1));
  cases.push_back(bad("O15", "twice", with({one, one}), "the attribute 'a' occurs twice"));
  cases.push_back(bad("O15", "257", with(std::vector<std::string>(257, one)), "the limit is 256"));
  good_one("without_type", attribute("a", 0, number(3, 5)), "i 5");
  good_one("zero_left_out", attribute("a", 2, ""), "i 0");
  good_one("packed", attribute("a", 7, packed(8, {1, 2}) + number(8, 3)), "ints 1 2 3");
  good_one("last_wins", attribute("a", 2, number(3, 1) + number(3, 2)), "i 2");
  good_one(
      "merged_tensor",
      attribute("a", 4, bytes(5, tensor("", 7, {2}, packed(7, {1}))) + bytes(5, packed(7, {2}))),
      "t int64 [2] 01000000000000000200000000000000");
}

}  // namespace

Cases onnx_cases() {
  Cases cases;
  wire(cases);
  versions(cases);
  tensors(cases);
  external_data(cases);
  graphs(cases);
  attributes(cases);
  return cases;
}

}  // namespace test::hostile
