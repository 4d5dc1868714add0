#include <algorithm>
#include <vector>

#include <nn/io/bytes_writer.h>
#include <nn/io/safetensors_dtype.h>
#include <nn/io/safetensors_writer.h>

namespace nn::io {
namespace {

constexpr std::size_t longest_header = std::size_t{16} << 20;  // that we read
constexpr std::size_t header_alignment = 8;

// The place of its element type in the layout.
std::size_t rank_of(DType dtype) {
  const auto types = safetensors_dtypes();
  const auto found = std::ranges::find(types, name_of(dtype), &SafetensorsDType::meaning);
  return static_cast<std::size_t>(found - types.begin());
}

// REQUIRES: valid UTF-8.
std::string json_text(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::string_view escaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view letters = "\"\\bfnrt";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const std::size_t at = escaped.find(c); at != std::string_view::npos) {
      result += '\\';
      result += letters[at];
    } else if (byte < 0x20) {
      result += "\\u00";
      result += digits[byte >> 4];
      result += digits[byte & 15];
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string sizes_text(const Shape& shape) {
  std::string text;
  for (std::size_t i = 0; i < shape.rank(); ++i) text += concat(i == 0 ? "" : ",", shape[i]);
  return text;
}

std::string header_text(const std::vector<SavedTensors::Item>& items,
                        const std::vector<std::size_t>& order) {
  std::string text = R"({"__metadata__":{"format":"pt"})";
  std::uint64_t begin = 0;
  for (const std::size_t i : order) {
    const SavedTensors::Item& item = items[i];
    const std::uint64_t end = begin + nbytes(item.spec);
    text += concat(",", json_text(item.name), R"(:{"dtype":")",
                   safetensors_dtypes()[rank_of(item.spec.dtype)].name, R"(","shape":[)",
                   sizes_text(item.spec.shape), R"(],"data_offsets":[)", begin, ",", end, "]}");
    begin = end;
  }
  text += "}";
  text.resize((text.size() + header_alignment - 1) / header_alignment * header_alignment, ' ');
  if (text.size() > longest_header) {
    fail("the names and shapes take ", text.size(), " bytes, at most ", longest_header,
         " (16 MiB) can be read again");
  }
  return text;
}

}  // namespace

void write_safetensors(OutputFile& file, const SavedTensors& tensors) {
  const auto& items = tensors.items();
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    if (items[i].name == "__metadata__") {
      fail("a tensor is named '__metadata__', which safetensors keeps for itself; rename it");
    }
  }
  std::ranges::sort(order, {}, [&](std::size_t i) {
    return std::pair<std::size_t, std::string_view>(rank_of(items[i].spec.dtype), items[i].name);
  });
  const std::string header = header_text(items, order);
  BytesWriter length;
  length.u64(header.size());
  file.write(length.bytes());
  file.write(header);
  for (const std::size_t i : order) {
    tensors.give(tensors.read(i), i, [&](std::span<const std::byte> bytes) { file.write(bytes); });
    tensors.done(i);
  }
}

}  // namespace nn::io
