// Programs of torch.export that ask for what there is not, or mean harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/import/exported_program.h>
#include <nn/session.h>

#include "../error_of.h"
#include "../io/bytes.h"
#include "../io/exported_writer.h"

namespace {

using namespace test;
using testing::AllOf;
using testing::HasSubstr;

// What the importer says of the small program with one part replaced.
std::string refusal(const std::string& what, const std::string& by) {
  const std::string bytes = ExportedFile().replace(what, by).bytes();
  return error_of([&] {
    nn::import_exported_program(nn::io::exported_program_from_bytes(as_bytes(bytes), "m.pt2"));
  });
}

const std::string product = "torch.ops.aten.mul.Tensor";
const std::string first = R"({"name":"self","arg":{"as_tensor":{"name":"x"}},"kind":1})";
const std::string second = R"({"name":"other","arg":{"as_tensor":{"name":"p_w"}},"kind":1})";

std::string argument(const std::string& name, const std::string& value) {
  return nn::concat(R"({"name":")", name, R"(","arg":{)", value, R"(},"kind":1})");
}

TEST(ExportedRefusal, X5NamesUnknownTargetsAndCallsNothing) {
  EXPECT_EQ(refusal(product, "os.system"),
            "m.pt2: these operators are not supported: os.system (1 time, first at node 'mul' "
            "(os.system))");
  EXPECT_THAT(refusal(product, "torch.ops.higher_order.cond"),
              HasSubstr("not supported: torch.ops.higher_order.cond (1 time"));
  EXPECT_THAT(refusal(product, "torch.ops.aten._.default"),
              HasSubstr("'mul' (torch.ops.aten._.default)); ep.run_decompositions() takes many"));
}

TEST(ExportedRefusal, X7RefusesWindowsWhoseSumsWouldOverflow) {
  const std::string size = argument("kernel_size", R"("as_ints":[1,1])");
  const std::string step = argument("stride", R"("as_ints":[9223372036854775807,1])");
  const std::string bytes = ExportedFile()
                                .replace(product, "torch.ops.aten.max_pool2d.default")
                                .replace(second, size + "," + step)
                                .bytes();
  EXPECT_THAT(
      error_of([&] {
        nn::import_exported_program(nn::io::exported_program_from_bytes(as_bytes(bytes), "m.pt2"));
      }),
      HasSubstr("argument 'stride' holds 9223372036854775807, expected at most"));
}

TEST(ExportedRefusal, X5ListsAllOperatorsAtOnceBeforeAWeightIsRead) {
  ExportedFile file;
  const std::string node =
      R"({"target":"my.op","name":"a","inputs":[],"outputs":[]},{"target":"my.op","name":"b",)"
      R"("inputs":[],"outputs":[]},{"target":"your.op","name":"c","inputs":[],"outputs":[]},)";
  file.replace(R"("nodes":[)", R"("nodes":[)" + node);
  file.weight.back() ^= 1;  // its checksum is that of make_zip, so nothing is wrong with it
  const auto program = nn::io::exported_program_from_bytes(as_bytes(file.bytes()), "m.pt2");
  EXPECT_EQ(error_of([&] { nn::import_exported_program(program); }),
            "m.pt2: these operators are not supported: my.op (2 times, first at node 'a' (my.op)), "
            "your.op (1 time, first at node 'c' (your.op))");
}

TEST(ExportedRefusal, X5ListsAsManyOperatorsAsAFileMayHaveAtOnce) {
  std::string nodes = R"("nodes":[)";
  for (int i = 0; i < 40'000; ++i) {
    nodes += nn::concat(R"({"target":"o)", i, R"(","name":"n","inputs":[],"outputs":[]},)");
  }
  const std::string message = refusal(R"("nodes":[)", nodes);
  EXPECT_THAT(message, AllOf(HasSubstr("o31 (1 time"), HasSubstr(" and 39968 more")));
}

TEST(ExportedRefusal, X10NamesTheNodeAndTheArgument) {
  const std::string node = "m.pt2: node 'mul' (torch.ops.aten.mul.Tensor): ";
  EXPECT_EQ(refusal(first, argument("me", R"("as_tensor":{"name":"x"})")),
            node + "argument 'self' is missing");
  EXPECT_EQ(refusal(second, argument("other", R"("as_string":"2")")),
            node + "argument 'other' is text 2, expected an integer");
}

TEST(ExportedRefusal, RefusesWhatIsExportedInTrainingMode) {
  ExportedFile file;
  file.replace(product, "torch.ops.aten.dropout.default");
  file.replace(first, argument("input", R"("as_tensor":{"name":"x"})"));
  file.replace(second, argument("train", R"("as_bool":true)"));
  const auto program = nn::io::exported_program_from_bytes(as_bytes(file.bytes()), "m.pt2");
  EXPECT_THAT(error_of([&] { nn::import_exported_program(program); }),
              HasSubstr("in training mode: export the model after model.eval()"));
}

// A few bytes that ask for terabytes.
TEST(ExportedRefusal, RefusesTensorsThatAreLargerThanAFileMayAskFor) {
  const auto of = [](const std::string& target, const std::string& name, const std::string& value) {
    ExportedFile file;
    file.replace(product, "torch.ops.aten." + target);
    file.replace(second, argument(name, value));
    const auto program = nn::io::exported_program_from_bytes(as_bytes(file.bytes()), "m.pt2");
    return error_of([&] { nn::import_exported_program(program); });
  };
  EXPECT_THAT(of("zeros.default", "size", R"("as_ints":[1048576,1048576])"),
              HasSubstr("a tensor of shape [1048576, 1048576] is asked for"));
  EXPECT_THAT(of("zeros.default", "size", R"("as_ints":[4611686018427387904,4])"),
              HasSubstr("is asked for"));
  EXPECT_THAT(of("arange.default", "end", R"("as_int":9223372036854775807)"),
              HasSubstr("elements are asked for"));
  EXPECT_THAT(of("arange.default", "end", R"("as_float":"Infinity")"), HasSubstr("arange gives"));
  EXPECT_THAT(of("repeat.default", "repeats", R"("as_ints":[4096,1048576])"),
              HasSubstr("it repeats 1048576 times"));
}

TEST(ExportedRefusal, SizesAreNoTensorsThatBearTheirName) {
  ExportedFile file;
  file.replace(product, "torch.ops.aten.zeros.default");
  file.replace(second, argument("size", R"("as_sym_ints":[{"as_name":"p_w"}])"));
  const auto program = nn::io::exported_program_from_bytes(as_bytes(file.bytes()), "m.pt2");
  EXPECT_THAT(error_of([&] { nn::import_exported_program(program); }),
              HasSubstr("'p_w' is a tensor, expected a size"));
}

TEST(ExportedRefusal, TheSmallProgramItselfRuns) {
  const std::string bytes = ExportedFile().bytes();
  const auto net =
      nn::import_exported_program(nn::io::exported_program_from_bytes(as_bytes(bytes), "m.pt2"));
  nn::Session session(net.graph, {2, 3});
  const nn::Tensor y = session(nn::tensor({{1, 2, 3}, {4, 5, 6}}));
  EXPECT_THAT(y.f32(), testing::ElementsAre(0, 2, 6, 12, 20, 30));
}

}  // namespace
