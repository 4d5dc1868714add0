#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nn::io {

// A file that is written whole or not at all: the bytes go to a temporary file in the same folder,
// and only `commit`, once all of them are on the disk, puts it in the place of what was there. A
// failure, an exception or a killed process leave the old file as it was. The temporary file has no
// name until then, where the file system can do that (it then vanishes with the process), else a
// hidden one, which the destructor removes.
//
// The path may be that of a file which is still being read. A symbolic link stays: the file that it
// leads to is replaced. A file keeps its permissions, a new one gets those of the umask. Refused:
// folders, devices, pipes and files that may not be written.
class OutputFile {
 public:
  enum class Temporary : std::uint8_t { unnamed, named };

  // Throws Error, as all of this class naming the path, when nothing can be written there.
  explicit OutputFile(const std::filesystem::path& path, Temporary wish = Temporary::unnamed);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  std::uint64_t position() const { return position_; }

  // The end of writing. Without it the old file stays.
  void commit();

 private:
  [[noreturn]] void fail_writing(int error) const;
  void check_target();
  void create(Temporary wish);
  void flush();
  void write_out(std::span<const std::byte> bytes);
  void remove() noexcept;

  std::string name_;       // of the path as given, to print
  std::string target_;     // in the folder
  std::string temporary_;  // in the folder; empty while it has no name
  int folder_ = -1;
  int file_ = -1;
  unsigned permissions_ = 0;
  bool replaces_ = false;
  std::uint64_t position_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace nn::io
