// Weights whose names are not the network's: wrapped, or to be renamed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <nn/io/state_dict.h>

#include "../io/safetensors_writer.h"
#include "program.h"

namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string picture = source_path("samples/7_ink_on_paper.png");

// The shipped weights, each name as `name` gives it.
template <class Name>
std::string shipped(const TemporaryFolder& folder, Name name) {
  const nn::StateDict state = nn::StateDict::open(source_path("weights/mnist_convnet.pt"));
  json header;
  std::string data;
  for (const auto& entry : state.entries()) {
    const nn::Tensor tensor = state.read(entry.name);
    const auto begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.data()), tensor.nbytes());
    header[name(entry.name)] = {
        {"dtype", "F32"}, {"shape", entry.shape}, {"data_offsets", {begin, data.size()}}};
  }
  return folder.file("weights.safetensors", test::safetensors(header.dump(), data));
}

TEST(Names, OfAWrappedNetworkAreUnderstoodAndSaid) {
  const TemporaryFolder folder;
  const std::string file =
      shipped(folder, [](const std::string& name) { return "module._orig_mod." + name; });
  const Outcome outcome = rushlight({"classify", "--json", "--model", file, picture});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, rushlight({"classify", "--json", picture}).out);
  EXPECT_EQ(outcome.err, "rushlight: " + file +
                             ": names are read without 'module.', which DataParallel adds and "
                             "'_orig_mod.', which torch.compile adds\n");
  EXPECT_EQ(json::parse(rushlight({"inspect", "--json", file}).out)["model"], "mnist_convnet");
}

TEST(Names, AreChangedByRenameInEverySubcommand) {
  const TemporaryFolder folder;
  const std::string file = shipped(folder, [](std::string name) {
    if (name.starts_with("conv")) name = "features." + name.substr(4);
    return name;
  });
  const std::vector<std::string> renames{"--rename", "features.1=conv1", "--rename",
                                         "features.2=conv2"};
  const auto run = [&](std::vector<std::string> arguments) {
    EXPECT_NE(rushlight(arguments).out, rushlight({"classify", "--json", picture}).out);
    arguments.insert(arguments.begin() + 1, renames.begin(), renames.end());
    return rushlight(arguments);
  };
  EXPECT_EQ(run({"classify", "--json", "--model", file, picture}).out,
            rushlight({"classify", "--json", picture}).out);
  const json inspected = json::parse(run({"inspect", "--json", file}).out);
  EXPECT_EQ(inspected["model"], "mnist_convnet");
  EXPECT_EQ(inspected["tensors"][0]["name"], "fc1.bias");
  EXPECT_EQ(run({"bench", "--seconds", "0", "--batch", "1", "--json", file}).exit_code, 0);
  EXPECT_THAT(run({"evaluate", "--model", file, folder.path()}).err, HasSubstr("t10k-images"));
}

TEST(Names, ThatFitNoNetworkAreComparedWithTheNearest) {
  const TemporaryFolder folder;
  const std::string file = shipped(folder, [](const std::string& name) {
    return name.starts_with("fc1") ? "dense" + name.substr(3) : name;
  });
  const json answer = json::parse(rushlight({"inspect", "--json", file}).out);
  EXPECT_TRUE(answer["model"].is_null());
  EXPECT_EQ(answer["nearest"]["model"], "mnist_convnet");
  const json& report = answer["nearest"]["report"];
  EXPECT_EQ(report["fits"], false);
  EXPECT_EQ(report["missing"], (json{"fc1.weight", "fc1.bias"}));
  EXPECT_EQ(report["unexpected"], (json{"dense.bias", "dense.weight"}));
  EXPECT_EQ(report["renames"], (json{"dense=fc1"}));
  EXPECT_FALSE(json::parse(rushlight({"inspect", "--json", file, "--rename", "dense=fc1"}).out)
                   .contains("nearest"));

  // One that no chain of layers fits either.
  const std::string broken = shipped(folder, [](const std::string& name) {
    return name == "fc1.weight" ? "fc1.bias" : name == "fc1.bias" ? "fc1.weight" : name;
  });
  EXPECT_THAT(rushlight({"inspect", broken}).out,
              HasSubstr("the nearest of the known networks is mnist_convnet:\n\tsize mismatch for "
                        "fc1.weight: "));
}

TEST(Names, OfAWrongRenameAreSaid) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const Outcome outcome = rushlight({"inspect", file, "--rename", "conv3=x"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err, "rushlight: " + file +
                             ": renaming conv3=x: no tensor is called 'conv3' or stands below it, "
                             "nearest are 'conv1.weight', 'conv1.bias', 'conv2.weight'\n");
  for (const char* wrong : {"conv1", "=x", "a=b=c", ""}) {
    EXPECT_EQ(rushlight({"inspect", file, "--rename", wrong}).exit_code, 2) << wrong;
  }
}

}  // namespace
