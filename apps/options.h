#pragma once

#include <apps/comparison.h>
#include <apps/given_input.h>
#include <apps/normalization.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <models/wiring.h>
#include <nn/dtype.h>
#include <nn/import/rename.h>
#include <nn/io/save.h>
#include <nn/io/state_dict.h>

namespace apps {

// How a file of weights is opened and loaded.
struct WeightsOptions {
  nn::OpenOptions open;  // --key, --skip-unknown
  std::vector<nn::Rename> renames;
  bool allow_rounding = false;  // load weights that float32 cannot hold exactly
};

// Which net weights are run with, and what else they do not say.
struct NetOptions {
  std::string text;  // a file with the text of print(model); empty: told by the weights
  models::WiringOptions wiring;
  std::vector<GivenInput> inputs;  // --input, of graph files; its first also in `wiring`
  std::optional<Normalization> normalization;
};

// What each subcommand was asked for; filled by `parse`.
struct ClassifyOptions {
  std::vector<std::string> images;
  std::string model;    // empty: the shipped weights
  std::size_t top = 0;  // 0: all classes of one picture, three of each of several
  WeightsOptions weights;
  NetOptions net;
  nn::DType storage = nn::DType::float32;  // SessionOptions::weights
  bool json = false;
};

struct EvaluateOptions {
  std::string folder;
  std::string model;  // empty: the shipped weights
  bool train = false;
  WeightsOptions weights;
  NetOptions net;
  nn::DType storage = nn::DType::float32;
  bool json = false;
};

struct InspectOptions {
  std::string file;
  WeightsOptions weights;
  NetOptions net;
  bool kernels = false;   // also what a session of the network chooses
  bool graph = false;     // the network's layers in place of the file's tensors
  std::string picture;    // the file to draw it in; empty: text in the terminal
  bool prepared = false;  // after the passes of a session
  bool json = false;
};

struct ConvertOptions {
  std::string input;
  std::string output;
  nn::SaveFormat format = nn::SaveFormat::torch;  // --to, else by the end of `output`
  std::optional<nn::DType> dtype;                 // of floating-point tensors; none: as they are
  bool skip_unreadable = false;                   // leave out what can only be listed
  WeightsOptions weights;
  bool json = false;
};

struct DoctorOptions {
  std::string file;
  WeightsOptions weights;
  bool json = false;
};

struct BenchOptions {
  std::string model;  // a weights file, or the name of a known network
  std::vector<std::int64_t> batches{1, 8, 64, 512};
  std::vector<int> threads{1};
  double seconds = 0.5;  // for each line of the table
  bool layers = false;
  WeightsOptions weights;
  NetOptions net;
  nn::DType storage = nn::DType::float32;
  bool json = false;
};

struct SummaryOptions {
  std::string model;  // a graph, weights, or the name of a known network
  WeightsOptions weights;
  NetOptions net;
  bool json = false;
};

struct VerifyOptions {
  std::string model;  // a graph, or weights
  std::string reference;
  Tolerance tolerance;
  WeightsOptions weights;
  NetOptions net;
  bool json = false;
};

using Options = std::variant<ClassifyOptions, EvaluateOptions, InspectOptions, ConvertOptions,
                             DoctorOptions, BenchOptions, SummaryOptions, VerifyOptions>;

// A command line that asks for no work: a text to show and the exit code.
struct Answer {
  std::string text;
  int exit_code = 0;  // 0: help or version, a result; 2: wrong usage
};

std::variant<Options, Answer> parse(int argc, const char* const* argv);

}  // namespace apps
