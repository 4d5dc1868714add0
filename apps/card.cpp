#include <algorithm>
#include <apps/card.h>
#include <apps/json.h>
#include <filesystem>

#include <nn/io/file.h>

namespace apps {
namespace {

constexpr std::uint64_t longest_card = std::uint64_t{1} << 20;

std::optional<Normalization> in_file(const nn::StateDict& weights) {
  const auto& extras = weights.facts().extras;
  const auto text_of = [&](std::string_view name) {
    const auto found = std::ranges::find(extras, name, &std::pair<std::string, std::string>::first);
    return found == extras.end() ? std::string() : found->second;
  };
  if (const auto named = parse_normalization(text_of("normalize"))) return named;
  return parse_normalization(nn::concat(text_of("mean"), ",", text_of("std")));
}

}  // namespace

std::optional<Normalization> normalization_on_card(const std::string& model) {
  std::error_code error;
  const auto path = std::filesystem::path(model).replace_extension(".expected.json");
  if (!std::filesystem::is_regular_file(path, error) || error) return std::nullopt;
  const auto file = nn::io::open_file(path);
  if (file->size() > longest_card) return std::nullopt;
  const auto bytes = nn::io::read_bytes(*file, 0, file->size());
  const std::string_view text = nn::io::text_of(bytes);
  const auto mean = number_in(text, {"input", "mean"});
  const auto std = number_in(text, {"input", "std"});
  if (!mean || !std || !(*std > 0)) return std::nullopt;
  return normalization_of(static_cast<float>(*mean), static_cast<float>(*std));
}

std::optional<Normalization> normalization_beside(const nn::StateDict& weights) {
  if (const auto said = in_file(weights)) return said;
  return normalization_on_card(weights.source());
}

}  // namespace apps
