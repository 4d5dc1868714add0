// Files that PyTorch, safetensors and NumPy wrote, against the values that PyTorch reads from them
// (tools/make_io_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/io/state_dict.h>

#include "expected.h"

namespace {

using namespace test;
using nn::StateDict;
using testing::HasSubstr;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/io";

std::string everything(const StateDict& state) {
  std::string text;
  for (const auto& entry : state.entries()) {
    text += entry.name + to_text(entry.shape) + hex(state.read(entry.name));
  }
  return text;
}

TEST(Golden, EveryFileReadsAsPyTorchReadsIt) {
  const auto files = read_expected(folder / "expected.txt");
  EXPECT_GE(files.size(), 14U);
  for (const auto& [file, tensors] : files) {
    SCOPED_TRACE(file);
    expect_tensors(StateDict::open(folder / file), tensors);
  }
}

TEST(Golden, AWholeModuleHasTheNamesOfItsStateDict) {
  const StateDict module = StateDict::open(folder / "module.pt");
  const StateDict state = StateDict::open(folder / "state_dict.pt");
  ASSERT_EQ(module.entries().size(), state.entries().size());
  for (std::size_t i = 0; i < state.entries().size(); ++i) {
    EXPECT_EQ(module.entries()[i].name, state.entries()[i].name);
    EXPECT_EQ(module.entries()[i].shape, state.entries()[i].shape);
  }
}

TEST(Golden, ALegacyStreamReadsAsTheArchiveOfTheSameTensors) {
  EXPECT_EQ(everything(StateDict::open(folder / "legacy.pt")),
            everything(StateDict::open(folder / "checkpoint.pt")));
}

TEST(Golden, N5AnArrayOfObjectsIsRefused) {
  EXPECT_THAT(refusal([] { StateDict::open(folder / "objects.npy"); }),
              HasSubstr("is a pickle, which is never executed"));
}

}  // namespace
