// Runs a network's file against another program's answers: network_runner MODEL REFERENCE.
// REFERENCE holds tensors input.0, input.1 … and output.0 …, in any format of weights. Prints
// "difference D scale S nodes N", D the largest absolute difference and S the largest |output|; then
// runs once for each line of standard input and answers with the seconds that it took.
#include <chrono>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include <nn/import/import_model.h>
#include <nn/io/state_dict.h>
#include <nn/session.h>

namespace {

using nn::Tensor;

std::vector<Tensor> read_all(const nn::StateDict& reference, const std::string& kind) {
  std::vector<Tensor> tensors;
  for (int i = 0;; ++i) {
    const std::string name = kind + "." + std::to_string(i);
    if (!reference.contains(name)) return tensors;
    tensors.push_back(reference.read(name));
  }
}

// Each input and output with its first row three times; a session of independent rows gives each the
// same bits.
void check_three_rows(nn::Session& session, std::span<const Tensor> inputs,
                      std::span<const Tensor> outputs) {
  std::vector<Tensor> thrice;
  std::vector<nn::ConstTensorView> views;
  for (const Tensor& input : inputs) {
    if (input.shape()[0] != inputs[0].shape()[0]) {  // the same for all rows
      thrice.emplace_back(input);
      continue;
    }
    Tensor rows = Tensor::uninitialized({input.shape().with(0, 3), input.dtype()});
    const std::span<const std::byte> row = input.view().rows(0, 1).bytes();
    for (std::size_t i = 0; i < 3; ++i) {
      std::ranges::copy(row, rows.view().bytes().subspan(i * row.size()).begin());
    }
    thrice.push_back(std::move(rows));
  }
  for (const Tensor& input : thrice) views.emplace_back(input);
  const std::vector<Tensor> got = session(views);
  for (std::size_t i = 0; i < got.size(); ++i) {
    for (std::int64_t row = 0; row < 3; ++row) {
      const auto expected = outputs[i].view().rows(0, 1).bytes();
      if (!std::ranges::equal(got[i].view().rows(row, 1).bytes(), expected)) {
        nn::fail("row ", row, " of output ", i, " differs in a batch of 3");
      }
    }
  }
}

void run(const char* model, const char* answers) {
  const nn::StateDict reference = nn::StateDict::open(answers);
  const std::vector<Tensor> inputs = read_all(reference, "input");
  const std::vector<Tensor> expected = read_all(reference, "output");
  std::vector<nn::ConstTensorView> x;
  std::vector<nn::TensorSpec> specs;
  for (const Tensor& input : inputs) {
    x.emplace_back(input);
    specs.push_back(input.spec());
  }
  nn::Session session(nn::import_model(model).graph, specs, {.threads = 1});
  const std::vector<Tensor> got = session(x);
  if (got.size() != expected.size()) {
    nn::fail("expected ", expected.size(), " outputs, got ", got.size());
  }
  double difference = 0, scale = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i].shape() != expected[i].shape()) {
      nn::fail("output ", i, ": expected ", expected[i].shape(), ", got ", got[i].shape());
    }
    const Tensor a = nn::to(got[i], nn::DType::float64),
                 b = nn::to(expected[i], nn::DType::float64);
    for (std::size_t k = 0; k < a.as<double>().size(); ++k) {
      const double off = std::fabs(a.as<double>()[k] - b.as<double>()[k]);
      difference = std::isnan(off) ? off : std::max(difference, off);
      scale = std::max(scale, std::fabs(b.as<double>()[k]));
    }
  }
  std::cout << "difference " << difference << " scale " << scale << " nodes "
            << session.graph().nodes().size() << " row_wise " << session.row_wise() << std::endl;
  if (session.row_wise()) check_three_rows(session, inputs, got);
  std::vector<Tensor> y = got;
  const std::vector<nn::TensorView> views(y.begin(), y.end());
  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = std::chrono::steady_clock::now();
    session.run(x, views);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::cout << seconds.count() << std::endl;
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 3) nn::fail("usage: network_runner MODEL REFERENCE");
    run(words[1], words[2]);
  } catch (const std::exception& error) {
    std::cout << "error " << error.what() << std::endl;
    return 1;
  }
}
