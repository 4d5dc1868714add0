// Small files that carry a graph with a byte changed or their end cut off: refused in one sentence, or
// imported and run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/import/exported_program.h>
#include <nn/import/onnx.h>
#include <nn/passes/resolve_sizes.h>
#include <nn/session.h>

#include "../error_of.h"
#include "../io/bytes.h"
#include "../io/exported_writer.h"
#include "../io/onnx_writer.h"

namespace {

using namespace test;

// Of the sizes that the file declares, 2 where it leaves them free; nothing where these are large.
std::vector<nn::TensorSpec> small_specs(const nn::ImportedGraph& net) {
  std::vector<nn::TensorSpec> specs;
  std::int64_t elements = 0;
  for (const nn::DeclaredInput& input : net.inputs) {
    std::vector<std::int64_t> sizes;
    std::int64_t here = 1;
    for (const auto& size : input.sizes) {
      sizes.push_back(size.size.value_or(2));
      if (sizes.back() < 0 || sizes.back() > 64) return {};
      here *= sizes.back();
      if (here > 4096) return {};
    }
    elements += here;
    specs.push_back({nn::Shape(sizes), input.dtype});
  }
  return elements > 4096 ? std::vector<nn::TensorSpec>() : specs;
}

// Runs it with zeros, unless that is much work.
void run_small(const nn::ImportedGraph& net) {
  const std::vector<nn::TensorSpec> specs = small_specs(net);
  if (specs.empty()) return;
  std::int64_t elements = 0;
  for (const nn::TensorSpec& spec : nn::infer(nn::resolve_sizes(net.graph, specs), specs)) {
    elements += spec.shape.numel();
    if (elements > 100'000) return;
  }
  nn::Session session(net.graph, specs, {.threads = 1});
  std::vector<nn::Tensor> zeros;
  for (const nn::TensorSpec& spec : specs) {
    zeros.push_back(nn::to(nn::Tensor(spec.shape), spec.dtype));
  }
  session(std::vector<nn::ConstTensorView>(zeros.begin(), zeros.end()));
}

// What opening, importing and running a file comes to.
std::string outcome_of_onnx(const std::string& bytes) {
  return error_of([&] {
    nn::io::at_place("m.onnx", [&] {
      run_small(nn::import_onnx(nn::io::onnx_from_bytes(as_bytes(bytes), "m.onnx"),
                                {.most_made_bytes = std::uint64_t{1} << 20}));
    });
  });
}
std::string outcome_of_program(const std::string& bytes) {
  return error_of([&] {
    nn::io::at_place("m.pt2", [&] {
      run_small(nn::import_exported_program(
          nn::io::exported_program_from_bytes(as_bytes(bytes), "m.pt2")));
    });
  });
}

void expect_refused_or_run(const std::string& outcome, const std::string& file) {
  if (outcome == "(no error)") return;
  EXPECT_THAT(outcome, testing::StartsWith(file + ": "));
  EXPECT_EQ(outcome.find('\n'), std::string::npos) << outcome;
}

// A convolution, a chain of sizes, pooling and a softmax: numbers that decide about sizes.
std::string small_net() {
  using namespace onnx;
  const auto ints = [](const std::string& name, const std::vector<std::int64_t>& values) {
    std::string all;
    for (const std::int64_t one : values) all += number(8, one);
    return attribute(name, 7, all);
  };
  const auto one = [](const std::string& name, std::int64_t of) {
    return attribute(name, 2, number(3, of));
  };
  return model(
      Graph{{node("Conv", {"x", "w"}, {"c"}, {ints("pads", {1, 1, 1, 1}), ints("strides", {2, 1})}),
             node("MaxPool", {"c"}, {"p"}, {ints("kernel_shape", {2, 2}), ints("strides", {1, 2})}),
             node("Shape", {"p"}, {"s"}), node("Gather", {"s", "i"}, {"n"}, {one("axis", 0)}),
             node("Concat", {"n", "r"}, {"t"}, {one("axis", 0)}),
             node("Reshape", {"p", "t"}, {"f"}), node("Softmax", {"f"}, {"y"}, {one("axis", 1)})},
            {tensor("w", 1, {2, 1, 3, 3}, raw(std::string(72, '\x3f'))),
             tensor("i", 7, {1}, protobuf::packed(7, {0})),
             tensor("r", 7, {1}, protobuf::packed(7, {-1}))},
            {value("x", {-1, 1, 4, 4})},
            {value("y", {-1, -1})}});
}

TEST(GraphMutation, A7A8AnOnnxNetIsRefusedOrRunsWhateverByteChanges) {
  const std::string whole = small_net();
  ASSERT_EQ(outcome_of_onnx(whole), "(no error)");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    const std::string outcome = outcome_of_onnx(whole.substr(0, length));
    EXPECT_NE(outcome, "(no error)");
    expect_refused_or_run(outcome, "m.onnx");
  }
  std::size_t ran = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      SCOPED_TRACE(nn::concat(at, " by ", change));
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const std::string outcome = outcome_of_onnx(changed);
      expect_refused_or_run(outcome, "m.onnx");
      ran += outcome == "(no error)";
    }
  }
  EXPECT_GT(ran, 100U);  // weights, and names that nothing reads
  EXPECT_LT(ran, whole.size() * 5);
}

// Behind the checksums, which a writer can make right.
TEST(GraphMutation, A7A8AProgramIsRefusedOrRunsWhateverByteOfItsTextChanges) {
  const ExportedFile whole;
  ASSERT_EQ(outcome_of_program(whole.bytes()), "(no error)");
  std::size_t ran = 0, refused = 0;
  for (std::string ExportedFile::*const part : {&ExportedFile::model, &ExportedFile::config}) {
    const std::string& text = whole.*part;
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char by : {'0', '9', '-', '"', '{', ']', ',', 'e', '\0', '\xff'}) {
        if (text[at] == by) continue;
        SCOPED_TRACE(nn::concat(at, " by ", by));
        ExportedFile changed;
        (changed.*part)[at] = by;
        const std::string outcome = outcome_of_program(changed.bytes());
        expect_refused_or_run(outcome, "m.pt2");
        ++(outcome == "(no error)" ? ran : refused);
      }
      ExportedFile cut;
      (cut.*part).resize(at);
      expect_refused_or_run(outcome_of_program(cut.bytes()), "m.pt2");
    }
  }
  EXPECT_GT(ran, 100U);
  EXPECT_GT(refused, ran);
}

}  // namespace
