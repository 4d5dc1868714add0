#include <nn/io/container.h>
#include <nn/io/npy.h>
#include <nn/io/safetensors.h>
#include <nn/io/sharded.h>
#include <nn/io/sniff.h>
#include <nn/io/torch_zip.h>
#include <nn/io/zip.h>

namespace nn::io {

std::shared_ptr<const Container> open_container(std::shared_ptr<const ByteSource> source,
                                                const std::filesystem::path& path) {
  Format format = sniff(*source);
  if (format == Format::npy) return open_npy(std::move(source));
  if (format == Format::safetensors) return open_safetensors(std::move(source));
  if (format == Format::json) return open_sharded(*source, path);
  if (format != Format::zip) fail_unreadable(format);
  ZipArchive archive(std::move(source));
  format = sniff_zip(archive);
  if (format == Format::npz) return open_npz(std::move(archive));
  if (format != Format::torch_zip) fail_unreadable(format);
  return open_torch_zip(std::move(archive));
}

}  // namespace nn::io
