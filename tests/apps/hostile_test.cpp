// Whatever a file of the hostile corpus makes of StateDict::open, the program makes exit 1, one line
// on stderr and nothing on stdout of it.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "../hostile/case.h"
#include "program.h"

namespace {

using test::hostile::Case;

TEST(HostileFiles, InspectRefusesThemInOneLineAndPrintsNothing) {
  const TemporaryFolder folder;
  std::filesystem::remove(test::hostile::marker());
  std::set<std::pair<std::string, bool>> seen;
  for (const Case& one : test::hostile::all_cases()) {
    if (one.make || one.meanwhile || one.reader != test::hostile::Reader::state_dict) continue;
    // A program for each of them would take its time: one refused and one accepted of each id.
    if (!seen.emplace(one.id, one.fragments.empty()).second) continue;
    SCOPED_TRACE(one.full_name());
    const std::string path = folder.file(one.full_name(), one.bytes);
    const Outcome outcome = rushlight({"inspect", path});
    std::filesystem::remove(path);
    EXPECT_EQ(outcome.exit_code, one.fragments.empty() ? 0 : 1);
    if (one.fragments.empty()) continue;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, testing::HasSubstr(path + ": "));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
    for (const std::string& fragment : one.fragments) {
      EXPECT_THAT(outcome.err, testing::HasSubstr(fragment));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(test::hostile::marker())) << "a pickle was executed";
}

}  // namespace
