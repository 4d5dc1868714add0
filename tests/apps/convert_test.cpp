#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <nn/io/file.h>
#include <nn/io/save.h>
#include <nn/io/state_dict.h>

#include "program.h"

namespace {

using nlohmann::json;
using nn::StateDict;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Names, types and bytes of all tensors.
std::map<std::string, std::string> values_of(const StateDict& state) {
  std::map<std::string, std::string> values;
  for (const auto& entry : state.entries()) {
    const nn::Tensor tensor = state.read(entry.name);
    std::string& text = values[entry.name];
    text = to_text(tensor.spec());
    text.append(nn::io::text_of(tensor.view().bytes()));
  }
  return values;
}

const std::string shipped = source_path("weights/mnist_convnet.pt");
const std::string checkpoint = source_path("tests/golden/io/checkpoint.pt");

TEST(Convert, FromAnyToAnyFormatNoBitChanges) {
  const TemporaryFolder folder;
  const auto expected = values_of(StateDict::open(shipped));
  std::string from = shipped;
  for (const char* name : {"a.safetensors", "b.npz", "c.pth", "d.npz", "e.safetensors", "f.bin"}) {
    const std::string to = folder.path() + "/" + name;
    const Outcome outcome = rushlight({"convert", from, to});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, AllOf(StartsWith(to), HasSubstr("8 tensors")));
    EXPECT_EQ(values_of(StateDict::open(to)), expected) << to;
    from = to;
  }
}

TEST(Convert, TheFormatMayBeSaidAndElseTheNameMustTellIt) {
  const TemporaryFolder folder;
  const std::string to = folder.path() + "/weights.model";
  const Outcome unsaid = rushlight({"convert", shipped, to});
  EXPECT_EQ(unsaid.exit_code, 2);
  EXPECT_THAT(unsaid.err, HasSubstr("--to torch, safetensors or npz"));
  EXPECT_EQ(rushlight({"convert", shipped, to, "--to", "onnx"}).exit_code, 2);
  EXPECT_EQ(rushlight({"convert", shipped, to, "--to", "npz"}).exit_code, 0);
  EXPECT_EQ(StateDict::open(to).format(), "npz");
}

TEST(Convert, WritesAnotherElementTypeButRefusesOneThatIsTooNarrow) {
  const TemporaryFolder folder;
  const std::string half = folder.path() + "/half.pt";
  ASSERT_EQ(rushlight({"convert", shipped, half, "--dtype", "bfloat16"}).exit_code, 0);
  EXPECT_EQ(StateDict::open(half).entries()[0].dtype, "bfloat16");
  const Outcome numpy = rushlight({"convert", half, folder.path() + "/half.npz"});
  EXPECT_EQ(numpy.exit_code, 1);
  EXPECT_THAT(numpy.err, HasSubstr("NumPy has no bfloat16"));
  EXPECT_EQ(
      rushlight({"convert", half, folder.path() + "/full.npz", "--dtype", "float32"}).exit_code, 0);
  EXPECT_EQ(rushlight({"convert", shipped, half, "--dtype", "int8"}).exit_code, 2);

  StateDict state;
  state.set("w", nn::tensor({70000}));
  const std::string wide = folder.path() + "/wide.pt";
  nn::save(wide, state);
  EXPECT_THAT(rushlight({"convert", wide, half, "--dtype", "float16"}).err,
              HasSubstr("tensor 'w': its value 70000 is too large for float16"));
}

TEST(Convert, TellsWhatItLeavesOut) {
  const TemporaryFolder folder;
  const std::string to = folder.path() + "/weights.safetensors";
  const Outcome outcome = rushlight({"convert", "--json", checkpoint, to});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["format"], "safetensors");
  EXPECT_EQ(answer["input"], checkpoint);
  EXPECT_EQ(answer["bytes"], std::filesystem::file_size(to));
  EXPECT_EQ(answer["left_out"]["epoch"], "3");
  EXPECT_THAT(rushlight({"convert", checkpoint, to}).out, HasSubstr("left out: epoch (3)"));
}

TEST(Convert, LeavesOutWhatCanOnlyBeListedWhereItIsAsked) {
  const TemporaryFolder folder;
  const std::string others = source_path("tests/golden/io/others.pt");
  const std::string to = folder.path() + "/others.pt";
  EXPECT_EQ(rushlight({"convert", others, to}).exit_code, 1);
  const Outcome outcome = rushlight({"convert", others, to, "--skip-unreadable"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("skipped: complex64 (its element type is complex64)\n"));

  std::map<std::string, std::string> expected;
  const StateDict before = StateDict::open(others);
  for (const auto& entry : before.entries()) {
    if (!entry.unreadable.empty()) continue;
    const nn::Tensor tensor = before.read(entry.name);
    expected[entry.name] = to_text(tensor.spec()).append(nn::io::text_of(tensor.view().bytes()));
  }
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(values_of(StateDict::open(to)), expected);
}

TEST(Convert, WhatItWritesIsNotTakenForPyTorchsOwn) {
  const TemporaryFolder folder;
  const std::string to = folder.path() + "/net.pt";
  ASSERT_EQ(rushlight({"convert", shipped, to}).exit_code, 0);
  EXPECT_THAT(StateDict::open(to).facts().producer, StartsWith("rushlight"));
  EXPECT_THAT(StateDict::open(shipped).facts().producer, StartsWith("PyTorch"));
}

TEST(Convert, GivesTensorsOtherNames) {
  const TemporaryFolder folder;
  const std::string to = folder.path() + "/renamed.pt";
  ASSERT_EQ(rushlight({"convert", shipped, to, "--rename", "conv1=features.0"}).exit_code, 0);
  EXPECT_TRUE(StateDict::open(to).contains("features.0.weight"));
  EXPECT_FALSE(StateDict::open(to).contains("conv1.weight"));
}

TEST(Convert, ADamagedInputLeavesTheOldOutputAndNothingElse) {
  const TemporaryFolder folder;
  std::string content = content_of(shipped);
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  const std::string damaged = folder.file("damaged.pt", content);
  const std::string out = folder.file("out.npz", "old");
  const Outcome outcome = rushlight({"convert", damaged, out});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("checksum"));
  EXPECT_EQ(content_of(out), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

TEST(Convert, C3RefusesADeviceAndAFolder) {
  const TemporaryFolder folder;
  const Outcome device = rushlight({"convert", shipped, "/dev/full", "--to", "npz"});
  EXPECT_EQ(device.exit_code, 1);
  EXPECT_THAT(device.err, HasSubstr("/dev/full: cannot write the file"));
  EXPECT_THAT(rushlight({"convert", shipped, folder.path(), "--to", "npz"}).err,
              HasSubstr("Is a directory"));
}

TEST(Convert, C5TheOutputMayBeTheInput) {
  const TemporaryFolder folder;
  const std::string file = folder.file("net.pt", content_of(shipped));
  ASSERT_EQ(rushlight({"convert", file, file, "--to", "safetensors"}).exit_code, 0);
  EXPECT_EQ(StateDict::open(file).format(), "safetensors");
  EXPECT_EQ(values_of(StateDict::open(file)), values_of(StateDict::open(shipped)));
}

// The program, running; silent.
pid_t started(const std::vector<std::string>& arguments, rlim_t largest_file = RLIM_INFINITY) {
  std::vector<std::string> words{RUSHLIGHT_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{largest_file, largest_file};
    if (largest_file != RLIM_INFINITY) setrlimit(RLIMIT_FSIZE, &limit);
    if (freopen("/dev/null", "w", stdout) == nullptr) _exit(126);
    if (freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return child;
}

int exit_code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Convert, C3AFullDiskLeavesTheOldOutput) {
  const TemporaryFolder folder;
  const std::string out = folder.file("out.safetensors", "old");
  EXPECT_EQ(exit_code_of(started({"convert", shipped, out}, 200'000)), 1);
  EXPECT_EQ(content_of(out), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Convert, KilledAtAnyInstantItLeavesTheOldOrTheNewOutput) {
  const TemporaryFolder folder;
  StateDict state;
  for (int i = 0; i < 40; ++i) {
    state.set("layer" + std::to_string(i), nn::Tensor(nn::Shape{256, 256}));
  }
  const std::string in = folder.path() + "/in.pt";
  nn::save(in, state);
  const std::string out = folder.path() + "/out.safetensors";
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(rushlight({"convert", in, out}).exit_code, 0);
  const auto whole = std::chrono::steady_clock::now() - begin;
  const std::string complete = content_of(out);

  std::minstd_rand random(1);
  int old = 0;
  constexpr int attempts = 40;
  for (int i = 0; i < attempts; ++i) {
    folder.file("out.safetensors", "old");
    const pid_t child = started({"convert", in, out});
    std::this_thread::sleep_for(whole * (random() % 1000) / 900);
    kill(child, SIGKILL);
    exit_code_of(child);
    const std::string found = content_of(out);
    if (found == "old") ++old;
    ASSERT_TRUE(found == "old" || found == complete) << i << ": " << found.size() << " bytes";
  }
  EXPECT_GT(old, 0);
}

}  // namespace
