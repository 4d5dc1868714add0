// Runs tests in the form of the onnx package's backend tests: folders of model.onnx and
// test_data_set_N/{input_i.pb, output_i.pb}. Reads lines "name folder rtol atol", separated by tabs,
// from standard input and answers each with "name verdict reason".
//
//   passed       every output is what the test expects
//   unsupported  the file has operators or values that are not supported
//   refused      the operators are supported, these arguments are not
//   failed       an answer differs from the expected one
//
// Inputs that hold sizes, axes and the like are constants in files that people have; where a test
// gives them as inputs and the graph cannot take them so, it gets them as constants.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <nn/import/onnx.h>
#include <nn/io/onnx_tensor.h>
#include <nn/session.h>

namespace {

namespace fs = std::filesystem;
using nn::Tensor;

// A file of one TensorProto.
Tensor read_tensor(const fs::path& path) {
  nn::io::OnnxModel model;
  model.file = nn::io::open_file(path);
  model.file_name = path.string();
  nn::io::ProtobufWindow window(*model.file);
  nn::io::OnnxBudget budget;
  return model.read(nn::io::read_onnx_tensor(window, {{0, model.file->size()}}, budget));
}

std::vector<Tensor> read_tensors(const fs::path& folder, const std::string& kind) {
  std::vector<Tensor> tensors;
  for (int i = 0;; ++i) {
    const fs::path path = folder / (kind + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(path)) return tensors;
    tensors.push_back(read_tensor(path));
  }
}

struct Tolerance {
  double rtol, atol;
};

// Empty when they agree.
std::string difference(const Tensor& got, const Tensor& expected, Tolerance tolerance) {
  if (got.spec() != expected.spec()) {
    return nn::concat("expected ", expected.dtype(), " ", expected.shape(), ", got ", got.dtype(),
                      " ", got.shape());
  }
  if (!nn::is_floating_point(expected.dtype())) {
    const bool equal = std::ranges::equal(got.view().bytes(), expected.view().bytes());
    return equal ? "" : "integers or truths differ";
  }
  // Types with few digits: what is expected was rounded after each step, what we give but once.
  if (expected.dtype() == nn::DType::bfloat16) tolerance.rtol = std::max(tolerance.rtol, 1.0 / 64);
  if (expected.dtype() == nn::DType::float16) tolerance.rtol = std::max(tolerance.rtol, 1.0 / 512);
  const Tensor a = nn::to(got, nn::DType::float64), b = nn::to(expected, nn::DType::float64);
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.numel()); ++i) {
    const double x = a.as<double>()[i], y = b.as<double>()[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    if (!(std::fabs(x - y) <= tolerance.atol + tolerance.rtol * std::fabs(y))) {
      return nn::concat("element ", i, " of ", b.numel(), ": expected ", y, ", got ", x);
    }
  }
  return "";
}

// Runs a graph whose inputs from `first` on are constants.
std::vector<Tensor> run(const nn::io::OnnxModel& model, std::span<const Tensor> inputs,
                        std::size_t first) {
  nn::OnnxOptions options;
  std::vector<nn::ConstTensorView> views;
  std::vector<nn::TensorSpec> specs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i >= first) {
      options.constants.emplace(model.inputs.at(i).name, inputs[i]);
    } else {
      views.emplace_back(inputs[i]);
      specs.push_back(inputs[i].spec());
    }
  }
  nn::Session session(import_onnx(model, options).graph, specs, {.threads = 1});
  return session(views);
}

struct Verdict {
  std::string word, reason;
};

Verdict verdict_of(const fs::path& folder, Tolerance tolerance) {
  bool supported = false;
  try {
    const nn::io::OnnxModel model = nn::io::open_onnx(folder / "model.onnx");
    for (int set = 0;; ++set) {
      const fs::path data = folder / ("test_data_set_" + std::to_string(set));
      if (!fs::exists(data)) return {"passed", ""};
      const std::vector<Tensor> inputs = read_tensors(data, "input");
      const std::vector<Tensor> outputs = read_tensors(data, "output");
      std::vector<Tensor> got;
      for (std::size_t first = inputs.size();; first = first > 1 ? 1 : 0) {
        try {
          got = run(model, inputs, first);
          break;
        } catch (const nn::Error& error) {
          const std::string_view reason = error.what();
          if (reason.find("these operators are not supported") != reason.npos) throw;
          supported = true;
          const bool needs_values = reason.find("expected a constant") != reason.npos ||
                                    reason.find("constants alone") != reason.npos;
          if (first == 0 || (first == 1 && !needs_values)) throw;
        }
      }
      supported = true;
      if (got.size() != outputs.size()) return {"failed", "another number of outputs"};
      for (std::size_t i = 0; i < got.size(); ++i) {
        const std::string text = difference(got[i], outputs[i], tolerance);
        if (!text.empty()) return {"failed", nn::concat("output ", i, ": ", text)};
      }
    }
  } catch (const std::exception& error) {
    return {supported ? "refused" : "unsupported", error.what()};
  }
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string name, folder, rtol, atol;
    std::getline(words, name, '\t');
    std::getline(words, folder, '\t');
    std::getline(words, rtol, '\t');
    std::getline(words, atol, '\t');
    const Verdict verdict = verdict_of(
        folder, {std::strtod(rtol.c_str(), nullptr), std::strtod(atol.c_str(), nullptr)});
    std::cout << name << '\t' << verdict.word << '\t' << verdict.reason << std::endl;
  }
}
