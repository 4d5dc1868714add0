#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <nn/checked.h>
#include <nn/io/file.h>

namespace nn::io {
namespace {

constexpr std::uint64_t largest_file = std::uint64_t{256} << 30;

[[noreturn]] void fail_short(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  fail("byte ", offset, ": expected ", length, " bytes, the file has ", size, " in all");
}

std::string reason(int code) { return std::generic_category().message(code); }

class File : public ByteSource {
 public:
  explicit File(const std::filesystem::path& path)
      : File(open_to_read(path), printable(path.string())) {}
  // Takes the descriptor over.
  File(int descriptor, std::string name) : name_(std::move(name)), descriptor_(descriptor) {
    try {
      measure();
    } catch (...) {
      ::close(descriptor_);
      throw;
    }
  }
  ~File() override { ::close(descriptor_); }

  std::uint64_t size() const override { return size_; }
  const std::string& name() const override { return name_; }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (!fits(offset, out.size(), size_)) fail_short(offset, out.size(), size_);
    while (!out.empty()) {
      const ssize_t count =
          ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("byte ", offset, ": cannot read the file: ", reason(errno));
      if (count == 0) {
        fail("byte ", offset, ": the file ends here although it had ", size_,
             " bytes when it was opened; it was cut short meanwhile");
      }
      offset += static_cast<std::uint64_t>(count);
      out = out.subspan(static_cast<std::size_t>(count));
    }
  }

 protected:
  int descriptor() const { return descriptor_; }

 private:
  static int open_to_read(const std::filesystem::path& path) {
    // O_NONBLOCK: opening a pipe would wait for a writer.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
      fail(printable(path.string()), ": cannot open the file: ", reason(errno));
    }
    return descriptor;
  }

  void measure() {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail(name_, ": cannot read the file: ", reason(errno));
    if (S_ISDIR(status.st_mode)) fail(name_, ": expected a file, this is a directory");
    if (!S_ISREG(status.st_mode)) {
      fail(name_, ": expected a regular file, this is a pipe, socket or device");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
    if (size_ > largest_file) {
      fail(name_, ": ", size_, " bytes; files up to ", largest_file, " bytes (256 GiB) are read");
    }
  }

  std::string name_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

class MappedFile final : public File {
 public:
  explicit MappedFile(const std::filesystem::path& path) : File(path) {
    if (size() == 0) return;  // cannot be mapped, and has nothing to lend
    const auto length = static_cast<std::size_t>(size());
    void* const begin = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, descriptor(), 0);
    if (begin == MAP_FAILED) fail(name(), ": cannot map the file: ", reason(errno));
    bytes_ = {static_cast<const std::byte*>(begin), [length](const std::byte* bytes) {
                ::munmap(const_cast<std::byte*>(bytes), length);
              }};
  }

  std::shared_ptr<const std::byte> lend(std::uint64_t offset) const override {
    return {bytes_, bytes_.get() + offset};
  }

 private:
  std::shared_ptr<const std::byte> bytes_;
};

class Memory final : public ByteSource, public std::enable_shared_from_this<Memory> {
 public:
  Memory(std::vector<std::byte> bytes, const std::string& name)
      : bytes_(std::move(bytes)), name_(printable(name)) {}

  std::uint64_t size() const override { return bytes_.size(); }
  std::shared_ptr<const std::byte> lend(std::uint64_t offset) const override {
    return {shared_from_this(), bytes_.data() + offset};
  }
  const std::string& name() const override { return name_; }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (!fits(offset, out.size(), bytes_.size())) fail_short(offset, out.size(), bytes_.size());
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }

 private:
  std::vector<std::byte> bytes_;
  std::string name_;
};

}  // namespace

std::shared_ptr<const ByteSource> open_file(const std::filesystem::path& path) {
  return std::make_shared<File>(path);
}

std::shared_ptr<const ByteSource> map_file(const std::filesystem::path& path) {
  return std::make_shared<MappedFile>(path);
}

std::shared_ptr<const ByteSource> adopt_file(int descriptor, const std::string& name) {
  return std::make_shared<File>(descriptor, printable(name));
}

std::shared_ptr<const ByteSource> memory_source(std::vector<std::byte> bytes,
                                                const std::string& name) {
  return std::make_shared<Memory>(std::move(bytes), name);
}

std::vector<std::byte> read_bytes(const ByteSource& source, std::uint64_t offset,
                                  std::uint64_t length) {
  if (!fits(offset, length, source.size())) fail_short(offset, length, source.size());
  std::vector<std::byte> bytes(static_cast<std::size_t>(length));
  source.read_at(offset, bytes);
  return bytes;
}

}  // namespace nn::io
