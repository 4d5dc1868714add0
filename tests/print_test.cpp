#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include <nn/tensor.h>

#include "golden.h"

namespace {

TEST(Print, WritesExactlyWhatPyTorchWrites) {
  std::size_t texts = 0;
  for (const std::string& name : golden_cases("print.pt")) {
    const nn::Tensor stored = golden("print.pt", name + ".text");
    const auto bytes = stored.as<std::uint8_t>();
    EXPECT_EQ(to_text(golden("print.pt", name + ".x").view()),
              std::string(bytes.begin(), bytes.end()))
        << name;
    ++texts;
  }
  EXPECT_GT(texts, 60U);
}

TEST(Print, WritesToStreams) {
  std::ostringstream out;
  out << nn::tensor({0.0321F, 0.25F}) << '\n' << nn::tensor({1, 2}).view();
  EXPECT_EQ(out.str(), "tensor([0.0321, 0.2500])\ntensor([1., 2.])");
}

}  // namespace
