#include "program.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void redirect(const std::string& file, int descriptor) {
  FILE* const opened = std::fopen(file.c_str(), "wb");
  if (opened == nullptr || dup2(fileno(opened), descriptor) < 0) _exit(126);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "rushlight-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string TemporaryFolder::file(const std::string& name, const std::string& content) const {
  const std::filesystem::path path = path_ / name;
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string source_path(const std::string& relative) {
  return (std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / relative).string();
}

Outcome rushlight(const std::vector<std::string>& arguments, const std::string& out_file) {
  const TemporaryFolder folder;
  const std::string out = out_file.empty() ? folder.path() + "/out" : out_file;
  const std::string err = folder.path() + "/err";
  std::vector<std::string> words{RUSHLIGHT_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          out_file.empty() ? content_of(out) : std::string(), content_of(err)};
}
