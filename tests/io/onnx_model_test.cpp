#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/file_beneath.h>
#include <nn/io/onnx_model.h>

#include "onnx_text.h"
#include "onnx_writer.h"
#include "temporary_folder.h"

namespace {

using namespace test;
using namespace test::onnx;
using nn::io::OnnxModel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

OnnxModel open(const std::string& bytes) {
  return nn::io::onnx_from_bytes(as_bytes(bytes), "m.onnx");
}
const std::string w = tensor("w", 1, {3}, raw(floats({1, 2, 3})));

TEST(OnnxModel, TellsVersionsValuesNodesAndAttributes) {
  const OnnxModel model = open(small_model());
  EXPECT_EQ(model.ir_version, 8);
  EXPECT_EQ(model.producer_name, "test");
  EXPECT_THAT(model.opsets, ElementsAre(Pair("", 17)));
  ASSERT_EQ(model.nodes.size(), 2U);
  const auto& node = model.nodes[1];
  EXPECT_EQ(place_of(node, 1), "node 1 (LeakyRelu)");
  EXPECT_EQ(node.find("alpha")->f, 0.5F);
  EXPECT_EQ(node.find("beta"), nullptr);
  EXPECT_THAT(model.read(*node.find("c")->t).as<std::int64_t>(), ElementsAre(3, -1));
  EXPECT_THAT(model.read(model.initializers[0]).f32(), ElementsAre(1, 2, 3));
  EXPECT_FALSE(model.inputs[0].dims[0].size);
  EXPECT_EQ(model.inputs[0].dims[0].symbol, "N");
  EXPECT_EQ(model.inputs[0].dims[1].size, 3);
}

TEST(OnnxModel, InputsThatAreInitializersAreNoInputs) {
  Graph graph = add_graph(w);
  graph.inputs.push_back(value("w", {3}));
  const OnnxModel model = open(onnx::model(graph));
  ASSERT_EQ(model.inputs.size(), 1U);
  EXPECT_EQ(model.inputs[0].name, "x");
}

TEST(OnnxModel, NotesOfTheWriterAreKeptUnlessTheyAreLarge) {
  const auto note = [](const std::string& key, const std::string& text) {
    return bytes(14, bytes(1, key) + bytes(2, text));
  };
  const OnnxModel model = open(onnx::model(
      add_graph(w).message(), 17, 8, note("a", "b") + note("large", std::string(100'000, 'x'))));
  EXPECT_THAT(model.metadata_props, ElementsAre(Pair("a", "b")));
}

TEST(OnnxModel, AGraphThatOccursInTwoPartsIsMerged) {
  Graph first = add_graph(w);
  const std::string second = bytes(7, bytes(1, node("Relu", {"y"}, {"z"})));
  EXPECT_EQ(open(onnx::model(first.message(), 17, 8, second)).nodes.size(), 2U);
}

TEST(OnnxModel, T19BoolsAreZeroOrOneWhereverTheyStand) {
  for (const std::string& values : {raw("\2\1\xFF"), protobuf::packed(5, {2, 1, 255})}) {
    const OnnxModel model = open(onnx::model(add_graph(tensor("w", 9, {3}, values))));
    const nn::Tensor bools = model.read(model.initializers[0]);
    EXPECT_THAT(as_bytes("\1\1\1"), testing::ElementsAreArray(bools.view().bytes()));
  }
}

TEST(OnnxModel, T22OtherElementTypesAreListedAndRefusedWhenRead) {
  Graph graph = add_graph(w);
  graph.initializers.push_back(tensor("s", 8, {1}, bytes(6, "text")));
  const OnnxModel model = open(onnx::model(graph));
  EXPECT_EQ(model.initializers[1].type, "string");
  EXPECT_EQ(refusal([&] { model.read(model.initializers[1]); }),
            "m.onnx: tensor 's': it cannot be used: its element type is string");
  EXPECT_THAT(model.read(model.initializers[0]).f32(), ElementsAre(1, 2, 3));
}

TEST(OnnxModel, O12ExternalDataIsReadFromTheModelsFolderOnly) {
  const Folder folder;
  const auto path =
      folder.file("m.onnx", onnx::model(add_graph(tensor("w", 1, {3}, external("d", "4")))));
  folder.file("d", floats({0, 1, 2, 3}));
  const OnnxModel model = nn::io::open_onnx(path);
  EXPECT_THAT(model.read(model.initializers[0]).f32(), ElementsAre(1, 2, 3));
  folder.file("d", floats({0, 1, 2}));
  EXPECT_THAT(
      refusal([&] { model.read(model.initializers[0]); }),
      HasSubstr("m.onnx: tensor 'w': external data 'd': tensor 'w' needs 12 bytes at byte"));
  std::filesystem::remove(folder / "d");
  std::filesystem::create_symlink("e", folder / "d");
  folder.file("e", floats({0, 1, 2, 3}));
  EXPECT_THAT(refusal([&] { model.read(model.initializers[0]); }), HasSubstr("it is a link"));
  EXPECT_THAT(refusal([&] { open(onnx::model(add_graph(tensor("w", 1, {3}, external("d"))))); }),
              HasSubstr("these bytes are no file; open the model by its path"));
}

TEST(OnnxModel, O12AModelInTheCurrentFolderFindsItsData) {
  const Folder folder;
  folder.file("m.onnx", onnx::model(add_graph(tensor("w", 1, {3}, external("d")))));
  folder.file("d", floats({1, 2, 3}));
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const std::string message = refusal([] { nn::io::open_onnx("m.onnx"); });
  std::filesystem::current_path(before);
  EXPECT_EQ(message, "accepted");
}

TEST(OnnxModel, A11AFileCutShortAfterOpeningIsAnError) {
  const Folder folder;
  for (const std::string& values : {raw(floats({1, 2, 3})), bytes(4, floats({1, 2, 3}))}) {
    const auto path = folder.file("m.onnx", onnx::model(add_graph(tensor("w", 1, {3}, values))));
    const OnnxModel model = nn::io::open_onnx(path);
    std::filesystem::resize_file(path, 20);
    EXPECT_THAT(refusal([&] { model.read(model.initializers[0]); }), HasSubstr("cut short"));
  }
}

TEST(OnnxModel, MessagesNameTheFileAndEscapeNames) {
  Graph graph = add_graph(w);
  graph.nodes = {node("Relu", {"a\x1B[31m"}, {"y"}, {}, bytes(3, "n\n"))};
  EXPECT_THAT(refusal([&] { open(onnx::model(graph)); }),
              HasSubstr("m.onnx: graph: node 0 'n\\x0a' (Relu) takes 'a\\x1b[31m'"));
}

}  // namespace
