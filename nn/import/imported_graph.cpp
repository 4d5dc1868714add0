#include <map>

#include <nn/import/imported_graph.h>

namespace nn {
namespace {

// "N of 1 to 64"
std::string to_text(const DeclaredInput::Size& size) {
  if (size.size) return concat(*size.size);
  std::string text = size.symbol.empty() ? "?" : size.symbol;
  if (size.least && size.most) return concat(text, " of ", *size.least, " to ", *size.most);
  if (size.least) return concat(text, " from ", *size.least, " on");
  return size.most ? concat(text, " up to ", *size.most) : text;
}

// "[N, 3]"
std::string to_text(const std::vector<DeclaredInput::Size>& sizes) {
  std::string text;
  for (const DeclaredInput::Size& size : sizes) {
    text += text.empty() ? "" : ", ";
    text += to_text(size);
  }
  return "[" + text + "]";
}

bool fits(const DeclaredInput::Size& declared, std::int64_t size) {
  if (declared.size) return size == *declared.size;
  return size >= declared.least.value_or(size) && size <= declared.most.value_or(size);
}

bool fits(const DeclaredInput& declared, const TensorSpec& spec) {
  if (spec.dtype == declared.dtype && !declared.has_shape) return true;
  if (spec.dtype != declared.dtype || spec.shape.rank() != declared.sizes.size()) return false;
  for (std::size_t i = 0; i < declared.sizes.size(); ++i) {
    if (!fits(declared.sizes[i], spec.shape[i])) return false;
  }
  return true;
}

}  // namespace

void require_declared(const std::vector<DeclaredInput>& declared,
                      std::span<const TensorSpec> specs) {
  if (specs.size() != declared.size()) {
    fail("expected ", declared.size(), " inputs, got ", specs.size());
  }
  std::map<std::string, std::int64_t> known;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const DeclaredInput& input = declared[i];
    if (!fits(input, specs[i])) {
      fail("input '", input.name, "': expected ", input.dtype, " ", to_text(input.sizes), ", got ",
           specs[i].dtype, " ", specs[i].shape);
    }
    for (std::size_t k = 0; k < input.sizes.size(); ++k) {
      if (input.sizes[k].size || input.sizes[k].symbol.empty()) continue;
      const std::int64_t size = specs[i].shape[k];
      const auto [found, added] = known.emplace(input.sizes[k].symbol, size);
      if (!added && found->second != size) {
        fail("the size '", input.sizes[k].symbol, "' is ", found->second, " and ", size);
      }
    }
  }
}

}  // namespace nn
