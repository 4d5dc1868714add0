#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <nn/io/onnx_tensor.h>
#include <nn/io/onnx_type.h>

namespace nn::io {
namespace {

constexpr std::uint32_t float_data = 4;
constexpr std::uint32_t int32_data = 5;
constexpr std::uint32_t string_data = 6;
constexpr std::uint32_t int64_data = 7;
constexpr std::uint32_t double_data = 10;
constexpr std::uint32_t uint64_data = 11;
constexpr std::uint32_t last_field = 16;

std::uint64_t count_numbers(const ProtobufReader& reader, const ProtobufField& field) {
  std::uint64_t count = 0;
  const auto add = [&](auto) { ++count; };
  switch (field.number) {
    case float_data:
      reader.each_fixed32(field, add);
      return count;
    case double_data:
      reader.each_fixed64(field, add);
      return count;
    case string_data:
      static_cast<void>(field.bytes());
      return 1;
    default:
      reader.each_varint(field, add);
      return count;
  }
}

// What a TensorProto says, before it is compared with itself.
struct Said {
  std::vector<std::int64_t> dims;
  std::int64_t data_type = 0;
  std::int64_t data_location = 0;
  std::optional<ByteRange> raw;
  std::array<std::uint64_t, last_field + 1> counts{};  // by field
  std::vector<std::pair<std::string, std::string>> external;
};

std::pair<std::string, std::string> read_entry(ProtobufReader reader, OnnxBudget& budget) {
  std::pair<std::string, std::string> entry;
  while (const auto field = reader.next()) {
    if (field->number == 1) entry.first = read_onnx_name(reader, *field, budget);
    if (field->number == 2) entry.second = reader.text(*field, longest_onnx_name);
  }
  budget.spend(sizeof(entry) + entry.second.size());
  return entry;
}

void read_part(ProtobufReader reader, Said& said, std::string& name, OnnxBudget& budget) {
  constexpr std::size_t most_entries = 16;
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1:
        reader.each_varint(*field, [&](std::uint64_t dim) {
          if (said.dims.size() == Shape::max_rank) {
            fail("more than ", Shape::max_rank, " dimensions, the limit");
          }
          said.dims.push_back(static_cast<std::int64_t>(dim));
        });
        break;
      case 2:
        said.data_type = field->integer();
        break;
      case 3:
        fail("its values are one segment of a larger tensor, which is not read; save it whole");
      case float_data:
      case int32_data:
      case string_data:
      case int64_data:
      case double_data:
      case uint64_data:
        said.counts[field->number] += count_numbers(reader, *field);
        break;
      case 8:
        name = read_onnx_name(reader, *field, budget);
        break;
      case 9:
        said.raw = field->bytes();
        break;
      case 13:
        if (said.external.size() == most_entries) {
          fail("external_data has more than ", most_entries, " entries, the limit");
        }
        said.external.push_back(read_entry(reader.message(*field), budget));
        break;
      case 14:
        said.data_location = field->integer();
        break;
      default:
        break;
    }
  }
}

std::uint64_t decimal(std::string_view key, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) {
    fail("external_data: ", key, " is '", printable(text),
         "', expected a decimal number of at most 64 bits");
  }
  return value;
}

std::shared_ptr<const OnnxExternalData> external_of(const Said& said, std::uint64_t bytes,
                                                    bool known_size) {
  auto data = std::make_shared<OnnxExternalData>();
  std::vector<std::string_view> seen;
  for (const auto& [key, value] : said.external) {
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      fail("external_data: the key '", printable(key), "' occurs twice");
    }
    seen.push_back(key);
    if (key == "location") {
      data->location = value;
    } else if (key == "offset") {
      data->offset = decimal(key, value);
    } else if (key == "length") {
      const std::uint64_t length = decimal(key, value);
      if (known_size && length != bytes) {
        fail("external_data: length is ", length, ", the tensor needs ", bytes, " bytes");
      }
    } else if (key != "checksum" && key != "basepath") {
      fail("external_data: unknown key '", printable(key),
           "', expected location, offset, length, checksum or basepath");
    }
  }
  if (data->location.find("_ORT_MEM_ADDR_") != std::string::npos) {
    fail("external_data: location '", printable(data->location),
         "' is an address in the memory of ONNX Runtime, not a file; save the model to a file");
  }
  if (std::find(seen.begin(), seen.end(), "location") == seen.end()) {
    fail("external_data: there is no location");
  }
  return data;
}

// Compares the values there are with those the shape needs.
void find_values(OnnxTensor& tensor, const Said& said, const OnnxType& type) {
  const bool known_size = type.dtype.has_value();
  const auto numel = static_cast<std::uint64_t>(tensor.spec.shape.numel());
  const std::uint64_t bytes = known_size ? nbytes(tensor.spec) : 0;
  bool numbers = false;
  for (std::uint32_t field = 0; field < said.counts.size(); ++field) {
    if (said.counts[field] == 0) continue;
    if (field != type.field) {
      fail("its values stand in field ", field, ", those of ", tensor.type, " belong into field ",
           type.field, " or raw_data");
    }
    numbers = true;
  }
  const bool raw = said.raw && (said.raw->length != 0 || !numbers);
  if (said.data_location != 0 && said.data_location != 1) {
    fail("data_location is ", said.data_location, ", expected 0 (here) or 1 (external)");
  }
  if (static_cast<int>(raw) + static_cast<int>(numbers) + static_cast<int>(said.data_location) >
      1) {
    fail(
        "its values are given more than once: of raw_data, numbers and external data there may be "
        "one");
  }
  if (said.data_location == 1) {
    tensor.storage = OnnxTensor::Storage::external;
    tensor.external = external_of(said, bytes, known_size);
    return;
  }
  if (raw) {
    tensor.storage = OnnxTensor::Storage::raw;
    tensor.raw = *said.raw;
    if (known_size && tensor.raw.length != bytes) {
      fail("raw_data has ", tensor.raw.length, " bytes, ", tensor.spec, " needs ", bytes);
    }
    return;
  }
  if (numbers) tensor.storage = OnnxTensor::Storage::numbers;
  if (known_size && said.counts[type.field] != numel) {
    if (!numbers) fail("it has no values, ", tensor.spec, " needs ", bytes, " bytes");
    fail("it has ", said.counts[type.field], " numbers, ", tensor.spec, " needs ", numel);
  }
}

// The low bytes of the number, if the element type holds it. Floats are bits, signed or not.
void put(std::uint64_t bits, const TensorSpec& spec, std::span<std::byte> out) {
  const std::size_t width = size_of(spec.dtype) * 8;
  if (spec.dtype == DType::boolean) bits = bits != 0 ? 1 : 0;
  if (width < 64) {
    const bool is_signed =
        spec.dtype == DType::int8 || spec.dtype == DType::int16 || spec.dtype == DType::int32;
    const auto value = static_cast<std::int64_t>(bits);
    const std::int64_t limit = std::int64_t{1} << (is_signed ? width - 1 : width);
    const std::int64_t least =
        is_signed ? -limit : (is_floating_point(spec.dtype) ? -(limit / 2) : 0);
    if (value < least || value >= limit) {
      fail("the number ", value, " does not fit ", spec.dtype);
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::byte>(bits >> (8 * i) & 0xFFU);
  }
}

// What was counted when the file was opened is no longer there.
[[noreturn]] void fail_changed() { fail("the file was changed after it was opened"); }

}  // namespace

OnnxTensor read_onnx_tensor(ProtobufWindow& window, std::vector<ByteRange> parts,
                            OnnxBudget& budget) {
  OnnxTensor tensor;
  Said said;
  const auto describe = [&] {
    for (const ByteRange& part : parts) {
      read_part(ProtobufReader(window, part), said, tensor.name, budget);
    }
    const OnnxType* type = find_onnx_type(said.data_type);
    if (type == nullptr) {
      fail("data_type ", said.data_type, " is not one of ONNX's element types");
    }
    tensor.type = type->name;
    for (const std::int64_t dim : said.dims) {
      if (dim < 0) fail("the size ", dim, " of a dimension is negative");
    }
    tensor.spec = {Shape(said.dims), type->dtype.value_or(DType::float32)};
    if (!type->dtype) tensor.unreadable = concat("its element type is ", type->name);
    find_values(tensor, said, *type);
  };
  try {
    describe();
  } catch (const Error& error) {
    fail("tensor '", printable(tensor.name), "': ", error.what());
  }
  tensor.parts = std::move(parts);
  return tensor;
}

void read_onnx_numbers(ProtobufWindow& window, const OnnxTensor& tensor, std::span<std::byte> out) {
  const std::size_t size = size_of(tensor.spec.dtype);
  const auto take = [&] {
    if (out.empty()) fail_changed();
    const auto place = out.first(size);
    out = out.subspan(size);
    return place;
  };
  const auto copy = [&](auto bits) {
    if (sizeof(bits) != size) fail_changed();
    std::memcpy(take().data(), &bits, sizeof(bits));
  };
  for (const ByteRange& part : tensor.parts) {
    ProtobufReader reader(window, part);
    while (const auto field = reader.next()) {
      switch (field->number) {
        case float_data:
          reader.each_fixed32(*field, copy);
          break;
        case double_data:
          reader.each_fixed64(*field, copy);
          break;
        case int32_data:  // negative ones are written with 64 bits
          reader.each_varint(*field, [&](std::uint64_t bits) {
            const auto value = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
            put(static_cast<std::uint64_t>(std::int64_t{value}), tensor.spec, take());
          });
          break;
        case int64_data:
        case uint64_data:
          reader.each_varint(*field, [&](std::uint64_t bits) { put(bits, tensor.spec, take()); });
          break;
        default:
          break;
      }
    }
  }
  if (!out.empty()) fail_changed();
}

}  // namespace nn::io
