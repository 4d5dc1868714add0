#include <algorithm>
#include <apps/checkup.h>
#include <apps/commands.h>
#include <apps/diagnosis.h>
#include <apps/examined.h>
#include <apps/json.h>
#include <apps/output.h>

#include <nn/io/file.h>

namespace apps {
namespace {

struct Report {
  std::string format;  // empty: it cannot be opened
  std::vector<Finding> findings;

  bool usable() const {
    return std::ranges::none_of(findings, [](const Finding& finding) {
      return finding.severity == Finding::Severity::error;
    });
  }
};

// Calls of unknown functions can be skipped: what is left can be examined all the same.
constexpr std::string_view skip_flag = "--skip-unknown";

Report report_on(const DoctorOptions& options) {
  const auto source = nn::io::open_file(options.file);
  WeightsOptions weights = options.weights;
  Report report;
  std::string problem;
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      const Examined examined = examine(options.file, weights);
      report.format = examined.weights.format();
      for (Finding& finding : check_up(options.file, examined)) {
        report.findings.push_back(std::move(finding));
      }
      return report;
    } catch (const nn::Error& error) {
      problem = error.what();
    }
    if (weights.open.skip_unknown || problem.find(skip_flag) == std::string::npos) break;
    report.findings.push_back(
        {"unknown_calls", Finding::Severity::warning,
         "the file is read only where what it calls may be skipped (" + problem + ")",
         convert_command(options.file, skip_flag)});
    weights.open.skip_unknown = true;
  }
  report.findings.push_back(diagnose(options.file, *source, problem));
  return report;
}

std::string as_json(const DoctorOptions& options, const Report& report) {
  std::vector<Json> findings;
  for (const Finding& finding : report.findings) {
    findings.push_back(
        Json::object({{"id", finding.id},
                      {"severity", name_of(finding.severity)},
                      {"message", finding.message},
                      {"command", finding.command.empty() ? Json() : Json(finding.command)}}));
  }
  return Json::object({{"file", options.file},
                       {"format", report.format.empty() ? Json() : Json(report.format)},
                       {"usable", report.usable()},
                       {"findings", findings}})
             .text() +
         "\n";
}

std::string as_text(const DoctorOptions& options, const Report& report) {
  std::string text = nn::printable(options.file) + ": ";
  text += report.format.empty() ? "cannot be used as weights" : report.format;
  if (report.findings.empty()) text += ", nothing is wrong";
  text += "\n";
  for (const Finding& finding : report.findings) {
    text += nn::concat(name_of(finding.severity), ": ", finding.message, " [", finding.id, "]\n");
    if (!finding.command.empty()) text += "  " + finding.command + "\n";
  }
  return text;
}

}  // namespace

int run(const DoctorOptions& options) {
  const Report report = report_on(options);
  print(options.json ? as_json(options, report) : as_text(options, report));
  return report.usable() ? 0 : 1;
}

}  // namespace apps
