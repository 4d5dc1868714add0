// --key and --skip-unknown, which every subcommand that opens weights takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../io/torch_writer.h"
#include "program.h"

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using namespace test;
using namespace test::pickle;

// The command lines of all subcommands for one file of weights.
std::vector<std::vector<std::string>> command_lines(const std::string& file) {
  return {{"inspect", file},
          {"classify", "--model", file, source_path("samples/7_ink_on_paper.png")},
          {"evaluate", "--model", file, source_path("samples")},
          {"bench", file}};
}

std::string errors(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = rushlight(arguments);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  return outcome.err;
}

TEST(OpenOptions, EverySubcommandTakesTheKeyOfTheWeights) {
  for (const auto& arguments : command_lines(source_path("tests/golden/io/checkpoint.pt"))) {
    EXPECT_THAT(errors(arguments, {"--key", "nowhere"}), HasSubstr("there is no key 'nowhere'"));
  }
}

TEST(OpenOptions, EverySubcommandMaySkipWhatIsUnknown) {
  const TemporaryFolder folder;
  const TorchFile file{call("my.models", "build", {text("x")}), {}};
  for (const auto& arguments : command_lines(folder.file("unknown.pt", file.bytes()))) {
    EXPECT_THAT(errors(arguments, {}), HasSubstr("--skip-unknown"));
    EXPECT_THAT(errors(arguments, {"--skip-unknown"}), HasSubstr("my.models.build"));
  }
}

}  // namespace
