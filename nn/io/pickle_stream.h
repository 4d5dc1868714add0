#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <nn/io/file.h>
#include <nn/io/pickle.h>

namespace nn::io {

// Reads pickles that stand one behind the other, their lengths unknown, from front to back.
class PickleStream {
 public:
  explicit PickleStream(const ByteSource& source) : source_(source) {}

  // The pickle that begins at offset(), which then is where it ends. `what` names it in errors:
  // "the list of storages".
  Pickle next(std::string_view what, const PickleLimits& limits = {});
  std::uint64_t offset() const { return offset_; }

 private:
  const ByteSource& source_;
  std::uint64_t offset_ = 0;
};

}  // namespace nn::io
