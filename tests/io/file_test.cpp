#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <nn/io/file.h>
#include <nn/io/state_dict.h>

#include "bytes.h"
#include "cost.h"
#include "torch_writer.h"

namespace {

using namespace test;
using namespace std::string_literals;
using nn::StateDict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "io_test_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static std::string refused(const std::filesystem::path& path) {
    return refusal([&] { StateDict::open(path); });
  }
  static std::string refused_bytes(const std::string& bytes) {
    return refusal([&] { StateDict::from_bytes(as_bytes(bytes), "f"); });
  }

  std::filesystem::path folder_;
};

const std::string small_file =
    TorchFile{pickle::dict({{"w", pickle::vector("0", 2)}}), {{"0", floats({1, 2})}}}.bytes();

TEST_F(Files, A1A2A3NameTheFileThatCannotBeOpened) {
  const auto missing = folder_ / "missing.pt";
  EXPECT_EQ(refused(missing),
            missing.string() + ": cannot open the file: No such file or directory");
  EXPECT_THAT(refused(folder_), HasSubstr("this is a directory"));
  const auto secret = write("secret.pt", "x");
  std::filesystem::permissions(secret, std::filesystem::perms::none);
  // The superuser may read everything: ask as somebody else.
  const uid_t user = geteuid();
  if (user == 0) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  const std::string message = refused(secret);
  ASSERT_EQ(seteuid(user), 0);
  EXPECT_THAT(message, HasSubstr("Permission denied"));
}

TEST_F(Files, A4A5A6RefuseEmptyAndTinyFiles) {
  EXPECT_THAT(refused(write("empty.pt", "")), HasSubstr("empty.pt: the file is empty"));
  EXPECT_NE(refused(write("one.pt", "P")), "accepted");
  EXPECT_NE(refused(write("magic.pt", "PK\x03\x04")), "accepted");
}

TEST_F(Files, A10RefusePipesSocketsAndDevicesWithoutWaiting) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refused(pipe), HasSubstr("a pipe, socket or device"));
  EXPECT_THAT(refused("/dev/zero"), HasSubstr("a pipe, socket or device"));
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder_ / "socket").string();
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_THAT(refused(path), HasSubstr("cannot open the file"));
  close(descriptor);
}

TEST_F(Files, A11AFileCutShortWhileOpenIsAnError) {
  const auto path = write("shrinks.pt", small_file);
  const StateDict state = StateDict::open(path);
  std::filesystem::resize_file(path, 100);
  EXPECT_THAT(refusal([&] { state.read("w"); }),
              AllOf(StartsWith(path.string()), HasSubstr("it was cut short meanwhile")));
  EXPECT_NE(refusal([&] { state.verify(); }), "accepted");
}

TEST_F(Files, A12A13A14ReadLinksOtherSuffixesAndOddNames) {
  const auto path = write("-weights\n\xFF.jpg", small_file);
  EXPECT_THAT(StateDict::open(path).read("w").f32(), ElementsAre(1, 2));
  std::filesystem::create_symlink(path, folder_ / "link.pt");
  EXPECT_EQ(refused(folder_ / "link.pt"), "accepted");
  EXPECT_THAT(refused(write("a\nb.pt", "")), HasSubstr("a\\x0ab.pt: the file is empty"));
}

TEST_F(Files, AFileAboveTheLimitIsRefused) {
  const auto path = write("huge.pt", "x");
  std::error_code error;
  std::filesystem::resize_file(path, (std::uintmax_t{256} << 30) + 1, error);
  if (error) GTEST_SKIP() << "no sparse files here";
  EXPECT_THAT(refused(path), HasSubstr("256 GiB"));
}

TEST_F(Files, RefusingALargeFileCostsLittle) {
  const auto path = write("large.pt", "PK\x03\x04");
  std::error_code error;
  std::filesystem::resize_file(path, std::uintmax_t{4} << 30, error);
  if (error) GTEST_SKIP() << "no sparse files here";
  std::string message;
  const Cost cost = cost_of([&] { message = refused(path); });
  EXPECT_THAT(message, HasSubstr("no end record"));
  EXPECT_LT(cost.peak_bytes, std::size_t{1} << 20);
}

TEST_F(Files, SayWhatTheyAreWhenTheyAreNotWeights) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "run `git lfs pull`"},
      {"\n <!DOCTYPE html><html>", "a web page"},
      {"<HTML>", "a web page"},
      {"\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19\x2E", "the version at byte 15"},
      {"\x80\x04N.", "a bare Python pickle"},
      {"\x08\x08\x12\x07pytorch", "an ONNX model"},
      {"\x1F\x8B\x08", "gzip-compressed"},
      {"\x89HDF\r\n\x1A\n", "HDF5"},
      {"storages"s + std::string(249, '\0') + "ustar" + std::string(250, '\0'), "tar file of"},
      {"model.pt"s + std::string(249, '\0') + "ustar" + std::string(250, '\0'), "a tar archive"},
      {make_zip({{"r/data.pkl", ""}, {"r/constants.pkl", ""}}).bytes, "'r/version' is missing"},
      {make_zip({{"r/archive_format", "pt2"}, {"r/data.pkl", ""}}).bytes, ".pt2"},
      {make_zip({{"serialized_exported_program.json", "{}"}, {"version", "1"}}).bytes, ".pt2"},
      {make_zip({{"a.txt", ""}}).bytes, "without data.pkl"},
      {"random bytes", "not recognised"},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_THAT(refused_bytes(bytes), AllOf(StartsWith("f: "), HasSubstr(expected)));
  }
}

TEST_F(Files, ReadOnlyWhatIsThere) {
  const auto source = nn::io::open_file(write("ten", "0123456789"));
  EXPECT_EQ(source->size(), 10U);
  EXPECT_EQ(nn::io::read_bytes(*source, 8, 2), as_bytes("89"));
  EXPECT_TRUE(nn::io::read_bytes(*source, 10, 0).empty());
  EXPECT_THAT(refusal([&] { nn::io::read_bytes(*source, 8, 3); }), HasSubstr("byte 8"));
  EXPECT_NE(refusal([&] { nn::io::read_bytes(*source, ~0ULL, ~0ULL); }), "accepted");
}

}  // namespace
