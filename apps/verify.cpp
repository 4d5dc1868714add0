#include <apps/commands.h>
#include <apps/json.h>
#include <apps/network.h>
#include <apps/output.h>
#include <apps/reference.h>
#include <apps/session_layers.h>
#include <apps/table.h>
#include <apps/verification.h>
#include <array>
#include <cstdio>

namespace apps {
namespace {

// "3.1e-07"
std::string short_text(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.2g", value);
  return text.data();
}

std::string ulps_text(const Difference& difference) {
  return difference.ulps ? std::to_string(*difference.ulps) : "";
}

// "[1, 17, 3, 7]", the place of an element in row-major order.
std::string place_text(const nn::Shape& shape, std::int64_t element) {
  nn::Shape place = shape;
  for (std::size_t i = shape.rank(); i-- > 0;) {
    place = place.with(i, element % shape[i]);
    element /= shape[i];
  }
  return to_text(place);
}

std::string sentence(const Compared& value, const Tolerance& tolerance) {
  if (!value.difference) {
    return nn::concat("its shape is ", value.got, ", expected ", value.expected);
  }
  const Difference& difference = *value.difference;
  return nn::concat("element ", place_text(value.got, difference.worst), " is ", difference.got,
                    ", expected ", difference.expected, ", ", short_text(difference.beyond),
                    " times as far as allowed (", tolerance.atol, " + ", tolerance.rtol,
                    " of its size)");
}

std::string place_text(const Compared& value) {
  return nn::concat("'", nn::printable(value.layer), "' (", value.kind, ")");
}

std::string as_text(const Verification& result, const Tolerance& tolerance) {
  Table table({"layer", "kind", "as", "absolute", "relative", "ulp", ""});
  for (const Compared& value : result.values) {
    const auto& difference = value.difference;
    table.add({nn::printable(value.layer), value.kind,
               value.name == value.layer ? "" : nn::printable(value.name),
               difference ? short_text(difference->absolute) : "",
               difference ? short_text(difference->relative) : "",
               difference ? ulps_text(*difference) : "", value.within() ? "" : "differs"});
  }
  std::string text = table.text();
  text += nn::concat("\n", result.matched, " of ", result.known, " values between compared, ",
                     result.outputs, result.outputs == 1 ? " output" : " outputs",
                     " twice: layer by layer and as a session runs\n");
  const Compared* const first = result.first_wrong();
  if (first == nullptr) return text + "all within tolerance\n";
  return nn::concat(text, "the first layer that differs is ", place_text(*first), ": ",
                    sentence(*first, tolerance), "\n");
}

Json compared_json(const Compared& value) {
  Json json = Json::object({{"layer", value.layer},
                            {"kind", value.kind},
                            {"name", value.name},
                            {"within", value.within()},
                            {"shape", shape_json(value.got)}});
  const auto& difference = value.difference;
  json.set("absolute", difference ? Json(difference->absolute) : Json());
  json.set("relative", difference ? Json(difference->relative) : Json());
  json.set("ulps", difference && difference->ulps ? Json(*difference->ulps) : Json());
  json.set("beyond", difference ? Json(difference->beyond) : Json());
  return json;
}

std::string as_json(const VerifyOptions& options, const Verification& result) {
  std::vector<Json> values;
  for (const Compared& value : result.values) values.push_back(compared_json(value));
  const Compared* const first = result.first_wrong();
  return Json::object({{"model", options.model},
                       {"reference", options.reference},
                       {"rtol", options.tolerance.rtol},
                       {"atol", options.tolerance.atol},
                       {"within", first == nullptr},
                       {"first_wrong", first == nullptr ? Json() : compared_json(*first)},
                       {"matched", static_cast<std::int64_t>(result.matched)},
                       {"known", static_cast<std::int64_t>(result.known)},
                       {"outputs", static_cast<std::int64_t>(result.outputs)},
                       {"values", values}})
             .text() +
         "\n";
}

}  // namespace

int run(const VerifyOptions& options) {
  const Reference reference(options.reference);
  const Verification result = verify(options, reference);
  print(options.json ? as_json(options, result) : as_text(result, options.tolerance));
  return result.first_wrong() == nullptr ? 0 : 1;
}

}  // namespace apps
