#include <algorithm>
#include <array>

#include <models/batch_norm_convnet.h>
#include <models/lenet5.h>
#include <models/mlp.h>
#include <models/mnist_convnet.h>
#include <models/pytorch_examples.h>
#include <models/registry.h>

namespace models {
namespace {

constexpr std::array<std::string_view, 10> digits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

// The mean and standard deviation of MNIST's training pixels, which most tutorials normalise with;
// the others feed grey / 255 as it is.
constexpr float mnist_mean = 0.1307F;
constexpr float mnist_std = 0.3081F;

nn::Graph quickstart_mlp() { return mlp({784, 512, 512, 10}); }

constexpr std::array table{
    Model{"mnist_convnet", mnist_convnet, 28, mnist_mean, mnist_std, digits,
          Output::log_probabilities,
          "the softmax tutorial's ConvNet: 20 and 50 channels, 800-500-10"},
    Model{"pytorch_mnist", pytorch_mnist, 28, mnist_mean, mnist_std, digits,
          Output::log_probabilities,
          "pytorch/examples mnist/main.py: 32 and 64 channels, 9216-128-10"},
    Model{"pytorch_mnist_2017", pytorch_mnist_2017, 28, mnist_mean, mnist_std, digits,
          Output::log_probabilities,
          "pytorch/examples mnist/main.py of 2017: 10 and 20 channels, 320-50-10"},
    Model{"lenet5", lenet5, 32, 0, 1, digits, Output::logits,
          "LeNet-5 with tanh and average pooling: 6, 16 and 120 channels, 84-10"},
    Model{"mlp", quickstart_mlp, 28, 0, 1, digits, Output::logits,
          "PyTorch's quickstart MLP: 784-512-512-10"},
    Model{"batch_norm_convnet", batch_norm_convnet, 28, 0, 1, digits, Output::logits,
          "two blocks of convolution and BatchNorm: 16 and 32 channels, 1568-10"},
};

// None of them has as many tensors by far: comparing tens of thousands of names with each, and looking
// for renames, would take longer than reading the file.
constexpr std::size_t most_tensors = 4096;

std::string names() {
  std::string text;
  for (const Model& model : table) text += nn::concat(text.empty() ? "" : ", ", model.name);
  return text;
}

// Those that make the state dict one network's, and no other's: "; with --rename a=conv1 … they …".
std::string renames_to_a_network(const nn::StateDict& state_dict) {
  std::string text;
  for (const Model& model : table) {
    const nn::Graph net = model.build();
    const std::vector<nn::Rename> renames = nn::propose_renames(net, state_dict);
    if (renames.empty()) continue;
    nn::StateDict renamed = state_dict;
    nn::rename(renamed, renames);
    if (!nn::compare(net, renamed).fits()) continue;
    if (!text.empty()) return {};
    text = nn::concat("; they are those of ", model.name, " with");
    for (const nn::Rename& rename : renames) {
      text += nn::concat(" --rename ", nn::printable(to_text(rename)));
    }
  }
  return text;
}

[[noreturn]] void fail_unknown_names(const nn::StateDict& state_dict) {
  if (state_dict.entries().empty()) nn::fail(state_dict.source(), ": holds no tensors");
  const bool too_many = state_dict.entries().size() > most_tensors;
  nn::fail(state_dict.source(), ": its ", state_dict.entries().size(), " tensors ('",
           nn::printable(state_dict.entries()[0].name),
           too_many ? "', …) are more than any of the known networks has ("
                    : "', …) have the names of none of the known networks (",
           names(), ")", too_many ? "" : renames_to_a_network(state_dict));
}

}  // namespace

std::span<const Model> registry() { return table; }

const Model* find(std::string_view name) {
  for (const Model& model : table) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

const Model* find_fitting(const nn::StateDict& state_dict) {
  if (state_dict.entries().size() > most_tensors) return nullptr;
  for (const Model& model : table) {
    if (nn::compare(model.build(), state_dict).fits()) return &model;
  }
  return nullptr;
}

Nearest nearest(const nn::StateDict& state_dict) {
  Nearest best;
  if (state_dict.entries().size() > most_tensors) return best;
  const auto shared_names = [](const nn::LoadReport& report) {
    return report.matched.size() + report.mismatched.size();
  };
  for (const Model& model : table) {
    nn::LoadReport report = nn::compare(model.build(), state_dict);
    const bool fits = report.fits();
    if (fits || shared_names(report) > shared_names(best.report))
      best = {&model, std::move(report)};
    if (fits) return best;
  }
  if (best.model != nullptr) {
    nn::explain(best.report, best.model->build(), state_dict, best.model->input_shape());
  }
  return best;
}

const Model& fitting(const nn::StateDict& state_dict) {
  const auto [model, report] = nearest(state_dict);
  if (model == nullptr) fail_unknown_names(state_dict);
  if (report.fits()) return *model;
  nn::fail(state_dict.source(), ": fits none of the known networks (", names(),
           "); for the nearest, ", model->name, ":", to_text(report));
}

nn::Tensor probabilities(Output kind, nn::ConstTensorView output) {
  if (kind == Output::probabilities) return nn::Tensor::copy_of(output);
  return nn::functional::softmax(output, 1);  // softmax(log_softmax(x)) = softmax(x)
}

}  // namespace models
