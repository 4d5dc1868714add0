#include <algorithm>
#include <vector>

#include <nn/import/rename.h>

namespace nn {
namespace {

// `name` after the rename; the same when it is not met. `from` and `to` end in dots where they
// stand for all that is below them.
std::string renamed(const std::string& name, const std::string& from, const std::string& to) {
  return name.starts_with(from) ? to + name.substr(from.size()) : name;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto ends = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(ends.in1 - a.begin());
}

// The names that begin most like `from`, three at most: ": nearest are 'conv1.weight', …".
std::string nearest(const StateDict& state_dict, std::string_view from) {
  std::vector<std::string_view> names;
  std::size_t longest = 1;
  for (const StateDict::Entry& entry : state_dict.entries()) {
    const std::size_t length = common_prefix(entry.name, from);
    if (length > longest) names.clear();
    longest = std::max(longest, length);
    if (length == longest && names.size() < 3) names.push_back(entry.name);
  }
  std::string text;
  for (const std::string_view name : names) {
    text += concat(text.empty() ? ", nearest are '" : ", '", printable(name), "'");
  }
  return text;
}

[[noreturn]] void fail_nameless(const StateDict& state_dict, const Rename& rename,
                                std::string_view name) {
  fail(printable(state_dict.source()), ": renaming ", printable(to_text(rename)),
       " would leave tensor '", printable(name), "' without a name");
}

void rename_below(StateDict& state_dict, const Rename& rename) {
  const std::string dot_from = rename.from.ends_with('.') ? rename.from : rename.from + ".";
  const bool whole = rename.to.empty() || rename.to.ends_with('.');
  const std::string dot_to = whole ? rename.to : rename.to + ".";
  std::vector<std::string> names;
  bool met = false;
  for (const StateDict::Entry& entry : state_dict.entries()) {
    names.push_back(renamed(entry.name, dot_from, dot_to));
    if (names.back().empty()) fail_nameless(state_dict, rename, entry.name);
    met = met || entry.name.starts_with(dot_from);
  }
  if (!met) {
    fail(printable(state_dict.source()), ": renaming ", printable(to_text(rename)),
         ": no tensor is called '", printable(rename.from), "' or stands below it",
         nearest(state_dict, rename.from));
  }
  state_dict.rename(std::move(names));
}

}  // namespace

std::string to_text(const Rename& rename) { return rename.from + "=" + rename.to; }

Rename parse_rename(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || text.find('=', equals + 1) != text.npos) {
    fail("expected a rename as OLD=NEW, got '", printable(text), "'");
  }
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

void rename(StateDict& state_dict, std::span<const Rename> renames) {
  StateDict result = state_dict;
  for (const Rename& rename : renames) {
    if (!result.contains(rename.from)) {
      rename_below(result, rename);
    } else if (rename.to.empty()) {
      fail_nameless(result, rename, rename.from);
    } else {
      result.rename(rename.from, rename.to);
    }
  }
  state_dict = std::move(result);
}

}  // namespace nn
