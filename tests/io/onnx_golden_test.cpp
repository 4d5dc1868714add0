// ONNX files of both exporters of PyTorch, and one of every element type, against what the `onnx`
// package reads (tools/make_onnx_golden.py).
#include <gtest/gtest.h>

#include "bytes.h"
#include "onnx_text.h"

namespace {

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/onnx";

class OnnxGolden : public testing::TestWithParam<const char*> {};

TEST_P(OnnxGolden, EveryFileReadsAsOnnxReadsIt) {
  const auto path = folder / (std::string(GetParam()) + ".onnx");
  EXPECT_EQ(test::described(nn::io::open_onnx(path)),
            test::contents(folder / (std::string(GetParam()) + ".txt")));
}

INSTANTIATE_TEST_SUITE_P(PyTorch, OnnxGolden,
                         testing::Values("script_11", "script_13", "script_17", "dynamo_inline",
                                         "dynamo_external", "all_types"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
