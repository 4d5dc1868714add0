#pragma once

#include <cstdint>
#include <string_view>

#include <nn/io/file.h>
#include <nn/io/zip.h>

namespace nn::io {

// The formats in which weights come, and what is found in their place.
enum class Format : std::uint8_t {
  zip,  // one of the next six
  torch_zip,
  torch_script,
  torch_script_json,
  exported_program,
  npz,
  other_zip,
  torch_legacy,
  torch_tar,
  tar,
  pickle,
  safetensors,
  json,  // the index of shards
  npy,
  onnx,
  hdf5,
  gzip,
  git_lfs_pointer,
  web_page,
  empty,
  unknown,
};

// By the first bytes, never by the file's name.
Format sniff(const ByteSource& source);
// By the names of the entries.
Format sniff_zip(const ZipArchive& archive);

// Throws Error: what the file is and what to do with it.
[[noreturn]] void fail_unreadable(Format format);

}  // namespace nn::io
