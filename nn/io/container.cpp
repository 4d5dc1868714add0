#include <nn/io/container.h>
#include <nn/io/npy.h>
#include <nn/io/safetensors.h>
#include <nn/io/sharded.h>
#include <nn/io/sniff.h>
#include <nn/io/torch_legacy.h>
#include <nn/io/torch_script.h>
#include <nn/io/torch_script_json.h>
#include <nn/io/torch_zip.h>
#include <nn/io/zip.h>

namespace nn::io {
namespace {

void refuse_key(const OpenOptions& options) {
  if (options.key.empty()) return;
  fail("the key '", printable(options.key),
       "' was given, but the file holds tensors alone and no checkpoint: leave the key out");
}

}  // namespace

std::shared_ptr<const Container> open_container(std::shared_ptr<const ByteSource> source,
                                                const std::filesystem::path& path,
                                                const OpenOptions& options) {
  Format format = sniff(*source);
  if (format == Format::zip) {
    ZipArchive archive(std::move(source));
    format = sniff_zip(archive);
    if (format == Format::torch_zip) return open_torch_zip(std::move(archive), options);
    if (format == Format::torch_script) return open_torch_script(std::move(archive), options);
    if (format != Format::npz && format != Format::torch_script_json) fail_unreadable(format);
    refuse_key(options);
    if (format == Format::torch_script_json) return open_torch_script_json(std::move(archive));
    return open_npz(std::move(archive));
  }
  if (format == Format::json) return open_sharded(*source, path, options);
  if (format == Format::torch_legacy) return open_torch_legacy(std::move(source), options);
  if (format != Format::npy && format != Format::safetensors) fail_unreadable(format);
  refuse_key(options);
  if (format == Format::npy) return open_npy(std::move(source));
  return open_safetensors(std::move(source));
}

}  // namespace nn::io
