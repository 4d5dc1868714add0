#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ostream>
#include <vector>

#include <nn/tensor.h>

namespace nn {
namespace {

// PyTorch's default print options; the functions below follow torch/_tensor_str.py.
constexpr int precision = 4;
constexpr std::int64_t threshold = 1000;  // more elements are summarised
constexpr std::int64_t edge_items = 3;    // of a summarised dimension, at both ends
constexpr std::size_t line_width = 80;
constexpr std::size_t indent_of_prefix = 7;  // "tensor("

std::string digits(double value, std::chars_format format, int places) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 400> buffer;  // the largest double has 309 digits
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, places);
  return std::string(buffer.data(), result.ptr);
}

std::string padded(const std::string& text, std::size_t width) {
  return concat(std::string(width - std::min(width, text.size()), ' '), text);
}

// The elements as numbers, whatever their type.
class Elements {
 public:
  explicit Elements(ConstTensorView x) : x_(x) {}

  bool floating() const { return is_floating_point(x_.dtype()); }
  double real(std::size_t i) const {
    switch (x_.dtype()) {
      case DType::float32:
        return static_cast<double>(x_.f32()[i]);
      case DType::float16:
        return static_cast<double>(to_float(x_.as<Float16>()[i]));
      case DType::bfloat16:
        return static_cast<double>(to_float(x_.as<BFloat16>()[i]));
      case DType::float8_e4m3fn:
        return static_cast<double>(to_float(x_.as<Float8_e4m3fn>()[i]));
      case DType::float8_e5m2:
        return static_cast<double>(to_float(x_.as<Float8_e5m2>()[i]));
      case DType::float8_e4m3fnuz:
        return static_cast<double>(to_float(x_.as<Float8_e4m3fnuz>()[i]));
      case DType::float8_e5m2fnuz:
        return static_cast<double>(to_float(x_.as<Float8_e5m2fnuz>()[i]));
      case DType::float8_e8m0fnu:
        return static_cast<double>(to_float(x_.as<Float8_e8m0fnu>()[i]));
      default:
        return x_.as<double>()[i];
    }
  }
  // An integer's or a bool's text.
  std::string text(std::size_t i) const {
    switch (x_.dtype()) {
      case DType::boolean:
        return x_.as<bool>()[i] ? "True" : "False";
      case DType::int64:
        return std::to_string(x_.as<std::int64_t>()[i]);
      case DType::int32:
        return std::to_string(x_.as<std::int32_t>()[i]);
      case DType::int16:
        return std::to_string(x_.as<std::int16_t>()[i]);
      case DType::int8:
        return std::to_string(x_.as<std::int8_t>()[i]);
      case DType::uint64:
        return std::to_string(x_.as<std::uint64_t>()[i]);
      case DType::uint32:
        return std::to_string(x_.as<std::uint32_t>()[i]);
      case DType::uint16:
        return std::to_string(x_.as<std::uint16_t>()[i]);
      default:
        return std::to_string(x_.as<std::uint8_t>()[i]);
    }
  }

 private:
  ConstTensorView x_;
};

class Printer {
 public:
  explicit Printer(ConstTensorView x)
      : elements_(x),
        shape_(x.shape()),
        summarize_(x.numel() > threshold),
        zero_(x.dtype() == DType::float8_e8m0fnu ? 0x1p-127 : 0) {
    for_each_shown(0, 0, [this](std::size_t i) { look_at(i); });
    if (finite_) {
      scientific_ = largest_ / smallest_ > 1000 || largest_ > 1e8 || smallest_ < 1e-4;
      for_each_shown(0, 0, [this](std::size_t i) {
        if (counts_for_width(i)) width_ = std::max(width_, text(i).size());
      });
    }
    if (!elements_.floating()) {
      for_each_shown(0, 0, [this](std::size_t i) { width_ = std::max(width_, text(i).size()); });
    }
  }

  std::string tensor(std::size_t dim, std::size_t first, std::size_t indent) const {
    if (shape_.rank() == 0) return padded(text(0), width_);
    if (dim + 1 == shape_.rank()) return vector(first, indent);
    const std::string separator =
        concat(',', std::string(shape_.rank() - dim - 1, '\n'), std::string(indent + 1, ' '));
    const auto step = static_cast<std::size_t>(shape_.numel(dim + 1, shape_.rank()));
    std::string result = "[";
    for (std::int64_t i = 0; i < shape_[dim]; ++i) {
      if (i > 0) result += separator;
      if (skips(dim, i)) {
        result += "...";
        i = shape_[dim] - edge_items - 1;
      } else {
        result += tensor(dim + 1, first + static_cast<std::size_t>(i) * step, indent + 1);
      }
    }
    return result + "]";
  }

 private:
  // Is element i of this dimension the first of those that "..." stands for?
  bool skips(std::size_t dim, std::int64_t i) const {
    return summarize_ && shape_[dim] > 2 * edge_items && i == edge_items;
  }

  // Calls f(index) for the elements that are printed.
  template <class F>
  void for_each_shown(std::size_t dim, std::size_t first, F f) const {
    if (dim == shape_.rank()) {
      f(first);
      return;
    }
    const auto step = static_cast<std::size_t>(shape_.numel(dim + 1, shape_.rank()));
    for (std::int64_t i = 0; i < shape_[dim]; ++i) {
      if (skips(dim, i)) i = shape_[dim] - edge_items;
      for_each_shown(dim + 1, first + static_cast<std::size_t>(i) * step, f);
    }
  }

  bool counts_for_width(std::size_t i) const {
    const double value = elements_.real(i);
    return std::isfinite(value) && value != zero_;
  }

  void look_at(std::size_t i) {
    if (!elements_.floating() || !counts_for_width(i)) return;
    const double value = elements_.real(i);
    const double magnitude = std::fabs(value);
    largest_ = finite_ ? std::max(largest_, magnitude) : magnitude;
    smallest_ = finite_ ? std::min(smallest_, magnitude) : magnitude;
    integral_ = integral_ && value == std::ceil(value);
    finite_ = true;
  }

  std::string text(std::size_t i) const {
    if (!elements_.floating()) return elements_.text(i);
    const double value = elements_.real(i);
    if (scientific_) return digits(value, std::chars_format::scientific, precision);
    if (!integral_) return digits(value, std::chars_format::fixed, precision);
    return digits(value, std::chars_format::fixed, 0) + (std::isfinite(value) ? "." : "");
  }

  std::string vector(std::size_t first, std::size_t indent) const {
    const std::int64_t size = shape_[shape_.rank() - 1];
    const std::size_t room = line_width > indent ? line_width - indent : 0;
    const std::size_t per_line = std::max<std::size_t>(1, room / (width_ + 2));
    std::string result = "[";
    std::size_t shown = 0;
    for (std::int64_t i = 0; i < size; ++i, ++shown) {
      if (shown > 0) {
        result += shown % per_line == 0 ? concat(",\n", std::string(indent + 1, ' ')) : ", ";
      }
      if (skips(shape_.rank() - 1, i)) {
        result += " ...";
        i = size - edge_items - 1;
      } else {
        result += padded(text(first + static_cast<std::size_t>(i)), width_);
      }
    }
    return result + "]";
  }

  Elements elements_;
  Shape shape_;
  bool summarize_;
  double zero_;  // what PyTorch takes for 0: float8_e8m0fnu has none, and its least number is that
  bool finite_ =
      false;  // some element is neither 0 nor inf nor NaN; the next three are about those
  bool integral_ = true;
  double largest_ = 0;
  double smallest_ = 0;
  bool scientific_ = false;
  std::size_t width_ = 1;
};

// "(2, 0, 3)" or "(0,)", as Python prints a tuple.
std::string tuple(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    text += concat(i > 0 ? ", " : "", shape[i]);
  }
  return text + (shape.rank() == 1 ? ",)" : ")");
}

}  // namespace

std::string to_text(ConstTensorView x) {
  std::string text = "tensor(";
  std::vector<std::string> suffixes;
  const DType dtype = x.dtype();
  const bool empty = x.numel() == 0;
  if (empty && x.shape().rank() != 1) suffixes.push_back(concat("size=", tuple(x.shape())));
  // An empty list would be read back as float32, so that integers are named too.
  const bool said_by_values =
      dtype == DType::float32 || (!empty && (dtype == DType::int64 || dtype == DType::boolean));
  if (!said_by_values) suffixes.push_back(concat("dtype=torch.", dtype));
  text += empty ? "[]" : Printer(x).tensor(0, 0, indent_of_prefix);
  // PyTorch's count, with which a line of values may end at column 78 before a suffix.
  std::size_t last_line = text.size() - (text.rfind('\n') + 1) + 2;
  for (const std::string& suffix : suffixes) {
    if (last_line + suffix.size() + 2 > line_width) {
      text += concat(",\n", std::string(indent_of_prefix, ' '), suffix);
      last_line = indent_of_prefix + suffix.size();
    } else {
      text += ", " + suffix;
      last_line += suffix.size() + 2;
    }
  }
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, ConstTensorView x) { return out << to_text(x); }
std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << to_text(x.view()); }

}  // namespace nn
