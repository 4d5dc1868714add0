#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <nn/io/file_beneath.h>

namespace nn::io {
namespace {

constexpr std::size_t longest_name = 1024;
constexpr std::size_t most_parts = 32;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(-1); }

  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }
  void reset(int value) {
    if (value_ >= 0) ::close(value_);
    value_ = value;
  }

 private:
  int value_;
};

std::vector<std::string> parts_of(std::string_view name) {
  if (name.empty()) fail("the name is empty, expected one of a file in the model's folder");
  if (name.size() > longest_name) {
    fail("the name has ", name.size(), " bytes, expected at most ", longest_name);
  }
  constexpr std::string_view forbidden("\\\0", 2);
  const bool drive = name.size() > 1 && name[1] == ':';
  if (name.front() == '/' || drive || name.find_first_of(forbidden) != std::string_view::npos) {
    fail("expected a name relative to the model's folder, without drive, backslash or NUL");
  }
  std::vector<std::string> parts;
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "..") {
      fail("expected a name that stays in the model's folder, without '..' and empty parts");
    }
    if (part != ".") parts.emplace_back(part);
    if (parts.size() > most_parts) fail("expected at most ", most_parts, " folders in the name");
    if (slash == std::string_view::npos) break;
    name.remove_prefix(slash + 1);
  }
  if (parts.empty()) fail("expected the name of a file, this is the model's folder itself");
  return parts;
}

[[noreturn]] void fail_open(int code) {
  if (code == ELOOP || code == EMLINK) {
    fail("it is a link, which is not followed from inside a model: put the file itself there");
  }
  fail("cannot open the file: ", std::generic_category().message(code));
}

}  // namespace

std::shared_ptr<const ByteSource> open_beneath(const std::filesystem::path& folder,
                                               std::string_view name) {
  const std::vector<std::string> parts = parts_of(name);
  const std::filesystem::path start = folder.empty() ? "." : folder;
  Descriptor at(::open(start.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (at.get() < 0) fail_open(errno);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const int next =
        ::openat(at.get(), parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) {
      // Of a link where a folder is expected the system says that it is none.
      struct stat status {};
      const int code = errno;
      const bool link = ::fstatat(at.get(), parts[i].c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                        S_ISLNK(status.st_mode);
      fail_open(link ? ELOOP : code);
    }
    at.reset(next);
  }
  // O_NONBLOCK: opening a pipe would wait for a writer.
  Descriptor file(::openat(at.get(), parts.back().c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) fail_open(errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_open(errno);
  if (S_ISREG(status.st_mode) && status.st_nlink != 1) {
    fail("the file has ", status.st_nlink,
         " names (hard links), which may stand outside of the model's folder: copy it");
  }
  return adopt_file(file.release(), std::string(name));
}

}  // namespace nn::io
