#include <apps/report_json.h>
#include <apps/session_layers.h>

namespace apps {
namespace {

Json list(const std::vector<std::string>& texts) {
  return std::vector<Json>(texts.begin(), texts.end());
}

}  // namespace

Json report_json(const nn::LoadReport& report) {
  std::vector<Json> mismatched;
  for (const nn::LoadReport::Mismatch& mismatch : report.mismatched) {
    mismatched.push_back(Json::object({{"name", mismatch.name},
                                       {"expected", shape_json(mismatch.expected)},
                                       {"found", shape_json(mismatch.found)}}));
  }
  std::vector<Json> renames;
  for (const nn::Rename& rename : report.proposed) renames.emplace_back(to_text(rename));
  return Json::object({{"fits", report.fits()},
                       {"matched", list(report.matched)},
                       {"missing", list(report.missing)},
                       {"unexpected", list(report.unexpected)},
                       {"mismatched", mismatched},
                       {"notes", list(nn::notes(report))},
                       {"renames", renames},
                       {"explained", list(report.explained)}});
}

}  // namespace apps
