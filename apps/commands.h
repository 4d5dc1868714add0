#pragma once

#include <apps/options.h>

namespace apps {

// Each subcommand prints its result on stdout and trouble on stderr and returns the exit code: 0
// done, 1 something could not be done. Throws nn::Error where nothing could.
int run(const ClassifyOptions& options);
int run(const EvaluateOptions& options);
int run(const InspectOptions& options);
int run(const ConvertOptions& options);
int run(const DoctorOptions& options);  // 1 also when the weights are found unusable
int run(const BenchOptions& options);
int run(const SummaryOptions& options);
int run(const VerifyOptions& options);  // 1 also when a value differs

}  // namespace apps
