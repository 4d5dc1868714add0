#pragma once

#include <filesystem>
#include <string>
#include <vector>

// The command `rushlight` as a user runs it.
struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};
// With another file than a temporary one as its stdout, `out` stays empty.
Outcome rushlight(const std::vector<std::string>& arguments, const std::string& out_file = {});

// A folder of its own for a test, taken away at its end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  // Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& content) const;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string content_of(const std::filesystem::path& file);
// "…/samples/7_ink_on_paper.png"
std::string source_path(const std::string& relative);
