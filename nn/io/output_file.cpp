#include <array>
#include <cerrno>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <nn/error.h>
#include <nn/io/output_file.h>

namespace nn::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_size = std::size_t{64} << 10;
constexpr int most_links = 40;  // as Linux follows
constexpr unsigned permission_bits = 0777;

// The path with symbolic links at its end followed, also one that leads to no file yet.
fs::path without_links(fs::path path) {
  std::error_code error;
  for (int i = 0; i < most_links && fs::is_symlink(path, error); ++i) {
    const fs::path next = fs::read_symlink(path, error);
    if (error) break;
    path = path.parent_path() / next;  // an absolute one replaces all
  }
  return path;
}

std::string random_name() {
  std::random_device device;
  std::string name = ".rushlight-";
  for (int i = 0; i < 16; ++i) name += "0123456789abcdef"[device() % 16];
  return name;
}

std::string path_of_descriptor(int descriptor) { return concat("/proc/self/fd/", descriptor); }

}  // namespace

OutputFile::OutputFile(const fs::path& path, Temporary wish) : name_(printable(path.string())) {
  const fs::path file = without_links(path);
  target_ = file.filename().string();
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  folder_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) fail_writing(errno);
  try {
    check_target();
    create(wish);
    buffer_.reserve(buffer_size);
  } catch (...) {
    remove();
    throw;
  }
}

OutputFile::~OutputFile() { remove(); }

void OutputFile::fail_writing(int error) const {
  fail(name_, ": cannot write the file: ", std::generic_category().message(error),
       replaces_ ? "; the old one is unchanged" : "");
}

void OutputFile::check_target() {
  if (target_.empty() || target_ == "." || target_ == "..") fail_writing(EISDIR);
  struct stat status {};
  if (::fstatat(folder_, target_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT) fail_writing(errno);
    return;
  }
  if (S_ISDIR(status.st_mode)) fail_writing(EISDIR);
  if (S_ISLNK(status.st_mode)) fail_writing(ELOOP);
  if (!S_ISREG(status.st_mode)) {
    fail(name_, ": cannot write the file: a device, pipe or socket is there, expected a file");
  }
  replaces_ = true;
  permissions_ = status.st_mode & permission_bits;
  if (::faccessat(folder_, target_.c_str(), W_OK, AT_EACCESS) != 0) fail_writing(errno);
}

void OutputFile::create(Temporary wish) {
  constexpr mode_t mode = 0666;  // less what the umask takes
  if (wish == Temporary::unnamed && ::access("/proc/self/fd", X_OK) == 0) {
    file_ = ::openat(folder_, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
  }
  if (file_ < 0) {
    temporary_ = random_name();
    file_ = ::openat(folder_, temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  }
  if (file_ < 0) {
    const int error = errno;
    temporary_.clear();  // nothing to remove
    fail_writing(error);
  }
  if (replaces_ && ::fchmod(file_, permissions_) != 0) fail_writing(errno);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  position_ += bytes.size();
  if (buffer_.size() + bytes.size() > buffer_size) flush();
  if (bytes.size() > buffer_size) {
    write_out(bytes);
  } else {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
}

void OutputFile::flush() {
  write_out(buffer_);
  buffer_.clear();
}

void OutputFile::write_out(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_writing(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void OutputFile::commit() {
  flush();
  if (::fsync(file_) != 0) fail_writing(errno);
  if (temporary_.empty()) {
    const std::string name = random_name();
    if (::linkat(AT_FDCWD, path_of_descriptor(file_).c_str(), folder_, name.c_str(),
                 AT_SYMLINK_FOLLOW) != 0) {
      fail_writing(errno);
    }
    temporary_ = name;
  }
  const int file = file_;
  file_ = -1;
  if (::close(file) != 0) fail_writing(errno);
  if (::renameat(folder_, temporary_.c_str(), folder_, target_.c_str()) != 0) fail_writing(errno);
  temporary_.clear();
  // The new name itself. Some file systems cannot say when a folder is on the disk.
  if (::fsync(folder_) != 0 && errno != EINVAL && errno != ENOTSUP) {
    fail(name_, ": written, but its folder may not be on the disk: ",
         std::generic_category().message(errno));
  }
}

void OutputFile::remove() noexcept {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlinkat(folder_, temporary_.c_str(), 0);
  if (folder_ >= 0) ::close(folder_);
  file_ = folder_ = -1;
  temporary_.clear();
}

}  // namespace nn::io
