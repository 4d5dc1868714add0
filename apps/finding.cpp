#include <apps/finding.h>
#include <array>
#include <cstdio>
#include <filesystem>

#include <nn/error.h>

namespace apps {

std::string_view name_of(Finding::Severity severity) {
  switch (severity) {
    case Finding::Severity::error:
      return "error";
    case Finding::Severity::warning:
      return "warning";
    case Finding::Severity::note:
      return "note";
  }
  return "note";
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./=+,:@%-";
  const bool is_plain = !text.empty() && text.find_first_not_of(plain) == std::string_view::npos;
  if (is_plain) return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return nn::printable(word + "'");
}

std::string clean_file(std::string_view file) {
  std::filesystem::path path(file);
  const std::string stem = path.stem().string();
  return path.replace_filename(stem + "-clean.pt").string();
}

std::string convert_command(std::string_view file, std::string_view options) {
  return nn::concat("rushlight convert ", shell_word(file), " ", shell_word(clean_file(file)),
                    options.empty() ? "" : " ", options);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array units = {"bytes", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < units.size(); ++unit) value /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value,
                units[unit]);
  return text.data();
}

}  // namespace apps
