#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace apps {

// What each subcommand was asked for; filled by `parse`.
struct ClassifyOptions {
  std::vector<std::string> images;
  std::string model;    // empty: the shipped weights
  std::size_t top = 0;  // 0: all classes of one picture, three of each of several
  bool json = false;
};

struct EvaluateOptions {
  std::string folder;
  std::string model;  // empty: the shipped weights
  bool train = false;
  bool json = false;
};

struct InspectOptions {
  std::string file;
  bool json = false;
};

using Options = std::variant<ClassifyOptions, EvaluateOptions, InspectOptions>;

// What the command line asks for, or the exit code when it asked for help (0) or was wrong (2): the
// text has then been printed.
std::variant<Options, int> parse(int argc, const char* const* argv);

}  // namespace apps
