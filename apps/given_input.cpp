#include <apps/given_input.h>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace apps {

std::optional<GivenInput> parse_given_input(std::string_view text) {
  GivenInput given;
  const std::size_t equals = text.rfind('=');
  if (equals != std::string_view::npos) {
    given.name = text.substr(0, equals);
    text.remove_prefix(equals + 1);
    if (given.name.empty()) return std::nullopt;
    if (text.empty()) return given;
  }
  std::vector<std::int64_t> sizes;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    std::int64_t size = 0;
    const auto [behind, error] = std::from_chars(at, end, size);
    if (error != std::errc() || size < 0 || sizes.size() == nn::Shape::max_rank) return {};
    sizes.push_back(size);
    if (behind == end) break;
    if (*behind != ',' && *behind != 'x') return std::nullopt;
    at = behind + 1;
  }
  // A picture without channels: neither a row of features nor what a net takes.
  if (given.name.empty() && sizes.size() == 2 && text.find('x') != text.npos) return std::nullopt;
  given.shape = nn::Shape(sizes);
  return given;
}

bool has_batch(const nn::Shape& shape) { return shape.rank() == 4 || shape.rank() == 2; }

nn::Shape without_batch(const nn::Shape& shape) {
  return has_batch(shape) ? shape.without(0) : shape;
}

}  // namespace apps
