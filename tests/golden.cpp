#include "golden.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <nn/io/state_dict.h>

namespace {

const nn::StateDict& file_of(const std::string& file) {
  static std::map<std::string, nn::StateDict> files;
  const auto found = files.find(file);
  if (found != files.end()) return found->second;
  const auto path = std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests" / "golden" / file;
  return files.emplace(file, nn::StateDict::open(path)).first->second;
}

}  // namespace

nn::Tensor golden(const std::string& file, const std::string& name) {
  return file_of(file).read(name);
}

std::vector<std::string> golden_cases(const std::string& file) {
  std::vector<std::string> names;
  for (const nn::StateDict::Entry& entry : file_of(file).entries()) {
    std::string name = entry.name.substr(0, entry.name.find('.'));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

void load_golden(const std::string& file, const std::string& name,
                 const std::vector<nn::NamedParameter>& parameters) {
  for (const nn::NamedParameter& named : parameters) {
    if (named.role == nn::Role::counter) continue;
    named.parameter = golden(file, name + "." + named.name);
  }
}
