#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nn/io/output_file.h>

#include "temporary_folder.h"

namespace {

using namespace test;
using nn::io::OutputFile;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
namespace fs = std::filesystem;

// Both ways to have a temporary file.
class OutputFileTest : public testing::TestWithParam<OutputFile::Temporary> {
 protected:
  void write(const fs::path& path, std::string_view text) {
    OutputFile file(path, GetParam());
    file.write(text);
    file.commit();
  }
  std::string refusal_of(const fs::path& path) {
    return refusal([&] { write(path, "new"); });
  }

  Folder folder_;
};

INSTANTIATE_TEST_SUITE_P(Temporary, OutputFileTest,
                         testing::Values(OutputFile::Temporary::unnamed,
                                         OutputFile::Temporary::named),
                         [](const auto& tested) {
                           return tested.param == OutputFile::Temporary::named ? "named"
                                                                               : "unnamed";
                         });

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  stat(path.c_str(), &status);
  return status.st_mode & 0777U;
}

TEST_P(OutputFileTest, IsThereOnlyOnceItIsCommitted) {
  OutputFile file(folder_ / "out", GetParam());
  file.write("ab");
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  EXPECT_EQ(file.position(), 2U);
  file.write(std::string(200'000, 'c'));
  file.write("d");
  file.commit();
  EXPECT_EQ(contents(folder_ / "out"), "ab" + std::string(200'000, 'c') + "d");
  EXPECT_THAT(folder_.names(), ElementsAre("out"));
}

TEST_P(OutputFileTest, LeavesTheOldFileAndNoOtherWhenItIsNotCommitted) {
  folder_.file("out", "old");
  {
    OutputFile file(folder_ / "out", GetParam());
    file.write(std::string(200'000, 'c'));
  }
  EXPECT_EQ(contents(folder_ / "out"), "old");
  EXPECT_THAT(folder_.names(), ElementsAre("out"));
}

TEST_P(OutputFileTest, AReaderOfTheOldFileGoesOnReadingIt) {
  folder_.file("out", "old");
  std::ifstream reader(folder_ / "out");
  write(folder_ / "out", "new content");
  std::string text;
  reader >> text;
  EXPECT_EQ(text, "old");
  EXPECT_EQ(contents(folder_ / "out"), "new content");
}

TEST_P(OutputFileTest, KeepsThePermissionsOfTheFileItReplacesAndElseThoseOfTheUmask) {
  fs::permissions(folder_.file("out", "old"), fs::perms(0640));
  const mode_t before = umask(077);
  write(folder_ / "out", "new");
  write(folder_ / "private", "new");
  umask(022);
  write(folder_ / "public", "new");
  umask(before);
  EXPECT_EQ(mode_of(folder_ / "out"), 0640U);
  EXPECT_EQ(mode_of(folder_ / "private"), 0600U);
  EXPECT_EQ(mode_of(folder_ / "public"), 0644U);
}

TEST_P(OutputFileTest, WritesThroughASymbolicLinkWhichStays) {
  fs::create_directory(folder_ / "far");
  folder_.file("far/target", "old");
  fs::create_symlink("far/target", folder_ / "link");
  fs::create_symlink("far/no_file_yet", folder_ / "dangling");
  write(folder_ / "link", "new");
  write(folder_ / "dangling", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(contents(folder_ / "far/target"), "new");
  EXPECT_EQ(contents(folder_ / "far/no_file_yet"), "new");
}

TEST_P(OutputFileTest, RefusesFoldersDevicesAndPlacesThatAreNot) {
  fs::create_symlink("loop", folder_ / "loop");
  mkfifo((folder_ / "pipe").c_str(), 0600);
  EXPECT_THAT(refusal_of(folder_.path()), HasSubstr("Is a directory"));
  EXPECT_THAT(refusal_of(folder_ / "" / ""), HasSubstr("Is a directory"));
  EXPECT_THAT(refusal_of("/dev/full"), AllOf(StartsWith("/dev/full: "), HasSubstr("a device")));
  EXPECT_THAT(refusal_of(folder_ / "pipe"), HasSubstr("a device, pipe or socket"));
  EXPECT_THAT(refusal_of(folder_ / "loop"), HasSubstr("symbolic links"));
  EXPECT_THAT(refusal_of(folder_ / "none/out"), EndsWith("No such file or directory"));
  EXPECT_THAT(refusal_of(folder_ / std::string(300, 'x')), EndsWith("File name too long"));
  EXPECT_THAT(folder_.names(), ElementsAre("loop", "pipe"));
}

// As another user than root, whom no permission stops. The child tells by its exit code.
template <class Work>
std::string message_of_a_plain_user(const fs::path& told, Work&& work) {
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(2);
    const std::string message = refusal(work);
    std::ofstream(told) << message;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return contents(told);
}

TEST_P(OutputFileTest, RefusesAReadOnlyFileAndAReadOnlyFolder) {
  fs::permissions(folder_.path(), fs::perms(0777));
  const fs::path told = folder_.file("told", "");
  fs::permissions(told, fs::perms(0666));
  fs::permissions(folder_.file("out", "old"), fs::perms(0444));
  fs::create_directory(folder_ / "closed");
  fs::permissions(folder_ / "closed", fs::perms(0555));
  EXPECT_THAT(message_of_a_plain_user(told, [&] { write(folder_ / "out", "new"); }),
              EndsWith("Permission denied; the old one is unchanged"));
  EXPECT_THAT(message_of_a_plain_user(told, [&] { write(folder_ / "closed/out", "new"); }),
              EndsWith("Permission denied"));
  EXPECT_EQ(contents(folder_ / "out"), "old");
}

TEST_P(OutputFileTest, C3AFullDiskLeavesTheOldFile) {
  folder_.file("out", "old");
  const fs::path told = folder_.file("told", "");
  fs::permissions(told, fs::perms(0666));
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);
    std::ofstream(told) << refusal([&] { write(folder_ / "out", std::string(200'000, 'c')); });
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_THAT(contents(told), HasSubstr("File too large; the old one is unchanged"));
  EXPECT_EQ(contents(folder_ / "out"), "old");
  EXPECT_THAT(folder_.names(), ElementsAre("out", "told"));
}

}  // namespace
