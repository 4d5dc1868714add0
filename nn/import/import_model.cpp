#include <nn/import/exported_program.h>
#include <nn/import/import_model.h>
#include <nn/import/onnx.h>
#include <nn/io/sniff.h>

namespace nn {
namespace {

using io::Format;

Format format_of(const std::shared_ptr<const io::ByteSource>& source) {
  const Format format = io::sniff(*source);
  return format == Format::zip ? io::sniff_zip(io::ZipArchive(source)) : format;
}

// What a file without a graph is, and where to get one.
[[noreturn]] void fail_without_graph(Format format) {
  constexpr std::string_view export_it =
      "; export the network in Python with torch.export.save (.pt2) or torch.onnx.export";
  switch (format) {
    case Format::torch_zip:
    case Format::torch_legacy:
    case Format::torch_tar:
      fail("this is a file of torch.save, which holds weights and no graph", export_it);
    case Format::safetensors:
    case Format::npz:
    case Format::npy:
    case Format::json:
      fail("this is a file of tensors, which holds weights and no graph", export_it);
    case Format::torch_script:
    case Format::torch_script_json:
      fail("this is TorchScript, which holds its graph as code that is not run here", export_it);
    case Format::hdf5:
      fail("this is an HDF5 file (Keras), expected ONNX or a program of torch.export (.pt2)");
    case Format::other_zip:
    case Format::pickle:
    case Format::unknown:
      fail("the format is not recognised, expected ONNX or a program of torch.export (.pt2)");
    case Format::empty:
      fail("the file is empty (0 bytes), expected ONNX or a program of torch.export (.pt2)");
    default:
      io::fail_unreadable(format);
  }
}

}  // namespace

bool holds_graph(const std::filesystem::path& path) {
  const auto source = io::open_file(path);
  return io::at_place(source->name(), [&] {
    const Format format = format_of(source);
    return format == Format::onnx || format == Format::exported_program;
  });
}

ImportedGraph import_model(const std::filesystem::path& path) {
  const auto source = io::open_file(path);
  const Format format = io::at_place(source->name(), [&] { return format_of(source); });
  if (format == Format::onnx) return import_onnx(path);
  if (format == Format::exported_program) return import_exported_program(path);
  return io::at_place(source->name(), [&]() -> ImportedGraph { fail_without_graph(format); });
}

}  // namespace nn
