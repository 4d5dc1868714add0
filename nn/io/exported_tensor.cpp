#include <nn/io/exported_tensor.h>
#include <nn/io/exported_types.h>
#include <nn/shape.h>

namespace nn::io {
namespace {

std::vector<ExportedSize> read_sizes(JsonReader& json, ExportedBudget& budget) {
  std::vector<ExportedSize> sizes;
  json.begin_array();
  while (json.next_item()) {
    if (sizes.size() == Shape::max_rank) {
      fail("more than ", Shape::max_rank, " dimensions, the limit");
    }
    budget.spend(sizeof(ExportedSize));
    sizes.push_back(read_exported_size(json));
  }
  return sizes;
}

void check_device(JsonReader& json) {
  constexpr std::array<std::string_view, 1> keys = {"type"};
  read_object(json, keys, [&](std::string_view) { check_exported_device(json.string()); });
}

}  // namespace

ExportedSize read_exported_size(JsonReader& json) {
  constexpr std::array<std::string_view, 2> keys = {"as_int", "as_expr"};
  constexpr std::array<std::string_view, 1> expression_keys = {"expr_str"};
  ExportedSize size;
  std::size_t given = 0;
  read_object(json, keys, [&](std::string_view key) {
    ++given;
    if (key == "as_int") {
      size.value = json.signed_integer();
    } else {
      read_object(json, expression_keys, [&](std::string_view) { size.symbol = json.string(); });
    }
  });
  if (given != 1) fail("expected a size of one 'as_int' or 'as_expr'");
  return size;
}

ExportedTensor read_exported_tensor(JsonReader& json, ExportedBudget& budget) {
  constexpr std::array<std::string_view, 6> keys = {"dtype",  "sizes",          "strides",
                                                    "layout", "storage_offset", "device"};
  ExportedTensor tensor;
  tensor.offset.value = 0;
  bool has_sizes = false;
  read_object(json, keys, [&](std::string_view key) {
    if (key == "dtype") {
      tensor.dtype = &exported_dtype(json.unsigned_integer());
    } else if (key == "sizes") {
      tensor.sizes = read_sizes(json, budget);
      has_sizes = true;
    } else if (key == "strides") {
      tensor.strides = read_sizes(json, budget);
    } else if (key == "layout") {
      tensor.layout = exported_layout(json.unsigned_integer());
    } else if (key == "storage_offset") {
      tensor.offset = read_exported_size(json);
    } else {
      check_device(json);
    }
  });
  if (tensor.dtype == nullptr || !has_sizes || tensor.layout.empty()) {
    fail("expected the 'dtype', 'sizes' and 'layout' of a tensor");
  }
  return tensor;
}

}  // namespace nn::io
