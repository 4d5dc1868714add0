#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "bytes.h"
#include "zip_writer.h"

namespace {

using namespace test;
using nn::Shape;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

StateDict open(const std::string& json) {
  const auto zip = make_zip({{"m/version", "1\n"},
                             {"m/tensors/0", floats({0, 1, 2, 3, 4, 5})},
                             {"m/tensors/1", bytes_of(std::vector<std::int64_t>{7})},
                             {"m/code/m.py", "op_version_set = 0\n"},
                             {"m/model.json", json}});
  return StateDict::from_bytes(as_bytes(zip.bytes), "m.pt");
}
std::string refused(const std::string& json) {
  return refusal([&] { open(json); });
}

std::string tensor(const std::string& dims, const std::string& strides, int offset = 0,
                   const std::string& type = "FLOAT", const std::string& key = "tensors/0") {
  return R"({"dims":)" + dims + R"(,"offset":")" + std::to_string(offset) + R"(","strides":)" +
         strides + R"(,"requiresGrad":true,"dataType":")" + type + R"(","data":{"key":")" + key +
         R"("},"device":"cpu"})";
}
std::string parameter(const std::string& name, int tensor, bool is_buffer = false) {
  return R"({"isBuffer":)" + std::string(is_buffer ? "true" : "false") + R"(,"tensorId":")" +
         std::to_string(tensor) + R"(","name":")" + name + R"("})";
}
std::string model(const std::string& module, const std::string& tensors) {
  return R"({"protoVersion":"2","mainModule":)" + module +
         R"(,"producerName":"pytorch","producerVersion":"1.0","tensors":[)" + tensors + "]}";
}
// A module with the one parameter 'w'.
std::string of_tensor(const std::string& tensor) {
  return model(R"({"parameters":[)" + parameter("w", 0) + R"(],"name":"Net"})", tensor);
}

TEST(TorchScriptJson, NamesTheTensorsOfTheTreeAsAStateDictDoes) {
  const std::string inner = R"({"submodules":[{"parameters":[)" + parameter("weight", 0) +
                            R"(],"name":"0"}],"name":"block"})";
  const std::string net =
      R"({"submodules":[)" + inner +
      R"(,{"parameters":[],"name":"empty"}],"torchscriptArena":{"key":"code/m.py"},"parameters":[)" +
      parameter("count", 2, true) + "," + parameter("scale", 1) +
      R"(],"name":"Net","optimize":true})";
  const StateDict state = open(model(net, tensor(R"(["2","2"])", R"(["1","2"])") + "," +
                                              tensor(R"(["2"])", R"(["1"])", 4) + "," +
                                              tensor("[]", "[]", 0, "INT64", "tensors/1")));
  EXPECT_EQ(state.format(), "TorchScript archive of 2019");
  ASSERT_EQ(state.entries().size(), 3U);
  EXPECT_EQ(state.entries()[0].name, "scale");
  EXPECT_EQ(state.entries()[1].name, "count");
  EXPECT_EQ(state.entries()[2].name, "block.0.weight");
  EXPECT_THAT(state.read("scale").f32(), ElementsAre(4, 5));
  EXPECT_THAT(state.read("count").as<std::int64_t>(), ElementsAre(7));
  EXPECT_EQ(state.read("block.0.weight").shape(), Shape({2, 2}));
  EXPECT_THAT(state.read("block.0.weight").f32(), ElementsAre(0, 2, 1, 3));
  state.verify();
}

TEST(TorchScriptJson, TakesNumbersAndTheNamesOfTheProtoFile) {
  EXPECT_THAT(open(R"({"main_module":{"parameters":[{"tensor_id":0,"name":"w"}]},
                       "tensors":[{"dims":[2],"strides":[3],"data_type":"FLOAT",
                                   "data":{"key":"tensors/0"}}]})")
                  .read("w")
                  .f32(),
              ElementsAre(0, 3));
}

TEST(TorchScriptJson, T1ToT8RefusesViewsBeyondTheirStorage) {
  EXPECT_EQ(refused(of_tensor(tensor("[6]", "[1]"))), "accepted");
  EXPECT_THAT(refused(of_tensor(tensor("[7]", "[1]"))),
              StartsWith("m.pt: m/model.json: tensor 0: sizes [7] with strides [1] from element 0 "
                         "reach beyond the storage of 6 elements"));
  EXPECT_THAT(refused(of_tensor(tensor("[6]", "[1]", 1))), HasSubstr("reach beyond"));
  EXPECT_THAT(refused(of_tensor(tensor("[2,3]", "[1]"))), HasSubstr("2 dimensions, the strides 1"));
  EXPECT_THAT(refused(of_tensor(tensor("[-1]", "[1]"))), HasSubstr("expected"));
  EXPECT_THAT(refused(of_tensor(tensor(R"(["-1"])", "[1]"))), HasSubstr("expected an unsigned"));
  EXPECT_THAT(refused(of_tensor(tensor(R"(["18446744073709551615"])", "[1]"))),
              HasSubstr("is too large"));
  EXPECT_THAT(refused(of_tensor(tensor("[4294967296,4294967296]", "[1,1]"))),
              HasSubstr("overflow"));
  EXPECT_THAT(refusal([] { open(of_tensor(tensor("[1099511627776]", "[0]"))).read("w"); }),
              HasSubstr("it repeats 24 bytes"));
}

TEST(TorchScriptJson, RefusesDescriptionsThatDoNotFitTheFile) {
  EXPECT_THAT(refused(of_tensor(tensor("[1]", "[1]", 0, "FLOAT", "tensors/9"))),
              HasSubstr("the entry 'm/tensors/9' is missing"));
  EXPECT_THAT(refused(of_tensor(tensor("[1]", "[1]", 0, "FLOAT", "../x"))),
              HasSubstr("the entry 'm/../x' is missing"));
  EXPECT_THAT(refused(of_tensor(tensor("[1]", "[1]", 0, "STRING"))),
              HasSubstr("element type 'STRING'"));
  EXPECT_THAT(refused(of_tensor(tensor("[1]", "[1]") + "," + tensor("[1]", "[1]", 0, "DOUBLE"))),
              HasSubstr("elements of float32 for one tensor and of float64 for another"));
  EXPECT_THAT(refused(of_tensor("")), HasSubstr("parameter 'w' is tensor 0, there are 0"));
  EXPECT_THAT(
      refused(model(R"({"parameters":[)" + parameter("w", 0) + "," + parameter("w", 0) + "]}",
                    tensor("[1]", "[1]"))),
      HasSubstr("two tensors are named 'w'"));
  EXPECT_THAT(refused(R"({"tensors":[]})"), HasSubstr("expected 'mainModule'"));
  EXPECT_THAT(refused(R"({"mainModule":{},"tensors":[]})"), HasSubstr("has no parameters"));
  EXPECT_THAT(refused(R"({"mainModule":{},"mainModule":{},"tensors":[]})"), HasSubstr("twice"));
  EXPECT_THAT(refused("[]"), StartsWith("m.pt: m/model.json: byte 0"));
  EXPECT_THAT(refused("{} x"), HasSubstr("expected the end of the text"));
}

TEST(TorchScriptJson, ModulesNestWithoutRecursion) {
  std::string deep = R"({"parameters":[)" + parameter("w", 0) + R"(],"name":"m"})";
  for (int level = 0; level < 25; ++level) deep = R"({"submodules":[)" + deep + R"(],"name":"m"})";
  EXPECT_EQ(open(model(deep, tensor("[1]", "[1]"))).entries()[0].name.size(), 51U);
  for (int level = 0; level < 1000; ++level) deep = R"({"submodules":[)" + deep + "]}";
  EXPECT_THAT(refused(model(deep, tensor("[1]", "[1]"))),
              AllOf(HasSubstr("deep"), HasSubstr("64")));
}

}  // namespace
