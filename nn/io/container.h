#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <nn/io/file.h>
#include <nn/io/state_dict.h>
#include <nn/tensor.h>

namespace nn::io {

// Where values stand in a source, as a tensor holds them.
struct Run {
  std::shared_ptr<const ByteSource> source;
  std::uint64_t offset = 0;
};

// An opened file of named tensors: what a reader of a format provides to StateDict. Names are
// unique. Immutable; threads may read at once. Errors do not name the file, StateDict does.
class Container {
 public:
  Container() = default;
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  virtual ~Container() = default;

  virtual std::string_view format() const = 0;
  virtual const std::vector<StateDict::Entry>& entries() const = 0;
  // REQUIRES: index < entries().size().
  virtual Tensor read(std::size_t index) const = 0;
  // Where the values that read() gives stand in one run; nothing where they have to be decoded,
  // gathered or converted, or lie beyond the source. What is found there no checksum has been
  // compared with.  REQUIRES: as read().
  virtual std::optional<Run> find_run(std::size_t /*index*/) const { return std::nullopt; }
  virtual void verify(const ReadProgress& progress) const = 0;
  // The first entry that shares its values with this one; itself where none does.
  virtual std::size_t original_of(std::size_t index) const { return index; }
  const FileFacts& facts() const { return facts_; }

 protected:
  FileFacts facts_;
};

// Tells the format by content and opens the reader for it. `path` is the file's, whose folder an
// index finds its shards in; empty when the source is not a file. Throws Error, with advice, for
// files that are recognised but not read.
std::shared_ptr<const Container> open_container(std::shared_ptr<const ByteSource> source,
                                                const std::filesystem::path& path = {},
                                                const OpenOptions& options = {});

}  // namespace nn::io
