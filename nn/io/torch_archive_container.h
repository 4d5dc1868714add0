#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <nn/io/torch_archive.h>
#include <nn/io/torch_container.h>

namespace nn::io {

// A TorchContainer whose storages are entries of an archive.
class TorchArchiveContainer : public TorchContainer {
 public:
  void verify(const ReadProgress& progress) const final { archive_.zip().verify_all(progress); }

 protected:
  explicit TorchArchiveContainer(ZipArchive archive) : archive_(std::move(archive)) {}

  TorchArchive archive_;
  std::vector<const ZipEntry*> storages_;  // by index in TorchTensors::storages()

 private:
  void read_storage(std::size_t storage, std::uint64_t offset,
                    std::span<std::byte> out) const final {
    archive_.zip().read(*storages_[storage], offset, out);
  }
  std::optional<Run> find_storage(std::size_t storage) const final {
    const auto at = archive_.zip().find_data(*storages_[storage]);
    return at ? std::optional(Run{archive_.zip().source(), *at}) : std::nullopt;
  }
};

}  // namespace nn::io
