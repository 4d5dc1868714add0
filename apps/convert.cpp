#include <apps/commands.h>
#include <apps/examined.h>
#include <apps/json.h>
#include <apps/output.h>
#include <apps/progress.h>
#include <csignal>
#include <filesystem>

#include <nn/io/save.h>

namespace apps {
namespace {

// What stood beside the weights and is not in the new file: "optimizer (dict, 1.6 MB of tensors)".
std::string left_out(const nn::FileFacts& facts) {
  std::string text;
  for (const auto& [name, value] : facts.extras) {
    text +=
        nn::concat(text.empty() ? "" : ", ", nn::printable(name), " (", nn::printable(value), ")");
  }
  return text;
}

// What is in the file and not in the new one, since it can only be listed.
std::vector<const nn::StateDict::Entry*> unreadable(const ConvertOptions& options,
                                                    const nn::StateDict& weights) {
  std::vector<const nn::StateDict::Entry*> skipped;
  for (const nn::StateDict::Entry& entry : weights.entries()) {
    if (options.skip_unreadable && !entry.unreadable.empty()) skipped.push_back(&entry);
  }
  return skipped;
}

std::string as_json(const ConvertOptions& options, const nn::StateDict& weights,
                    std::uint64_t bytes) {
  std::vector<Json> skipped;
  for (const nn::StateDict::Entry* entry : unreadable(options, weights)) {
    skipped.emplace_back(entry->name);
  }
  const auto written = static_cast<std::int64_t>(weights.entries().size() - skipped.size());
  return Json::object({{"file", options.output},
                       {"format", nn::name_of(options.format)},
                       {"tensors", written},
                       {"bytes", static_cast<std::int64_t>(bytes)},
                       {"input", options.input},
                       {"input_format", weights.format()},
                       {"dtype", options.dtype ? Json(nn::name_of(*options.dtype)) : Json()},
                       {"skipped", skipped},
                       {"left_out", extras_json(weights.facts())}})
             .text() +
         "\n";
}

std::string as_text(const ConvertOptions& options, const nn::StateDict& weights,
                    std::uint64_t bytes) {
  const std::string rest = left_out(weights.facts());
  const auto skipped = unreadable(options, weights);
  std::string text =
      nn::concat(nn::printable(options.output), ": ", nn::name_of(options.format), ", ",
                 weights.entries().size() - skipped.size(), " tensors, ", bytes, " bytes\n");
  for (const nn::StateDict::Entry* entry : skipped) {
    text += nn::concat("skipped: ", nn::printable(entry->name), " (", entry->unreadable, ")\n");
  }
  return rest.empty() ? text : nn::concat(text, "left out: ", rest, "\n");
}

}  // namespace

int run(const ConvertOptions& options) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files fails as a full disk does
  const nn::StateDict weights = open_verified(options.input, options.weights);
  std::uint64_t total = 0;
  for (const nn::StateDict::Entry& entry : weights.entries()) total += entry.bytes;
  {
    Progress bar("writing", static_cast<std::int64_t>(total));
    std::uint64_t before = 0;
    nn::SaveOptions save{
        .dtype = options.dtype, .skip_unreadable = options.skip_unreadable, .progress = {}};
    save.progress = [&](std::uint64_t done, std::uint64_t all) {
      // As parts of the values read, whatever type they are written in.
      const std::uint64_t now = all == 0 ? total : done * total / all;
      bar.advance(static_cast<std::int64_t>(now - before));
      before = now;
    };
    nn::save(options.output, weights, options.format, save);
  }
  const std::uint64_t bytes = std::filesystem::file_size(options.output);
  print(options.json ? as_json(options, weights, bytes) : as_text(options, weights, bytes));
  return 0;
}

}  // namespace apps
