#include <algorithm>
#include <array>

#include <nn/error.h>
#include <nn/io/exported_types.h>

namespace nn::io {
namespace {

struct Row {
  std::uint64_t number;
  std::string_view name;
};

constexpr std::array scalar_types = {
    Row{1, "uint8"},
    Row{2, "int8"},
    Row{3, "int16"},
    Row{4, "int32"},
    Row{5, "int64"},
    Row{6, "float16"},
    Row{7, "float32"},
    Row{8, "float64"},
    Row{9, "complex32"},
    Row{10, "complex64"},
    Row{11, "complex128"},
    Row{12, "bool"},
    Row{13, "bfloat16"},
    Row{28, "uint16"},
    Row{29, "float8_e4m3fn"},
    Row{30, "float8_e5m2"},
    Row{31, "float8_e4m3fnuz"},
    Row{32, "float8_e5m2fnuz"},
    Row{33, "float8_e8m0fnu"},
    Row{34, "uint32"},
    Row{35, "uint64"},
};

constexpr std::array<std::string_view, 8> layouts = {
    "", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "_mkldnn", "strided"};

constexpr std::array<std::string_view, 5> memory_formats = {
    "", "contiguous_format", "channels_last", "channels_last_3d", "preserve_format"};

constexpr std::array<std::string_view, 12> devices = {"cpu",    "cuda",   "meta",          "mps",
                                                      "xpu",    "hpu",    "xla",           "mtia",
                                                      "mkldnn", "vulkan", "privateuseone", "ipu"};

}  // namespace

const TorchDType& exported_dtype(std::uint64_t scalar_type) {
  for (const Row& row : scalar_types) {
    if (row.number == scalar_type) return *find_torch_dtype(row.name);
  }
  fail("element type ", scalar_type, " is not one of torch.export's (7 is float32)");
}

std::string_view exported_layout(std::uint64_t layout) {
  if (layout == 0 || layout >= layouts.size()) {
    fail("layout ", layout, " is not one of torch.export's (7 is strided)");
  }
  return layouts[static_cast<std::size_t>(layout)];
}

std::string_view exported_memory_format(std::uint64_t memory_format) {
  if (memory_format == 0 || memory_format >= memory_formats.size()) {
    fail("memory format ", memory_format, " is not one of torch.export's (1 is contiguous)");
  }
  return memory_formats[static_cast<std::size_t>(memory_format)];
}

void check_exported_device(std::string_view type) {
  if (std::ranges::find(devices, type) == devices.end()) {
    fail("device '", printable(type), "' is not one of PyTorch's, like 'cpu'");
  }
}

}  // namespace nn::io
