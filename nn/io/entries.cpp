#include <unordered_set>

#include <nn/error.h>
#include <nn/io/entries.h>

namespace nn::io {
namespace {

constexpr std::size_t longest_name = 1024;

}  // namespace

void check_tensor_count(std::size_t count) {
  if (count > most_tensors) fail("more than ", most_tensors, " tensors, the limit");
}

void check_tensor_name(std::string_view name) {
  if (name.size() > longest_name || name.find('\0') != std::string_view::npos) {
    fail("the name '", printable(name), "' is longer than ", longest_name,
         " bytes or contains NUL");
  }
}

void check_unique_names(const std::vector<StateDict::Entry>& entries) {
  std::unordered_set<std::string_view> names;
  names.reserve(entries.size());
  for (const StateDict::Entry& entry : entries) {
    if (!names.insert(entry.name).second) {
      fail("two tensors are named '", printable(entry.name), "'");
    }
  }
}

std::string unreadable_dtype(std::string_view dtype) {
  return dtype_named(dtype) ? std::string() : concat("its element type is ", dtype);
}

}  // namespace nn::io
