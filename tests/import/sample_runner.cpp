// Runs networks beside PyTorch's answers. Reads lines "name model reference rtol atol", separated by
// tabs, from standard input: a graph file, and tensors x0, x1, … that go in and y0, y1, … that PyTorch
// gives. Answers each with "name verdict difference reason":
//
//   passed       every output is PyTorch's within the tolerance
//   unsupported  the file has operators that are not supported
//   refused      the operators are supported, these arguments are not
//   failed       an answer differs
//
// The difference is the largest one of an element, in the tolerance's units where that is one.
#include <cmath>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <nn/import/import_model.h>
#include <nn/io/state_dict.h>
#include <nn/session.h>

namespace {

using nn::Tensor;

std::vector<Tensor> read_all(const nn::StateDict& tensors, char kind) {
  std::vector<Tensor> result;
  while (true) {
    const std::string name = kind + std::to_string(result.size());
    if (tensors.find(name) == nullptr) return result;
    result.push_back(tensors.read(name));
  }
}

struct Comparison {
  double largest = 0;
  std::string wrong;  // empty when they agree
};

void compare(const Tensor& got, const Tensor& expected, double rtol, double atol,
             std::size_t output, Comparison& result) {
  if (got.spec() != expected.spec()) {
    result.wrong = nn::concat("output ", output, " is ", nn::to_text(got.spec()), ", expected ",
                              nn::to_text(expected.spec()));
    return;
  }
  const Tensor a = nn::to(got, nn::DType::float64), b = nn::to(expected, nn::DType::float64);
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.numel()); ++i) {
    const double x = a.as<double>()[i], y = b.as<double>()[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    const double difference = std::fabs(x - y);
    if (difference <= atol + rtol * std::fabs(y)) {
      result.largest = std::max(result.largest, difference);
      continue;
    }
    result.largest = std::isnan(difference) ? HUGE_VAL : std::max(result.largest, difference);
    if (result.wrong.empty()) {
      result.wrong = nn::concat("output ", output, ", element ", i, " of ", b.numel(),
                                ": expected ", y, ", got ", x);
    }
  }
}

std::string answer(const std::string& model, const std::string& reference, double rtol,
                   double atol) {
  const auto tensors = nn::StateDict::open(reference, {.key = "*"});
  const auto inputs = read_all(tensors, 'x'), expected = read_all(tensors, 'y');
  std::vector<Tensor> got;
  try {
    const nn::ImportedGraph net = nn::import_model(model);
    std::vector<nn::ConstTensorView> views(inputs.begin(), inputs.end());
    std::vector<nn::TensorSpec> specs;
    for (const Tensor& input : inputs) specs.push_back(input.spec());
    nn::Session session(net.graph, specs);
    got = session(views);
  } catch (const nn::Error& error) {
    const std::string text = error.what();
    const bool missing = text.find("operators are not supported") != std::string::npos;
    return nn::concat(missing ? "unsupported" : "refused", "\t0\t", text);
  }
  if (got.size() != expected.size()) {
    return nn::concat("failed\t0\t", got.size(), " outputs, expected ", expected.size());
  }
  Comparison result;
  for (std::size_t i = 0; i < got.size(); ++i) compare(got[i], expected[i], rtol, atol, i, result);
  return nn::concat(result.wrong.empty() ? "passed" : "failed", "\t", result.largest, "\t",
                    result.wrong);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream fields(line);
    std::string name, model, reference, rtol, atol;
    for (std::string* field : {&name, &model, &reference, &rtol, &atol}) {
      std::getline(fields, *field, '\t');
    }
    try {
      std::cout << name << '\t' << answer(model, reference, std::stod(rtol), std::stod(atol))
                << std::endl;
    } catch (const std::exception& error) {
      std::cout << name << "\tfailed\t0\t" << error.what() << std::endl;
    }
  }
}
