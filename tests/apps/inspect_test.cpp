#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Inspect, ListsTheTensorsOfAFile) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const Outcome outcome = rushlight({"inspect", "--json", file});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["file"], file);
  EXPECT_EQ(answer["format"], "torch.save zip");
  EXPECT_EQ(answer["model"], "mnist_convnet");
  ASSERT_EQ(answer["tensors"].size(), 8U);
  EXPECT_EQ(answer["tensors"][0]["name"], "conv1.weight");
  EXPECT_EQ(answer["tensors"][0]["dtype"], "float32");
  EXPECT_EQ(answer["tensors"][0]["shape"], (json{20, 1, 5, 5}));
  EXPECT_THAT(rushlight({"inspect", file}).out, HasSubstr("fc2.bias      float32  [10]"));
}

TEST(Inspect, SaysWhichKernelsASessionChooses) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const Outcome outcome = rushlight({"inspect", "--kernels", "--json", file});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json layers = json::parse(outcome.out)["layers"];
  ASSERT_GE(layers.size(), 4U);
  EXPECT_EQ(layers[0]["name"], "conv1");
  EXPECT_EQ(layers[0]["kernel"], "Winograd, rows of 4");
  EXPECT_EQ(layers[1]["kernel"], "Winograd, tiles of 4 x 4");
  EXPECT_EQ(layers[1]["output"], (json{1, 50, 4, 4}));
  EXPECT_EQ(layers.back()["kind"], "LogSoftmax");
  EXPECT_TRUE(layers.back()["kernel"].is_null());
  EXPECT_THAT(rushlight({"inspect", "--kernels", file}).out, HasSubstr("packed"));
  EXPECT_FALSE(json::parse(rushlight({"inspect", "--json", file}).out).contains("layers"));
}

TEST(Inspect, PrintsNothingWhenAByteOfAWeightIsWrong) {
  const TemporaryFolder folder;
  std::string content = content_of(source_path("weights/mnist_convnet.pt"));
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  const Outcome outcome = rushlight({"inspect", folder.file("flipped.pt", content)});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("checksum"));
}

}  // namespace
