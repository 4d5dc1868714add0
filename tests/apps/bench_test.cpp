#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

// Never a speed: how fast a machine is no test can say.
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

json bench_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  arguments.insert(arguments.end(), {"--json", "--seconds", "0"});
  const Outcome outcome = rushlight(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 1);
  return json::parse(outcome.out);
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

void expect_positive(const json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    ASSERT_TRUE(object[key].is_number()) << key << ": " << object[key];
    EXPECT_GT(object[key], 0) << key;
  }
}

TEST(Bench, MeasuresEveryBatch) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const json answer = bench_json({file, "--batch", "3", "1"});
  EXPECT_THAT(keys_of(answer),
              ElementsAre("assumed", "bandwidth_gb_s", "file", "model", "peak_gflops", "results",
                          "storage", "weight_bytes", "weights"));
  EXPECT_EQ(answer["model"], "mnist_convnet");
  EXPECT_EQ(answer["file"], file);
  EXPECT_EQ(answer["weights"], "loaded");
  EXPECT_EQ(answer["storage"], "float32");
  EXPECT_EQ(answer["weight_bytes"], 4 * 431080);
  expect_positive(answer, {"peak_gflops", "bandwidth_gb_s"});
  ASSERT_EQ(answer["results"].size(), 2U);
  EXPECT_EQ(answer["results"][0]["batch"], 3);
  EXPECT_EQ(answer["results"][1]["batch"], 1);
  for (const json& result : answer["results"]) {
    EXPECT_THAT(keys_of(result), ElementsAre("batch", "calls", "images_per_s", "threads",
                                             "us_per_image_median", "us_per_image_min"));
    EXPECT_EQ(result["threads"], 1);
    expect_positive(result, {"us_per_image_median", "us_per_image_min", "images_per_s"});
    EXPECT_LE(result["us_per_image_min"], result["us_per_image_median"]);
    EXPECT_GE(result["calls"], 5);
  }
}

TEST(Bench, ShowsEveryLayerOfThePreparedGraph) {
  const json answer =
      bench_json({source_path("weights/mnist_convnet.pt"), "--batch", "2", "--layers"});
  const json& layers = answer["results"].at(0)["layers"];
  std::vector<std::string> names;
  for (const json& layer : layers) {
    names.push_back(layer["name"]);
    if (layer["name"] == "flatten") {
      EXPECT_EQ(layer["us_per_image"], 0);  // read where its input stands
    } else {
      expect_positive(layer, {"us_per_image"});
    }
    if (layer["multiply_adds_per_image"] == 0) {
      EXPECT_TRUE(layer["gflops"].is_null() && layer["of_peak"].is_null()) << layer;
    } else {
      expect_positive(layer, {"gflops", "of_peak"});
    }
    if (!layer["weights_gb_s"].is_null()) expect_positive(layer, {"weights_gb_s", "of_bandwidth"});
  }
  EXPECT_THAT(names, ElementsAre("conv1", "conv2", "flatten", "fc1", "fc2", "log_softmax"));
  EXPECT_EQ(layers[0]["kind"], "Conv2d");
  EXPECT_EQ(layers[0]["outputs"], (json{{2, 20, 12, 12}}));
  EXPECT_EQ(layers[0]["multiply_adds_per_image"], 288000);
  EXPECT_EQ(layers[3]["multiply_adds_per_image"], 400000);
}

TEST(Bench, PrintsTables) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const Outcome outcome =
      rushlight({"bench", file, "--batch", "1", "5", "--seconds", "0", "--layers"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(
      outcome.out,
      AllOf(StartsWith("mnist_convnet of " + file + ": 1.72 MB of weights\none core: "),
            HasSubstr("\nbatch  threads  us/image  minimum  images/s\n    1        1  "),
            HasSubstr("\n    5        1  "), HasSubstr("\n\nbatch 1, 1 thread\nlayer  "),
            HasSubstr("\nconv2        Conv2d      [1, 50, 4, 4]  "),
            HasSubstr("\n\nbatch 5, 1 thread\nlayer  "),
            HasSubstr("\nlog_softmax  LogSoftmax  [5, 10]  "), EndsWith("can pass 100 %.\n")));

  // Numbers stand under the end of their header, also where other layers have none.
  const auto line_of = [&](const std::string& begin) {
    const std::size_t at = outcome.out.find("\n" + begin) + 1;
    return outcome.out.substr(at, outcome.out.find('\n', at) - at);
  };
  const std::string header = line_of("layer  ");
  EXPECT_EQ(line_of("flatten  ").size(), header.find("us/image") + 8) << outcome.out;
  EXPECT_EQ(line_of("conv1  ").size(), header.find("% of peak") + 9) << outcome.out;
}

TEST(Bench, MakesUpWeightsForTheNameOfANetworkAndSaysSo) {
  for (const char* name : {"mnist_convnet", "pytorch_mnist", "pytorch_mnist_2017", "lenet5", "mlp",
                           "batch_norm_convnet"}) {
    const json answer = bench_json({name, "--batch", "1"});
    EXPECT_EQ(answer["model"], name);
    EXPECT_TRUE(answer["file"].is_null());
    EXPECT_EQ(answer["weights"], "made up");
  }
  const std::string text = rushlight({"bench", "lenet5", "--batch", "1", "--seconds", "0"}).out;
  EXPECT_THAT(text, StartsWith("lenet5 with made-up weights: 0.25 MB of weights\n"));
}

TEST(Bench, StoresWeightsAsItIsTold) {
  for (const char* type : {"float32", "float16", "bfloat16"}) {
    EXPECT_EQ(bench_json({"mlp", "--batch", "1", "--storage", type})["storage"], type);
  }
  EXPECT_THAT(
      rushlight({"bench", "mlp", "--batch", "1", "--seconds", "0", "--storage", "float16"}).out,
      StartsWith("mlp with made-up weights: 2.68 MB of weights, those of linear layers stored as "
                 "float16\n"));
}

TEST(Bench, SaysInOneLineWhatItCannotDo) {
  const TemporaryFolder folder;
  const std::string text = folder.file("note.pt", "not a weights file");
  const auto refusal = [](const std::vector<std::string>& arguments) {
    const Outcome outcome = rushlight(arguments);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
    return outcome.err;
  };
  EXPECT_THAT(refusal({"bench", text}), StartsWith("rushlight: " + text + ": "));
  EXPECT_THAT(refusal({"bench", folder.path()}), StartsWith("rushlight: " + folder.path() + ": "));
  EXPECT_THAT(refusal({"bench", "resnet"}),
              StartsWith("rushlight: resnet: neither a file nor one of the known networks "
                         "(mnist_convnet, "));
}

TEST(Bench, MeasuresEachNumberOfThreads) {
  const Outcome outcome = rushlight(
      {"bench", "mlp", "--batch", "16", "--threads", "1", "2", "--seconds", "0", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto results = nlohmann::json::parse(outcome.out)["results"];
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0]["threads"], 1);
  EXPECT_EQ(results[1]["threads"], 2);
}

TEST(Bench, SaysWrongUsageWithExitCode2) {
  const std::vector<std::vector<std::string>> wrong{{},
                                                    {"mlp", "lenet5"},
                                                    {"mlp", "--batch"},
                                                    {"mlp", "--batch", "0"},
                                                    {"mlp", "--batch", "8", "-1"},
                                                    {"mlp", "--batch", "100001"},
                                                    {"mlp", "--batch", "1.5"},
                                                    {"mlp", "--threads", "0"},
                                                    {"mlp", "--threads", "x"},
                                                    {"mlp", "--seconds", "-1"},
                                                    {"mlp", "--seconds", "nan"},
                                                    {"mlp", "--seconds", "inf"},
                                                    {"mlp", "--seconds", "1s"},
                                                    {"mlp", "--storage", "int8"},
                                                    {"mlp", "--top", "3"}};
  for (std::vector<std::string> arguments : wrong) {
    arguments.insert(arguments.begin(), "bench");
    const Outcome outcome = rushlight(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, testing::Not(IsEmpty()));
  }
}

}  // namespace
