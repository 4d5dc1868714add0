#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "picture_builder.h"

namespace {

using namespace picture_builder;
using namespace std::string_literals;

// A folder of its own for each test, removed afterwards.
class ReadImage : public testing::Test {
 protected:
  ReadImage() {
    std::string name = (std::filesystem::temp_directory_path() / "read_image_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ReadImage() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }
  void expect_refused_file(const std::filesystem::path& path, const std::string& part) const {
    EXPECT_THAT([&] { nn::read_image(path); },
                testing::ThrowsMessage<nn::Error>(testing::HasSubstr(part)));
  }

  std::filesystem::path folder_;
};

TEST_F(ReadImage, A1A2MissingFilesAndDirectoriesAreNamed) {
  expect_refused_file(folder_ / "none.png",
                      "none.png: cannot be opened (No such file or directory)");
  expect_refused_file(folder_, "found a directory");
}

TEST_F(ReadImage, A4I1EmptyAndTinyFilesAreRefused) {
  expect_refused_file(write("empty.png", ""), "empty.png: the file is empty");
  expect_refused_file(write("one.png", "x"), "neither a PNG nor a JPEG");
  expect_refused_file(write("signature.png", signature), "offset 8: the file ends");
  expect_refused_file(write("start.jpg", "\xff\xd8\xff"), "the file ends");
}

TEST_F(ReadImage, A10APipeIsRefusedWithoutWaiting) {
  const auto path = folder_ / "pipe.png";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  expect_refused_file(path, "found a pipe, device or socket");
  expect_refused_file("/dev/zero", "found a pipe, device or socket");
}

TEST_F(ReadImage, A12A13TheContentDecidesAndLinksAreFollowed) {
  const auto path = write("seven.jpeg.txt", grey_png());
  std::filesystem::create_symlink(path, folder_ / "link");
  EXPECT_EQ(nn::read_image(folder_ / "link").pixels, nn::read_image(path).pixels);
}

TEST_F(ReadImage, A14OddNamesArePrintedEscaped) {
  expect_refused_file(write("new\nline.png", "x"), "new\\x0aline.png: found");
}

TEST_F(ReadImage, I21LargeFilesAreRefusedUnread) {
  const auto path = write("large.png", grey_png());
  std::filesystem::resize_file(path, std::uintmax_t{3} << 30);
  expect_refused_file(path, "the file has 3221225472 bytes, expected at most 67108864");
}

TEST(Format, I2OtherFormatsAreNamedWithWhatToDo) {
  const auto convert = "; convert it to PNG or JPEG"s;
  expect_refused("GIF89a", "a GIF picture, expected PNG or JPEG" + convert);
  expect_refused("BM\x10", "a BMP picture");
  expect_refused("RIFF\1\2\3\4WEBPVP8 ", "a WebP picture");
  expect_refused("II*\0"s, "a TIFF picture");
  expect_refused("MM\0*"s, "a TIFF picture");
  expect_refused("%PDF-1.7", "a PDF document");
  expect_refused(
      "\0\0\0\x18"
      "ftypheic"s,
      "a HEIC picture");
  expect_refused(
      "\0\0\0\x18"
      "ftypavif"s,
      "an AVIF picture");
  expect_refused("P5 2 2 255\n", "a PNM picture");
  expect_refused("<?xml version='1.0'?><svg/>", "an SVG drawing");
  expect_refused("\n<!DOCTYPE html>", "a web page (HTML)");
  expect_refused("version https://git-lfs.github.com/spec/v1\n", "git lfs pull");
  expect_refused("PK\3\4", "a ZIP archive");
  expect_refused("\x89PNG\n\x1a\n", "a damaged PNG signature");
  expect_refused("\xff\xd8", "ends after its first marker");
  expect_refused("seven", "neither a PNG nor a JPEG");
}

}  // namespace
