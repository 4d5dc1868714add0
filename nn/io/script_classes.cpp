#include <algorithm>

#include <nn/io/script_classes.h>

namespace nn::io {
namespace {

constexpr std::uint64_t most_code = std::uint64_t{16} << 20;

// `["weight", "bias", ]`; nothing when it is of another form.
std::optional<std::vector<std::string>> read_names(std::string_view list) {
  std::vector<std::string> names;
  if (!list.starts_with('[')) return std::nullopt;
  list.remove_prefix(1);
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(", "), list.size()));
    if (list.starts_with(']')) return names;
    const std::size_t end = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return std::nullopt;
    names.emplace_back(list.substr(1, end - 1));
    if (names.back().find('\\') != std::string::npos) return std::nullopt;
    list.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<ScriptClass> read_script_classes(std::string_view code) {
  constexpr std::string_view class_word = "class ";
  constexpr std::string_view parameters_word = "  __parameters__ = ";
  constexpr std::string_view buffers_word = "  __buffers__ = ";
  std::vector<ScriptClass> classes;
  while (!code.empty()) {
    const std::size_t end = std::min(code.find('\n'), code.size() - 1);
    std::string_view line = code.substr(0, end + 1);
    code.remove_prefix(end + 1);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(class_word)) {
      line.remove_prefix(class_word.size());
      const std::size_t name_end = std::min(line.find_first_of("(:"), line.size());
      classes.push_back({std::string(line.substr(0, name_end)),
                         line.substr(name_end).starts_with("(Module)"),
                         {},
                         {}});
    } else if (!classes.empty() && line.starts_with(parameters_word)) {
      classes.back().parameters = read_names(line.substr(parameters_word.size()));
    } else if (!classes.empty() && line.starts_with(buffers_word)) {
      classes.back().buffers = read_names(line.substr(buffers_word.size()));
    }
  }
  return classes;
}

const ScriptClass* ScriptClasses::find(const GlobalName& name) {
  auto found = by_module_.find(name.module);
  if (found == by_module_.end()) {
    std::string path(name.module);
    std::ranges::replace(path, '.', '/');
    std::vector<ScriptClass> classes;
    if (const ZipEntry* entry = archive_.find(concat("code/", path, ".py"))) {
      bytes_ += entry->size;
      if (bytes_ > most_code) {
        fail("the code of the script has more than ", most_code, " bytes, the limit");
      }
      const auto bytes = archive_.zip().read(*entry, most_code);
      classes = read_script_classes(text_of(bytes));
    }
    found = by_module_.emplace(std::string(name.module), std::move(classes)).first;
  }
  const auto match = std::ranges::find(found->second, name.name, &ScriptClass::name);
  return match == found->second.end() ? nullptr : &*match;
}

}  // namespace nn::io
