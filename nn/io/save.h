#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include <nn/io/state_dict.h>

namespace nn {

// The formats in which weights are written, and who reads them.
enum class SaveFormat : std::uint8_t {
  torch,  // torch.load(weights_only=True) of PyTorch 1.13 and later: an OrderedDict of tensors
  safetensors,  // the safetensors library; laid out as its save_file does
  npz,          // numpy.load; NumPy has no bfloat16 and no float8
};

// "torch", "safetensors", "npz"
std::string_view name_of(SaveFormat format);
std::optional<SaveFormat> save_format_named(std::string_view name);
// By the end of the path: .pt, .pth, .bin and .ckpt are torch, .safetensors and .npz themselves.
std::optional<SaveFormat> save_format_of(const std::filesystem::path& path);

struct SaveOptions {
  // Floating-point tensors are written in this type (as model.to(dtype) has them), others as they
  // are. A finite value that would become infinite is refused.
  std::optional<DType> dtype;
  // Tensors that cannot be read (Entry::unreadable) are left out; otherwise the first is refused.
  bool skip_unreadable = false;
  // Called now and then with the bytes of values written and to write. What it throws ends the
  // saving.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// Writes all tensors of a state dict to a file, the values to the bit. Tensors that share their
// values (tied weights) share them in a torch file and are written each in the others. The file is
// written whole or not at all: on any failure what stood at `path` stands there unchanged; it may
// be the file that the state dict reads from. Holds one tensor in memory at a time. Throws Error
// naming the tensor that cannot be read or that the format cannot hold.
//
//   nn::save("weights.safetensors", nn::StateDict::open("weights.pt"),
//            nn::SaveFormat::safetensors);
void save(const std::filesystem::path& path, const StateDict& state_dict,
          SaveFormat format = SaveFormat::torch, const SaveOptions& options = {});

}  // namespace nn
