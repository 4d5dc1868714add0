// The pictures of docs/softmax.md are what its lines write.
#include <filesystem>
#include <gtest/gtest.h>
#include <sstream>

#include "program.h"

namespace {

TEST(Pictures, AreWhatTheCommandsOfTheDocumentWrite) {
  const TemporaryFolder folder;
  std::istringstream lines(content_of(source_path("docs/softmax.md")));
  std::size_t drawn = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("rushlight inspect ")) continue;
    std::istringstream words(line);
    std::vector<std::string> arguments;
    std::string picture;
    words >> picture;  // the program
    for (std::string word; words >> word;) {
      if (word.starts_with("tests/")) word = source_path(word);
      if (word.starts_with("docs/pictures/")) {
        picture = word;
        word = folder.path() + "/picture.svg";
      }
      arguments.push_back(word);
    }
    const Outcome outcome = rushlight(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << line << "\n" << outcome.err;
    EXPECT_EQ(content_of(folder.path() + "/picture.svg"), content_of(source_path(picture)))
        << "another picture than " << picture << ": tools/draw-pictures draws them anew";
    ++drawn;
  }
  EXPECT_EQ(drawn, 12U);
}

}  // namespace
