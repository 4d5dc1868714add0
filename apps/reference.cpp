#include <algorithm>
#include <apps/reference.h>

namespace apps {

Reference::Reference(const std::string& file) : file_(nn::StateDict::open(file)) {
  while (file_.contains(nn::concat("input.", inputs_))) ++inputs_;
  while (file_.contains(nn::concat("output.", outputs_))) ++outputs_;
  if (inputs_ == 0 || outputs_ == 0) {
    nn::fail(nn::printable(file),
             ": expected the inputs and outputs of a run, 'input.0' and 'output.0', "
             "as tools/export_reference.py stores them, found ",
             inputs_, " and ", outputs_);
  }
}

const nn::StateDict::Entry* Reference::find(std::string_view section, std::string_view name) const {
  return file_.find(nn::concat(section, ".", name));
}

std::size_t Reference::count(std::string_view section) const {
  const std::string start = nn::concat(section, ".");
  return static_cast<std::size_t>(std::ranges::count_if(
      file_.entries(),
      [&](const nn::StateDict::Entry& entry) { return entry.name.starts_with(start); }));
}

}  // namespace apps
