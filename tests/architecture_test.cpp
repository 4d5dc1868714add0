#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// The table of docs/architecture.md against the include lines of the tree.
namespace {

namespace fs = std::filesystem;

const fs::path root = RUSHLIGHT_SOURCE_DIR;

struct Room {
  std::string name;
  std::vector<std::string> patterns;  // "nn/graph.*", "nn/layers/*"
  std::set<std::string> may_include;  // rooms
};

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The words between backquotes.
std::vector<std::string> backquoted(const std::string& cell) {
  std::vector<std::string> words;
  for (std::size_t at = cell.find('`'); at != std::string::npos;) {
    const std::size_t end = cell.find('`', at + 1);
    if (end == std::string::npos) break;
    words.push_back(cell.substr(at + 1, end - at - 1));
    at = cell.find('`', end + 1);
  }
  return words;
}

// Rows of the form: | `room` | `pattern`, … | purpose | `room`, … |
std::vector<Room> rooms() {
  std::vector<Room> result;
  std::istringstream lines(read(root / "docs/architecture.md"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    if (cells.size() < 4) continue;
    const std::vector<std::string> allowed = backquoted(cells[3]);
    result.push_back(
        {backquoted(cells[0]).at(0), backquoted(cells[1]), {allowed.begin(), allowed.end()}});
  }
  return result;
}

bool matches(const std::string& pattern, const std::string& path) {
  if (pattern.ends_with('*')) return path.starts_with(pattern.substr(0, pattern.size() - 1));
  return path == pattern;
}

// The room of a path: the one with the longest matching pattern; empty when there is none.
std::string room_of(const std::vector<Room>& all, const std::string& path) {
  std::string found;
  std::size_t longest = 0;
  for (const Room& room : all) {
    for (const std::string& pattern : room.patterns) {
      if (matches(pattern, path) && pattern.size() > longest) {
        found = room.name;
        longest = pattern.size();
      }
    }
  }
  return found;
}

std::vector<fs::path> sources(std::initializer_list<const char*> folders) {
  std::vector<fs::path> files;
  for (const char* folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const fs::path extension = entry.path().extension();
      if (extension == ".h" || extension == ".cpp")
        files.push_back(fs::relative(entry.path(), root));
    }
  }
  std::ranges::sort(files);
  return files;
}

// What a file includes, in whichever brackets.
std::vector<std::string> includes(const fs::path& file) {
  std::vector<std::string> names;
  std::istringstream lines(read(root / file));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') continue;
    const std::size_t word = line.find_first_not_of(" \t", hash + 1);
    if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
    const std::size_t open = line.find_first_of("<\"", word);
    const std::size_t close =
        line.find_first_of(">\"", open == std::string::npos ? open : open + 1);
    if (close != std::string::npos) names.push_back(line.substr(open + 1, close - open - 1));
  }
  return names;
}

bool is_ours(const std::string& include) {
  return include.starts_with("nn/") || include.starts_with("models/") ||
         include.starts_with("apps/");
}

// A standard header has no slash and no dot ("vector"), or is one of C's and the system's.
bool is_standard(const std::string& include) {
  static const std::set<std::string> system{"fcntl.h", "unistd.h", "sys/stat.h", "sys/types.h",
                                            "sys/mman.h"};
  return system.contains(include) ||
         (include.find('/') == std::string::npos && include.find('.') == std::string::npos);
}

TEST(Architecture, EverySourceLivesInARoomAndIncludesOnlyWhatTheTableAllows) {
  const std::vector<Room> all = rooms();
  ASSERT_GE(all.size(), 8U) << "no table found in docs/architecture.md";
  std::map<std::string, Room> by_name;
  for (const Room& room : all) by_name[room.name] = room;
  for (const fs::path& file : sources({"nn", "models", "apps"})) {
    const std::string room = room_of(all, file.string());
    EXPECT_FALSE(room.empty()) << file << " is in no room of the table";
    for (const std::string& include : includes(file)) {
      if (!is_ours(include)) continue;
      const std::string other = room_of(all, include);
      EXPECT_TRUE(other == room || by_name[room].may_include.contains(other))
          << file << " (" << room << ") may not include " << include << " (" << other << ")";
    }
  }
}

TEST(Architecture, RoomsOnlyIncludeRoomsThatStandAboveThemInTheTable) {
  std::set<std::string> seen;
  for (const Room& room : rooms()) {
    for (const std::string& other : room.may_include) {
      EXPECT_TRUE(seen.contains(other))
          << room.name << " includes " << other << ", which stands below it";
    }
    seen.insert(room.name);
  }
}

// Google Highway is a dialect that kernels are written in: it is at home in nn/kernels, and there
// alone.
bool is_highway(const std::string& include) { return include.starts_with("hwy/"); }

TEST(Architecture, HighwayIsMetInTheKernelsAlone) {
  std::size_t kernels = 0;
  for (const fs::path& file : sources({"nn", "models", "apps"})) {
    for (const std::string& include : includes(file)) {
      if (!is_highway(include)) continue;
      EXPECT_TRUE(file.string().starts_with("nn/kernels/")) << file << " includes " << include;
      ++kernels;
    }
  }
  EXPECT_GT(kernels, 0U);
}

TEST(Architecture, HeadersOfTheLibraryIncludeNoThirdPartyHeader) {
  for (const fs::path& file : sources({"nn", "models"})) {
    // What is compiled once for each instruction set is no header that others include.
    if (file.extension() != ".h" || file.string().ends_with("_inl.h")) continue;
    for (const std::string& include : includes(file)) {
      EXPECT_TRUE(is_ours(include) || is_standard(include)) << file << " includes " << include;
    }
  }
}

TEST(Architecture, EachThirdPartyLibraryIsMetInOneSourceFile) {
  std::map<std::string, std::set<std::string>> met;  // library → files
  for (const fs::path& file : sources({"nn", "models", "apps"})) {
    for (const std::string& include : includes(file)) {
      if (is_ours(include) || is_standard(include) || is_highway(include)) continue;
      met[include.substr(0, include.find('/'))].insert(file.string());
    }
  }
  EXPECT_FALSE(met.empty());
  for (const auto& [library, files] : met) {
    std::string names;
    for (const std::string& file : files) names += " " + file;
    EXPECT_EQ(files.size(), 1U) << library << " is met in" << names;
  }
}

// The headers that nn/nn.h brings along, through any number of steps.
std::set<std::string> reachable_from_contents() {
  std::set<std::string> found;
  std::vector<std::string> todo{"nn/nn.h"};
  while (!todo.empty()) {
    const std::string header = todo.back();
    todo.pop_back();
    if (!found.insert(header).second) continue;
    for (const std::string& include : includes(header)) {
      if (is_ours(include)) todo.push_back(include);
    }
  }
  return found;
}

TEST(Architecture, InstallsExactlyTheHeadersThatTheTableOfContentsBringsAlong) {
  const std::string installed = read(root / "CMakeLists.txt");
  const std::set<std::string> reachable = reachable_from_contents();
  for (const fs::path& file : sources({"nn"})) {
    if (file.extension() != ".h") continue;
    EXPECT_EQ(installed.find("    " + file.string() + "\n") != std::string::npos,
              reachable.contains(file.string()))
        << file << ": CMakeLists.txt installs it exactly when a public header includes it";
  }
}

TEST(Architecture, TheTableOfContentsListsEveryLayer) {
  const std::string contents = read(root / "nn/nn.h");
  for (const fs::path& file : sources({"nn/layers"})) {
    if (file.extension() != ".h" || read(root / file).find("kind() const") == std::string::npos)
      continue;
    EXPECT_NE(contents.find("<" + file.string() + ">"), std::string::npos)
        << file << " is not in nn/nn.h";
  }
}

}  // namespace
