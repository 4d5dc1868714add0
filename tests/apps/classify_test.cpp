#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <nn/io/state_dict.h>

#include "../image/picture_builder.h"
#include "../io/safetensors_writer.h"
#include "../io/torch_writer.h"
#include "program.h"

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<json> lines_of(const std::string& out) {
  std::vector<json> lines;
  std::istringstream stream(out);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

std::vector<std::string> samples() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("samples"))) {
    if (entry.path().extension() != ".md") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

std::string white_png() {
  using namespace picture_builder;
  std::string rows;
  for (int y = 0; y < 40; ++y) rows += '\0' + std::string(40, '\xff');
  return png(ihdr(40, 40, 8, 0), idat(rows));
}

TEST(Classify, ReadsEverySampleRight) {
  const std::vector<std::string> files = samples();
  ASSERT_GE(files.size(), 12U);
  std::vector<std::string> arguments{"classify", "--json"};
  arguments.insert(arguments.end(), files.begin(), files.end());
  const Outcome outcome = rushlight(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::vector<json> answers = lines_of(outcome.out);
  ASSERT_EQ(answers.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(answers[i]["file"], files[i]);
    EXPECT_EQ(answers[i]["label"],
              std::filesystem::path(files[i]).filename().string().substr(0, 1));
  }
}

TEST(Classify, StoresWeightsAsItIsTold) {
  const auto probability = [](const std::string& type) {
    const Outcome outcome =
        rushlight({"classify", "--json", source_path("samples/1_thin_pen.png"), "--storage", type});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const json answer = lines_of(outcome.out).at(0);
    EXPECT_EQ(answer["label"], "1");
    return answer["probability"].get<double>();
  };
  EXPECT_NE(probability("float16"), probability("float32"));
  EXPECT_NE(probability("bfloat16"), probability("float32"));
  EXPECT_NEAR(probability("bfloat16"), probability("float32"), 0.01);
}

TEST(Classify, PrintsTheProbabilitiesOfAllClassesSortedAndSummingToOne) {
  const std::string file = source_path("samples/7_ink_on_paper.png");
  const Outcome outcome = rushlight({"classify", "--json", file});
  const json answer = lines_of(outcome.out).at(0);
  EXPECT_EQ(answer["classes"].size(), 10U);
  EXPECT_EQ(answer["classes"][0]["label"], answer["label"]);
  EXPECT_EQ(answer["classes"][0]["probability"], answer["probability"]);
  double sum = 0;
  double last = 1;
  for (const json& item : answer["classes"]) {
    EXPECT_LE(item["probability"], last);
    last = item["probability"];
    sum += last;
  }
  EXPECT_NEAR(sum, 1, 1e-5);

  const Outcome text = rushlight({"classify", "--top", "2", file});
  EXPECT_THAT(text.out, StartsWith(file + ": 7\ndigit  probability\n    7       0.99"));
  EXPECT_EQ(std::ranges::count(text.out, '\n'), 4);
}

TEST(Classify, ABlankPictureHasNoLabelAndTheOthersContinue) {
  const TemporaryFolder folder;
  const std::string blank = folder.file("blank.png", white_png());
  const std::string seven = source_path("samples/7_ink_on_paper.png");
  const Outcome outcome = rushlight({"classify", "--json", "--top", "1", blank, seven});
  EXPECT_EQ(outcome.exit_code, 1);
  const std::vector<json> answers = lines_of(outcome.out);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0], (json{{"file", blank}, {"label", nullptr}, {"reason", "blank"}}));
  EXPECT_EQ(answers[1]["label"], "7");
  EXPECT_EQ(rushlight({"classify", blank}).out, blank + ": blank, nothing is drawn on it\n");
}

TEST(Classify, SaysInOneLineWhatCannotBeRead) {
  const TemporaryFolder folder;
  const std::string text = folder.file("note.png", "not a picture");
  const std::string cut =
      folder.file("cut.png", content_of(source_path("samples/7_ink_on_paper.png")).substr(0, 500));
  const std::string missing = folder.path() + "/none.png";
  for (const std::string& file : {text, cut, missing, folder.path()}) {
    const Outcome outcome = rushlight({"classify", file});
    EXPECT_EQ(outcome.exit_code, 1) << file;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, StartsWith("rushlight: " + file + ": "));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  }
  EXPECT_EQ(rushlight({"classify", missing, source_path("samples/3_small.png")}).exit_code, 1);
}

TEST(Classify, TakesTheSameWeightsAsSafetensors) {
  const TemporaryFolder folder;
  const std::string weights = source_path("weights/mnist_convnet.pt");
  const nn::StateDict state = nn::StateDict::open(weights);
  json header;
  std::string data;
  for (const auto& entry : state.entries()) {
    const nn::Tensor tensor = state.read(entry.name);
    const auto begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.data()), tensor.nbytes());
    header[entry.name] = {
        {"dtype", "F32"}, {"shape", entry.shape}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string converted =
      folder.file("weights.safetensors", test::safetensors(header.dump(), data));
  const std::string picture = source_path("samples/7_ink_on_paper.png");
  const Outcome outcome = rushlight({"classify", "--json", "--model", converted, picture});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, rushlight({"classify", "--json", "--model", weights, picture}).out);
  const json inspected = json::parse(rushlight({"inspect", "--json", converted}).out);
  EXPECT_EQ(inspected["format"], "safetensors");
  EXPECT_EQ(inspected["model"], "mnist_convnet");
}

TEST(Classify, RefusesWeightsThatItCannotUse) {
  const TemporaryFolder folder;
  const std::string picture = source_path("samples/7_ink_on_paper.png");
  const auto refusal = [&](const std::string& weights) {
    const Outcome outcome = rushlight({"classify", "--model", weights, picture});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, StartsWith("rushlight: " + weights + ": "));
    return outcome.err;
  };
  EXPECT_THAT(refusal(folder.file(
                  "lfs.pt", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")),
              HasSubstr("Git-LFS pointer"));
  EXPECT_THAT(refusal(folder.file("empty.pt", "")), HasSubstr("empty"));
  const std::string whole = content_of(source_path("weights/mnist_convnet.pt"));
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    refusal(folder.file("cut.pt", whole.substr(0, size)));
  }
  // Called by Python's pickle; named and refused here.
  const std::string marker = folder.path() + "/marker";
  test::TorchFile attack;
  attack.program = test::pickle::call("os", "system", {test::pickle::text("touch " + marker)});
  EXPECT_THAT(refusal(folder.file("attack.pt", attack.bytes())),
              AllOf(HasSubstr("os"), HasSubstr("system"), HasSubstr("executed")));
  EXPECT_FALSE(std::filesystem::exists(marker));

  test::TorchFile other;
  other.program = test::pickle::ordered_dict() + "(" + test::pickle::text("conv1.weight") +
                  test::pickle::vector("0", 2) + test::pickle::text("extra") +
                  test::pickle::vector("1", 2) + "u";
  other.storages = {{"0", std::string(8, '\0')}, {"1", std::string(8, '\0')}};
  EXPECT_THAT(
      refusal(folder.file("other.pt", other.bytes())),
      AllOf(HasSubstr("Missing key(s)"), HasSubstr("Unexpected key(s) in state_dict: \"extra\""),
            HasSubstr("size mismatch for conv1.weight")));
}

TEST(Classify, SaysThatANetworkGivesNaNAndPrintsNoClass) {
  using namespace test::pickle;
  const TemporaryFolder folder;
  test::TorchFile file;  // batch_norm_convnet, all weights NaN
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes{
      {"layer1.0.weight", {16, 1, 5, 5}},  {"layer1.0.bias", {16}},
      {"layer1.1.weight", {16}},           {"layer1.1.bias", {16}},
      {"layer1.1.running_mean", {16}},     {"layer1.1.running_var", {16}},
      {"layer2.0.weight", {32, 16, 5, 5}}, {"layer2.0.bias", {32}},
      {"layer2.1.weight", {32}},           {"layer2.1.bias", {32}},
      {"layer2.1.running_mean", {32}},     {"layer2.1.running_var", {32}},
      {"fc.weight", {10, 1568}},           {"fc.bias", {10}}};
  file.program = ordered_dict() + "(";
  std::string nan;
  for (int i = 0; i < 15680; ++i) nan += std::string("\0\0\xc0\x7f", 4);
  for (const auto& [name, sizes] : shapes) {
    std::int64_t count = 1;
    std::vector<std::int64_t> strides(sizes.size());
    for (std::size_t i = sizes.size(); i-- > 0;) {
      strides[i] = count;
      count *= sizes[i];
    }
    const std::string key = std::to_string(file.storages.size());
    file.program += text(name) + tensor(storage(key, count), sizes, strides);
    file.storages.emplace_back(key, nan.substr(0, static_cast<std::size_t>(count) * 4));
  }
  file.program += "u";
  const std::string weights = folder.file("nan.pt", file.bytes());
  const std::string picture = source_path("samples/7_ink_on_paper.png");
  const Outcome outcome = rushlight({"classify", "--json", "--model", weights, picture});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err,
              StartsWith("rushlight: " + picture + ": " + weights + ": row 0: model produced NaN"));
}

TEST(CommandLine, AFullDiskIsAnErrorAlsoForHelp) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const std::string picture = source_path("samples/7_ink_on_paper.png");
  const std::vector<std::vector<std::string>> commands{
      {"--help"}, {"--version"}, {"inspect", file}, {"classify", picture, picture}};
  for (const auto& arguments : commands) {
    const Outcome outcome = rushlight(arguments, "/dev/full");
    EXPECT_EQ(outcome.exit_code, 1) << arguments[0];
    EXPECT_THAT(outcome.err,
                StartsWith("rushlight: cannot write to standard output: No space left"));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  }
}

TEST(CommandLine, SaysWrongUsageWithExitCode2AndNothingOnStdout) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"fly"},
      {"classify"},
      {"classify", "--top"},
      {"classify", "--top", "0", "x.png"},
      {"classify", "--top", "3x", "x.png"},
      {"classify", "--top", "-1", "x.png"},
      {"classify", "--fast", "x.png"},
      {"classify", "--top", "1e3", "x.png"},
      {"classify", "--top", "99999999999999999999", "x.png"},
      {"classify", "--top", "1,5", "x.png"},
      {"classify", "--top", "nan", "x.png"},
      {"evaluate"},
      {"inspect"},
      {"inspect", "a", "b"}};
  for (const auto& arguments : wrong) {
    const Outcome outcome = rushlight(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, testing::Not(IsEmpty()));
  }
}

TEST(CommandLine, HelpAndVersionAreResults) {
  EXPECT_THAT(rushlight({"--help"}).out,
              AllOf(HasSubstr("classify"), HasSubstr("evaluate"), HasSubstr("inspect")));
  EXPECT_EQ(rushlight({"classify", "--help"}).exit_code, 0);
  EXPECT_THAT(rushlight({"--version"}).out, StartsWith("rushlight "));
}

}  // namespace
