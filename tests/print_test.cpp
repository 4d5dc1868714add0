#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include <nn/tensor.h>

#include "golden.h"

namespace {

std::size_t expect_texts(const std::string& file) {
  std::size_t texts = 0;
  for (const std::string& name : golden_cases(file)) {
    const nn::Tensor stored = golden(file, name + ".text");
    const auto bytes = stored.as<std::uint8_t>();
    EXPECT_EQ(to_text(golden(file, name + ".x").view()), std::string(bytes.begin(), bytes.end()))
        << name;
    ++texts;
  }
  return texts;
}

TEST(Print, WritesExactlyWhatPyTorchWrites) { EXPECT_GT(expect_texts("print.pt"), 60U); }

TEST(Print, WritesFloatsOf8BitsAndUnsignedIntegersAsPyTorchDoes) {
  EXPECT_GT(expect_texts("dtype/print.pt"), 70U);
}

TEST(Print, WritesToStreams) {
  std::ostringstream out;
  out << nn::tensor({0.0321F, 0.25F}) << '\n' << nn::tensor({1, 2}).view();
  EXPECT_EQ(out.str(), "tensor([0.0321, 0.2500])\ntensor([1., 2.])");
}

}  // namespace
