#include <algorithm>
#include <apps/commands.h>
#include <apps/json.h>
#include <apps/output.h>
#include <apps/table.h>

#include <models/registry.h>
#include <nn/io/state_dict.h>

namespace apps {
namespace {

// The known network whose weights these are; empty when there is none or they cannot be read.
std::string_view fitting_model(const nn::StateDict& file) {
  const auto is_readable = [](const nn::StateDict::Entry& entry) {
    return nn::dtype_named(entry.dtype).has_value();
  };
  if (!std::ranges::all_of(file.entries(), is_readable)) return {};
  for (const models::Model& model : models::registry()) {
    if (nn::compare(model.build(), file).fits()) return model.name;
  }
  return {};
}

Json shape_json(const nn::Shape& shape) { return std::vector<Json>(shape.begin(), shape.end()); }

std::string as_json(const InspectOptions& options, const nn::StateDict& file,
                    std::string_view model) {
  std::vector<Json> tensors;
  for (const nn::StateDict::Entry& entry : file.entries()) {
    tensors.push_back(Json::object({{"name", entry.name},
                                    {"dtype", entry.dtype},
                                    {"shape", shape_json(entry.shape)},
                                    {"bytes", static_cast<std::int64_t>(entry.bytes)}}));
  }
  return Json::object({{"file", options.file},
                       {"format", file.format()},
                       {"model", model.empty() ? Json() : Json(model)},
                       {"tensors", tensors}})
             .text() +
         "\n";
}

std::string as_text(const InspectOptions& options, const nn::StateDict& file,
                    std::string_view model) {
  Table table({"name", "dtype", "shape", "bytes"});
  std::int64_t values = 0;
  for (const nn::StateDict::Entry& entry : file.entries()) {
    values += entry.shape.numel();
    table.add({nn::printable(entry.name), entry.dtype, to_text(entry.shape),
               std::to_string(entry.bytes)});
  }
  return nn::concat(nn::printable(options.file), ": ", file.format(), ", ", file.entries().size(),
                    " tensors, ", values, " values",
                    model.empty() ? "" : ", weights of " + std::string(model), "\n", table.text());
}

}  // namespace

int run(const InspectOptions& options) {
  const nn::StateDict file = nn::StateDict::open(options.file);
  file.verify();
  const std::string_view model = fitting_model(file);
  print(options.json ? as_json(options, file, model) : as_text(options, file, model));
  return 0;
}

}  // namespace apps
