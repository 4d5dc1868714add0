#include <algorithm>
#include <array>

#include <models/printed_arguments.h>
#include <models/printed_layer.h>
#include <nn/nn.h>

namespace models {
namespace {

using Arguments = PrintedArguments;
using nn::Module;

Module conv2d(Arguments& a) {
  nn::Conv2d::Options options{};
  options.in_channels = a.integer(0, "in_channels");
  options.out_channels = a.integer(1, "out_channels");
  options.kernel_size = a.pair("kernel_size");
  options.stride = a.pair("stride", 1);
  const std::string_view padding = a.word("padding", "0");
  const bool is_word = padding == "same" || padding == "valid";
  options.padding = is_word ? nn::Padding(padding) : nn::Padding(a.pair("padding", 0));
  options.dilation = a.pair("dilation", 1);
  options.groups = a.integer("groups", 1);
  options.bias = a.flag("bias", true);
  options.padding_mode = a.word("padding_mode", "zeros");
  return nn::Conv2d(options);
}

Module linear(Arguments& a) {
  return nn::Linear({.in_features = a.integer("in_features"),
                     .out_features = a.integer("out_features"),
                     .bias = a.flag("bias", true)});
}

template <class BatchNorm>
Module batch_norm(Arguments& a) {
  nn::BatchNorm::Options options{};
  options.num_features = a.integer(0, "num_features");
  options.eps = a.number("eps", 1e-5);
  options.momentum = a.number_or_none("momentum", 0.1);
  options.affine = a.flag("affine", true);
  options.bias = a.flag("bias", true);
  options.track_running_stats = a.flag("track_running_stats", true);
  return BatchNorm(options);
}

Module max_pool2d(Arguments& a) {
  nn::MaxPool2d::Options options{};
  options.kernel_size = a.pair("kernel_size");
  options.stride = a.pair("stride", options.kernel_size);
  options.padding = a.pair("padding", 0);
  options.dilation = a.pair("dilation", 1);
  options.ceil_mode = a.flag("ceil_mode", false);
  return nn::MaxPool2d(options);
}

// count_include_pad, divisor_override and ceil_mode are not printed: PyTorch's defaults.
Module avg_pool2d(Arguments& a) {
  nn::AvgPool2d::Options options{};
  options.kernel_size = a.pair("kernel_size");
  options.stride = a.pair("stride", options.kernel_size);
  options.padding = a.pair("padding", 0);
  return nn::AvgPool2d(options);
}

Module adaptive_avg_pool2d(Arguments& a) {
  const auto sizes = a.sizes("output_size");
  if (sizes.size() != 1 && sizes.size() != 2) {
    nn::fail("argument output_size: expected one or two sizes, got ", sizes.size());
  }
  return nn::AdaptiveAvgPool2d({.output_size = {sizes.front(), sizes.back()}});
}

Module flatten(Arguments& a) {
  return nn::Flatten({.start_dim = a.integer("start_dim", 1), .end_dim = a.integer("end_dim", -1)});
}

// To (1, 28, 28): the rows stay, the values of each take another shape.
Module unflatten(Arguments& a) {
  if (const std::int64_t dim = a.integer("dim"); dim != 1) {
    nn::fail("argument dim: expected 1, got ", dim);
  }
  std::vector<std::int64_t> shape{-1};
  for (const auto& size : a.sizes("unflattened_size")) {
    if (!size || *size < 0) nn::fail("argument unflattened_size: expected numbers above -1");
    shape.push_back(*size);
  }
  return nn::Reshape({.shape = shape});
}

Module identity(Arguments&) { return nn::Identity{}; }

Module dropout(Arguments& a) {
  return nn::Dropout({.p = a.number("p", 0.5), .inplace = a.flag("inplace", false)});
}
Module dropout2d(Arguments& a) {
  return nn::Dropout2d({.p = a.number("p", 0.5), .inplace = a.flag("inplace", false)});
}

bool inplace(Arguments& a) { return a.flag("inplace", false); }

Module relu(Arguments& a) { return nn::ReLU({.inplace = inplace(a)}); }
Module leaky_relu(Arguments& a) {
  return nn::LeakyReLU({.negative_slope = a.number("negative_slope", 0.01), .inplace = inplace(a)});
}
Module prelu(Arguments& a) { return nn::PReLU({.num_parameters = a.integer("num_parameters", 1)}); }
Module silu(Arguments& a) { return nn::SiLU({.inplace = inplace(a)}); }
Module elu(Arguments& a) { return nn::ELU({.alpha = a.number("alpha", 1), .inplace = inplace(a)}); }
Module celu(Arguments& a) {
  return nn::CELU({.alpha = a.number("alpha", 1), .inplace = inplace(a)});
}
Module hardtanh(Arguments& a) {
  return nn::Hardtanh({.min_val = a.number("min_val", -1),
                       .max_val = a.number("max_val", 1),
                       .inplace = inplace(a)});
}
Module softplus(Arguments& a) {
  return nn::Softplus({.beta = a.number("beta", 1), .threshold = a.number("threshold", 20)});
}
template <class L>
Module with_inplace(Arguments& a) {
  return L({.inplace = inplace(a)});
}
template <class L>
Module without_arguments(Arguments&) {
  return L{};
}
Module gelu(Arguments& a) {
  return nn::GELU({.approximate = std::string(a.word("approximate", "none"))});
}
Module sigmoid(Arguments&) { return nn::Sigmoid{}; }
Module tanh(Arguments&) { return nn::Tanh{}; }
Module softmax(Arguments& a) { return nn::Softmax({.dim = a.integer_or_none("dim")}); }
Module log_softmax(Arguments& a) { return nn::LogSoftmax({.dim = a.integer_or_none("dim")}); }

struct Kind {
  std::string_view name;
  Module (*make)(Arguments&);
};

constexpr std::array kinds{
    Kind{"AdaptiveAvgPool2d", adaptive_avg_pool2d},
    Kind{"AlphaDropout", dropout},
    Kind{"AvgPool2d", avg_pool2d},
    Kind{"BatchNorm1d", batch_norm<nn::BatchNorm1d>},
    Kind{"BatchNorm2d", batch_norm<nn::BatchNorm2d>},
    Kind{"CELU", celu},
    Kind{"Conv2d", conv2d},
    Kind{"Dropout", dropout},
    Kind{"Dropout1d", dropout},
    Kind{"Dropout2d", dropout2d},
    Kind{"ELU", elu},
    Kind{"FeatureAlphaDropout", dropout},
    Kind{"Flatten", flatten},
    Kind{"GELU", gelu},
    Kind{"Hardsigmoid", without_arguments<nn::Hardsigmoid>},
    Kind{"Hardswish", without_arguments<nn::Hardswish>},
    Kind{"Hardtanh", hardtanh},
    Kind{"Identity", identity},
    Kind{"LeakyReLU", leaky_relu},
    Kind{"Linear", linear},
    Kind{"LogSigmoid", without_arguments<nn::LogSigmoid>},
    Kind{"LogSoftmax", log_softmax},
    Kind{"MaxPool2d", max_pool2d},
    Kind{"Mish", with_inplace<nn::Mish>},
    Kind{"PReLU", prelu},
    Kind{"ReLU", relu},
    Kind{"ReLU6", with_inplace<nn::ReLU6>},
    Kind{"SELU", with_inplace<nn::SELU>},
    Kind{"SiLU", silu},
    Kind{"Sigmoid", sigmoid},
    Kind{"Softmax", softmax},
    Kind{"Softplus", softplus},
    Kind{"Softsign", without_arguments<nn::Softsign>},
    Kind{"Tanh", tanh},
    Kind{"Unflatten", unflatten},
};

}  // namespace

std::optional<nn::Module> printed_layer(std::string_view kind, std::string_view arguments) {
  const auto found = std::ranges::find(kinds, kind, &Kind::name);
  if (found == kinds.end()) return std::nullopt;
  PrintedArguments parsed(arguments);
  Module layer = found->make(parsed);
  parsed.finish();
  return layer;
}

std::string printed_kinds() {
  std::string text;
  for (const Kind& kind : kinds) text += nn::concat(text.empty() ? "" : ", ", kind.name);
  return text;
}

}  // namespace models
