#include <apps/commands.h>
#include <apps/examined.h>
#include <apps/inspect_graph.h>
#include <apps/json.h>
#include <apps/network.h>
#include <apps/output.h>
#include <apps/report_json.h>
#include <apps/session_layers.h>
#include <apps/table.h>
#include <array>
#include <charconv>

namespace apps {
namespace {

// Five digits: "-0.31416", "1e-05", "12345".
std::string short_text(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::general, 5);
  return std::string(buffer.data(), end.ptr);
}

std::string number_text(const Number& number) {
  if (const auto* value = std::get_if<double>(&number)) return short_text(*value);
  return std::visit([](auto value) { return std::to_string(value); }, number);
}

Json number_json(const Number& number) {
  return std::visit([](auto value) { return Json(value); }, number);
}

// "2 NaN, 1 infinite, the values of conv1.weight"
std::string remarks(const Examined& file, std::size_t i) {
  const auto entries = file.weights.entries();
  if (!entries[i].unreadable.empty()) return "not read: " + nn::printable(entries[i].unreadable);
  std::string text;
  const auto add = [&](const std::string& remark) { text += (text.empty() ? "" : ", ") + remark; };
  const Statistics& statistics = *file.statistics[i];
  if (statistics.nans > 0) add(nn::concat(statistics.nans, " NaN"));
  if (statistics.infinities > 0) add(nn::concat(statistics.infinities, " infinite"));
  const std::size_t original = file.weights.original_of(i);
  if (original != i) add("tied to " + nn::printable(entries[original].name));
  return text;
}

Json tensor_json(const Examined& file, std::size_t i) {
  const nn::StateDict::Entry& entry = file.weights.entries()[i];
  const std::size_t original = file.weights.original_of(i);
  Json tensor = Json::object({{"name", entry.name},
                              {"dtype", entry.dtype},
                              {"shape", shape_json(entry.shape)},
                              {"bytes", static_cast<std::int64_t>(entry.bytes)}});
  const auto& statistics = file.statistics[i];
  const bool any = statistics && statistics->finite > 0;
  tensor.set("min", any ? number_json(statistics->min) : Json());
  tensor.set("max", any ? number_json(statistics->max) : Json());
  tensor.set("mean", any ? Json(statistics->mean) : Json());
  tensor.set("nan", statistics ? Json(statistics->nans) : Json());
  tensor.set("inf", statistics ? Json(statistics->infinities) : Json());
  tensor.set("tied_to", original != i ? Json(file.weights.entries()[original].name) : Json());
  tensor.set("unreadable", entry.unreadable.empty() ? Json() : Json(entry.unreadable));
  return tensor;
}

std::int64_t values_of(const Examined& file) {
  std::int64_t values = 0;
  for (const auto& entry : file.weights.entries()) values += entry.shape.numel();
  return values;
}

// The chain of layers that the weights are consistent with, when no known network is.
Json wiring_json(const Examined& file) {
  if (!file.wiring) return {};
  return Json::object(
      {{"input", shape_json(file.wiring->input)}, {"assumed", assumed_json(file.wiring->assumed)}});
}

std::string wiring_text(const Examined& file) {
  if (!file.wiring) {
    return file.no_wiring.empty() ? "" : "no network is known for them: " + file.no_wiring + "\n";
  }
  std::string text = nn::concat("a chain of layers for ", file.wiring->input, " fits them");
  for (std::size_t i = 0; i < file.wiring->assumed.size(); ++i) {
    const models::Assumption& assumption = file.wiring->assumed[i];
    text += nn::concat(i == 0 ? "; assumed " : ", ", assumption.what, ": ", assumption.chosen);
  }
  return text + "\n";
}

// The net whose kernels are asked for; told on stderr what was assumed of it.
Network network_for_kernels(const InspectOptions& options, const Examined& file) {
  WeightsOptions weights = options.weights;
  weights.allow_rounding = true;
  Network network = network_of(file.weights, weights, options.net);
  tell_assumed(network);
  return network;
}

std::string as_json(const InspectOptions& options, const Examined& file) {
  const nn::FileFacts& facts = file.weights.facts();
  std::vector<Json> tensors;
  std::vector<Json> notes;
  for (std::size_t i = 0; i < file.weights.entries().size(); ++i) {
    tensors.push_back(tensor_json(file, i));
  }
  for (const std::string& note : file.notes) notes.emplace_back(note);
  for (const std::string& note : facts.notes) notes.emplace_back(note);
  Json answer =
      Json::object({{"file", options.file},
                    {"format", file.weights.format()},
                    {"producer", facts.producer.empty() ? Json() : Json(facts.producer)},
                    {"weights_key", facts.weights_key},
                    {"model", file.network.empty() ? Json() : Json(file.network)},
                    {"wiring", wiring_json(file)},
                    {"values", values_of(file)},
                    {"extras", extras_json(facts)},
                    {"other_tensor_bytes", static_cast<std::int64_t>(facts.other_tensor_bytes)},
                    {"notes", notes},
                    {"tensors", tensors}});
  if (file.network.empty() && file.nearest.model != nullptr) {
    answer.set("nearest", Json::object({{"model", file.nearest.model->name},
                                        {"report", report_json(file.nearest.report)}}));
  }
  if (options.kernels) {
    const Network network = network_for_kernels(options, file);
    answer.set("layers", session_layers_json(session_layers(network)));
    answer.set("assumed", assumed_json(network.assumed));
  }
  return answer.text() + "\n";
}

std::string tensors_text(const Examined& file) {
  Table table({"name", "dtype", "shape", "bytes", "min", "max", "mean", ""});
  for (std::size_t i = 0; i < file.weights.entries().size(); ++i) {
    const nn::StateDict::Entry& entry = file.weights.entries()[i];
    const auto& statistics = file.statistics[i];
    const bool any = statistics && statistics->finite > 0;
    table.add({nn::printable(entry.name), entry.dtype, to_text(entry.shape),
               std::to_string(entry.bytes), any ? number_text(statistics->min) : "",
               any ? number_text(statistics->max) : "", any ? short_text(statistics->mean) : "",
               remarks(file, i)});
  }
  return table.text();
}

std::string as_text(const InspectOptions& options, const Examined& file) {
  const nn::FileFacts& facts = file.weights.facts();
  std::string text = nn::concat(nn::printable(options.file), ": ", file.weights.format());
  if (!facts.producer.empty()) text += ", by " + facts.producer;
  text += nn::concat("\n", file.weights.entries().size(), " tensors, ", values_of(file), " values");
  if (!facts.weights_key.empty()) text += " under '" + facts.weights_key + "'";
  text += file.network.empty() ? "\n" : nn::concat(", weights of ", file.network, "\n");
  text += wiring_text(file);
  for (const auto& [name, content] : facts.extras) {
    text += nn::concat("beside them: ", name, ": ", content, "\n");
  }
  if (file.network.empty() && !file.wiring && file.nearest.model != nullptr) {
    text += nn::concat("the nearest of the known networks is ", file.nearest.model->name, ":",
                       to_text(file.nearest.report), "\n");
  }
  for (const std::string& note : file.notes) text += "note: " + note + "\n";
  for (const std::string& note : facts.notes) text += "note: " + note + "\n";
  text += tensors_text(file);
  if (options.kernels) {
    text += session_layers_text(session_layers(network_for_kernels(options, file)));
  }
  return text;
}

}  // namespace

int run(const InspectOptions& options) {
  if (options.graph || nn::holds_graph(options.file)) return inspect_graph(options);
  const Examined file = examine(options.file, options.weights);
  print(options.json ? as_json(options, file) : as_text(options, file));
  return 0;
}

}  // namespace apps
