// Every element type in every container and layout, against the values that PyTorch reads
// (tools/make_dtype_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expected.h"

namespace {

using namespace test;
using nn::StateDict;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/dtype";

void expect_file(const std::string& file, const std::string& expected = "expected.txt") {
  SCOPED_TRACE(file);
  const auto files = read_expected(folder / expected);
  ASSERT_TRUE(files.contains(file));
  expect_tensors(StateDict::open(folder / file), files.at(file));
}

TEST(Dtype, EveryTypeAndLayoutOfAZipReadsAsPyTorchReadsIt) {
  const auto tensors = read_expected(folder / "expected.txt").at("zip.pt");
  EXPECT_EQ(tensors.size(), 18U * 12U);
  expect_file("zip.pt");
  expect_file("zip_1.13.pt", "expected_1.13.txt");
}

TEST(Dtype, EveryTypeAndLayoutOfALegacyStreamReadsAsPyTorchReadsIt) {
  expect_file("legacy.pt");
  expect_file("legacy_1.13.pt", "expected_1.13.txt");
  expect_file("legacy_untyped.pt");  // which torch.save writes and torch.load cannot read
}

TEST(Dtype, BigEndianStoragesAreSwappedAsPyTorchSwapsThem) { expect_file("big_endian.pt"); }

TEST(Dtype, LazilyNegatedViewsAreNegatedAsPyTorchNegatesThem) { expect_file("negated.pt"); }

TEST(Dtype, EveryTypeOfSafetensorsReadsAsPyTorchReadsIt) { expect_file("plain.safetensors"); }

TEST(Dtype, EveryTypeAndOrderOfNumPyReadsAsPyTorchReadsIt) { expect_file("arrays.npz"); }

}  // namespace
