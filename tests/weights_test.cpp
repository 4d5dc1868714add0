#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include <models/mnist_convnet.h>
#include <nn/nn.h>

// The shipped weights against their card, which train.py wrote from PyTorch's own results.
namespace {

using nlohmann::json;

const std::string folder = RUSHLIGHT_SOURCE_DIR "/weights/";

json card() {
  std::ifstream file(folder + "mnist_convnet.expected.json");
  return json::parse(file);
}

void expect_log_probabilities(const nn::Tensor& pixels, const json& expected) {
  nn::Graph net = models::mnist_convnet();
  nn::load(net, nn::StateDict::open(folder + "mnist_convnet.pt"));
  nn::Session session(net, {1, 1, 28, 28});
  const nn::Tensor y = session(nn::normalize(pixels));
  ASSERT_EQ(expected.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    const double value = expected[i];
    EXPECT_NEAR(static_cast<double>(y.f32()[i]), value, 1e-5 * (1 + std::abs(value))) << i;
  }
}

TEST(Weights, GivePyTorchsLogProbabilitiesForTheCardsPattern) {
  nn::Tensor pixels({28, 28}, nn::DType::uint8);
  std::size_t i = 0;
  for (std::uint8_t& pixel : pixels.as<std::uint8_t>())
    pixel = static_cast<std::uint8_t>(i++ * 37 % 256);
  expect_log_probabilities(pixels, card()["log_probabilities"]);
}

TEST(Weights, GivePyTorchsLogProbabilitiesForTheCardsDigit) {
  nn::Tensor pixels({28, 28}, nn::DType::uint8);
  for (std::size_t row = 4; row <= 23; ++row) {
    for (std::size_t col = 13; col <= 15; ++col) pixels.as<std::uint8_t>()[row * 28 + col] = 255;
  }
  expect_log_probabilities(pixels, card()["digit"]["log_probabilities"]);
}

TEST(Weights, HaveTheChecksumOfTheCard) {
  FILE* const pipe = popen(("sha256sum '" + folder + "mnist_convnet.pt'").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char sum[65] = {};
  EXPECT_EQ(std::fread(sum, 1, 64, pipe), 64U);
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(card()["sha256"], sum);
  std::ifstream readme(folder + "README.md");
  std::ostringstream text;
  text << readme.rdbuf();
  EXPECT_NE(text.str().find(sum), std::string::npos) << "README.md has another sha256";
}

TEST(Weights, HaveAsManyParametersAsTheTutorialsNet) {
  EXPECT_EQ(card()["parameters"], models::mnist_convnet().parameter_count());
}

}  // namespace
