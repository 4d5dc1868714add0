#include <array>

#include <nn/io/npz_writer.h>
#include <nn/io/output_file.h>
#include <nn/io/safetensors_writer.h>
#include <nn/io/save.h>
#include <nn/io/saved_tensors.h>
#include <nn/io/torch_writer.h>

namespace nn {
namespace {

struct Suffix {
  std::string_view text;
  SaveFormat format;
};

constexpr std::array suffixes = {
    Suffix{".pt", SaveFormat::torch},  Suffix{".pth", SaveFormat::torch},
    Suffix{".bin", SaveFormat::torch}, Suffix{".ckpt", SaveFormat::torch},
    Suffix{".npz", SaveFormat::npz},   Suffix{".safetensors", SaveFormat::safetensors},
};

}  // namespace

std::string_view name_of(SaveFormat format) {
  switch (format) {
    case SaveFormat::torch:
      return "torch";
    case SaveFormat::safetensors:
      return "safetensors";
    case SaveFormat::npz:
      return "npz";
  }
  return "unknown";
}

std::optional<SaveFormat> save_format_named(std::string_view name) {
  for (const auto format : {SaveFormat::torch, SaveFormat::safetensors, SaveFormat::npz}) {
    if (name_of(format) == name) return format;
  }
  return std::nullopt;
}

std::optional<SaveFormat> save_format_of(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  for (const Suffix& suffix : suffixes) {
    if (suffix.text == extension) return suffix.format;
  }
  return std::nullopt;
}

void save(const std::filesystem::path& path, const StateDict& state_dict, SaveFormat format,
          const SaveOptions& options) {
  io::OutputFile file(path);
  const io::SavedTensors tensors(state_dict, options);
  switch (format) {
    case SaveFormat::torch:
      io::write_torch(file, tensors);
      break;
    case SaveFormat::safetensors:
      io::write_safetensors(file, tensors);
      break;
    case SaveFormat::npz:
      io::write_npz(file, tensors);
      break;
  }
  file.commit();
}

}  // namespace nn
