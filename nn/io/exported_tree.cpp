#include <array>
#include <charconv>
#include <optional>

#include <nn/error.h>
#include <nn/io/exported_json.h>
#include <nn/io/exported_tree.h>

namespace nn::io {
namespace {

constexpr std::size_t most_leaves = 4096;
constexpr std::size_t longest_path = 1024;

// The keys of a dict as its context has them, ["boxes", 2]; nothing for other texts.
std::optional<std::vector<std::string>> keys_of(const std::string& context) {
  try {
    std::vector<std::string> keys;
    JsonReader json(context);
    json.begin_array();
    while (json.next_item()) {
      if (keys.size() == most_leaves) return std::nullopt;
      keys.push_back(json.string());
    }
    json.finish();
    return keys;
  } catch (const Error&) {
    return std::nullopt;  // other keys than texts count by their place
  }
}

// Walks the nested specs with a stack; JSON bounds the depth.
class TreeReader {
 public:
  explicit TreeReader(std::string_view spec) : json_(spec) {}

  std::vector<std::string> read() {
    json_.begin_array();
    if (!json_.next_item()) fail("expected a version");
    json_.unsigned_integer();
    if (!json_.next_item()) fail("expected a tree");
    enter({});
    while (!open_.empty()) step();
    if (json_.next_item()) fail("expected nothing behind the tree");
    json_.finish();
    return std::move(leaves_);
  }

 private:
  struct Open {
    std::string path;
    bool is_leaf = false;
    bool in_children = false;
    std::optional<std::vector<std::string>> keys = {};
    std::size_t children = 0;
  };

  void enter(std::string path) {
    if (path.size() > longest_path) fail("a path longer than ", longest_path, " bytes, the limit");
    json_.begin_object();
    open_.push_back({std::move(path)});
  }

  void step() {
    Open& top = open_.back();
    if (top.in_children) {
      if (!json_.next_item()) {
        top.in_children = false;
        return;
      }
      const std::size_t i = top.children++;
      const bool named = top.keys && i < top.keys->size();
      const std::string key = named ? (*top.keys)[i] : std::to_string(i);
      return enter(top.path.empty() ? key : concat(top.path, '.', key));
    }
    const auto key = json_.next_key();
    if (!key) {
      leave();
    } else if (*key == "type") {
      top.is_leaf = json_.take_null();
      if (!top.is_leaf) json_.string();
    } else if (*key == "context" && !json_.take_null()) {
      top.keys = keys_of(json_.string());
    } else if (*key == "children_spec") {
      json_.begin_array();
      top.in_children = true;
    } else if (*key != "context") {
      json_.skip();
    }
  }

  void leave() {
    if (open_.back().is_leaf) {
      if (leaves_.size() == most_leaves) fail("more than ", most_leaves, " leaves, the limit");
      leaves_.push_back(std::move(open_.back().path));
    }
    open_.pop_back();
  }

  JsonReader json_;
  std::vector<Open> open_;
  std::vector<std::string> leaves_;
};

}  // namespace

std::vector<std::string> exported_tree_paths(std::string_view spec) {
  return TreeReader(spec).read();
}

std::vector<std::string> exported_input_paths(std::string_view spec,
                                              std::span<const std::string> names) {
  std::vector<std::string> paths = exported_tree_paths(spec);
  for (std::string& path : paths) {
    if (path.starts_with("1.")) {  // kwargs, by key
      path.erase(0, 2);
      continue;
    }
    if (!path.starts_with("0.")) continue;
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(path.data() + 2, path.data() + path.size(), index);
    const std::string rest = path.substr(static_cast<std::size_t>(end - path.data()));
    const bool named = error == std::errc() && index < names.size();
    path = named ? names[index] + rest : "args" + path.substr(1);
  }
  return paths;
}

}  // namespace nn::io
