#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nn/io/torch_tensors.h>
#include <nn/io/zip.h>

namespace nn::io {

// A zip archive as PyTorch writes it: all entries in one folder, a version, the order of bytes, and
// storages in entries of their own.
// https://github.com/pytorch/pytorch/blob/v2.15.0/caffe2/serialize/inline_container.cc
class TorchArchive {
 public:
  // Throws Error when the folder or the version are not as expected.
  explicit TorchArchive(ZipArchive archive);

  const ZipArchive& zip() const { return zip_; }
  bool big_endian() const { return big_endian_; }
  // What each PyTorch added to its archives tells their age: "PyTorch 2.1 or later".
  std::string_view producer() const;

  // By the name inside the folder, "data.pkl".
  const ZipEntry* find(std::string_view name) const;
  const ZipEntry& entry_named(std::string_view name) const;  // throws Error when there is none

  // The entries `folder` + key of storages, by their index. Throws Error when one is missing or of
  // another size than its elements need.
  std::vector<const ZipEntry*> find_storages(const TorchTensors& tensors,
                                             std::string_view folder) const;

 private:
  void find_root();
  void check_versions() const;
  void check_number(const ZipEntry& entry, std::uint64_t most) const;
  void read_byte_order();
  std::string note(const ZipEntry& entry) const;

  ZipArchive zip_;
  std::string root_;  // with its slash
  bool big_endian_ = false;
};

}  // namespace nn::io
