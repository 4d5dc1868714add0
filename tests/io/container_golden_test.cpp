// Every container of PyTorch with every element type and layout, against the values that PyTorch
// reads (tools/make_container_golden.py).
#include <nn/io/state_dict.h>

#include "expected.h"

namespace {

using namespace test;
using nn::StateDict;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/containers";

class ContainerGolden : public testing::TestWithParam<const char*> {};

TEST_P(ContainerGolden, EveryFileReadsAsPyTorchReadsIt) {
  const auto files = read_expected(folder / GetParam() / "expected.txt");
  EXPECT_GE(files.size(), 27U);
  for (const auto& [file, tensors] : files) {
    if (file == "legacy_module.pt") continue;
    SCOPED_TRACE(file);
    expect_tensors(StateDict::open(folder / GetParam() / file), tensors);
    expect_tensors(StateDict::open(folder / GetParam() / file, {.mmap = true}), tensors);
  }
}

INSTANTIATE_TEST_SUITE_P(PyTorch, ContainerGolden, testing::Values("torch-1.13", "torch-2.15"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::ranges::replace(name, '-', '_');
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
