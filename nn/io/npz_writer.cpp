#include <nn/io/bytes_writer.h>
#include <nn/io/npy_header.h>
#include <nn/io/npz_writer.h>
#include <nn/io/zip_writer.h>

namespace nn::io {
namespace {

constexpr std::size_t alignment = 64;

// "(2, 3)", "(3,)", "()"
std::string tuple_text(const Shape& shape) {
  std::string text;
  for (std::size_t i = 0; i < shape.rank(); ++i) text += concat(i == 0 ? "" : ", ", shape[i]);
  return concat("(", text, shape.rank() == 1 ? ",)" : ")");
}

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
std::string npy_header(const TensorSpec& spec, std::string_view type) {
  std::string dict = concat("{'descr': '", size_of(spec.dtype) == 1 ? "|" : "<", type,
                            "', 'fortran_order': False, 'shape': ", tuple_text(spec.shape), ", }");
  constexpr std::string_view magic("\x93NUMPY\x01\x00", 8);
  const std::size_t unpadded = magic.size() + 2 + dict.size() + 1;
  dict.append((alignment - unpadded % alignment) % alignment, ' ');
  dict += '\n';
  BytesWriter header;
  header.text(magic);
  header.u16(static_cast<std::uint16_t>(dict.size()));
  header.text(dict);
  return header.bytes();
}

}  // namespace

void write_npz(OutputFile& file, const SavedTensors& tensors) {
  const auto& items = tensors.items();
  for (const SavedTensors::Item& item : items) {  // before anything large is read
    if (!numpy_type(name_of(item.spec.dtype)).empty()) continue;
    fail("tensor '", printable(item.name), "': NumPy has no ", item.spec.dtype,
         "; convert it on the way, --dtype float32, or write safetensors");
  }
  ZipWriter zip(file);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const SavedTensors::Item& item = items[i];
    const std::string header = npy_header(item.spec, numpy_type(name_of(item.spec.dtype)));
    const Tensor values = tensors.read(i);
    zip.add(item.name + ".npy", [&](const ZipWriter::Take& take) {
      take(std::as_bytes(std::span(header)));
      tensors.give(values, i, take);
    });
    tensors.done(i);
  }
  zip.finish();
}

}  // namespace nn::io
