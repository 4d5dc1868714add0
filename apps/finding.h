#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

// Something that is wrong or suspicious about a file, and what mends it.
struct Finding {
  enum class Severity : std::uint8_t {
    error,    // the weights cannot be used
    warning,  // they can, but not as they stand or not as one would expect
    note,     // worth knowing
  };

  std::string_view id;  // "web_page"
  Severity severity = Severity::error;
  std::string message;  // a sentence, safe to print
  std::string command;  // for a shell or, as the message says, for Python; empty: there is none
};

std::string_view name_of(Finding::Severity severity);

// A word for a shell: 'my file.pt'. Safe to print.
std::string shell_word(std::string_view text);
// "folder/net.pth" -> "folder/net-clean.pt"
std::string clean_file(std::string_view file);
// "rushlight convert net.pth net-clean.pt" and the options.
std::string convert_command(std::string_view file, std::string_view options = {});
// "431 kB", "1.7 MB"
std::string size_text(std::uint64_t bytes);

}  // namespace apps
