// Kernels over the shapes that real networks have. Counters: GFLOP/s are those of the plain sums,
// whatever a kernel does to save some.
//
//   build/release/bench/rushlight_bench --benchmark_filter=Conv
#include <benchmark/benchmark.h>
#include <vector>

#include <nn/nn.h>

namespace {

// Values that repeat late, negative ones cut off as a ReLU does.
nn::Tensor filled(const nn::Shape& shape, bool after_relu) {
  nn::Tensor tensor(shape);
  std::uint32_t state = 1;
  for (float& value : tensor.f32()) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8) * 0x1p-23F - 1;
    if (after_relu && value < 0) value = 0;
  }
  return tensor;
}

void run(benchmark::State& state, nn::Graph net, const nn::Shape& input, double products,
         nn::DType weights = nn::DType::float32) {
  for (auto& [name, parameter, role] : net.parameters())
    parameter = filled(parameter.shape(), false);
  nn::Session session(std::move(net), input, {.weights = weights});
  const nn::Tensor x = filled(input, true);
  nn::Tensor y = session(x);
  for (auto _ : state) {
    session.run(x, y);
    benchmark::DoNotOptimize(y.data());
  }
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * products, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["us/image"] = benchmark::Counter(
      1e-6 * static_cast<double>(input[0]),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

struct ConvShape {
  const char* name;
  std::int64_t in, out, size, kernel, stride, padding;
  bool pool;
  std::int64_t groups = 1;
};
constexpr ConvShape conv_shapes[] = {
    {"mnist_convnet_conv1", 1, 20, 28, 5, 1, 0, true},
    {"mnist_convnet_conv2", 20, 50, 12, 5, 1, 0, true},
    {"batch_norm_conv1", 1, 16, 28, 5, 1, 2, true},
    {"batch_norm_conv2", 16, 32, 14, 5, 1, 2, true},
    {"pytorch_mnist_conv1", 1, 32, 28, 3, 1, 0, false},
    {"pytorch_mnist_conv2", 32, 64, 26, 3, 1, 0, true},
    {"lenet5_conv2", 6, 16, 14, 5, 1, 0, false},
    {"resnet_stem", 3, 64, 224, 7, 2, 3, false},
    {"resnet_layer1", 64, 64, 56, 3, 1, 1, false},
    {"resnet_layer3", 256, 256, 14, 3, 1, 1, false},
    {"resnet_layer3_stride", 128, 256, 28, 3, 2, 1, false},
    {"mobilenet_depthwise1", 32, 32, 112, 3, 1, 1, false, 32},
    {"mobilenet_depthwise2_stride", 64, 64, 112, 3, 2, 1, false, 64},
    {"mobilenet_depthwise3", 128, 128, 56, 3, 1, 1, false, 128},
    {"mobilenet_depthwise4_stride", 128, 128, 56, 3, 2, 1, false, 128},
    {"mobilenet_depthwise7", 512, 512, 14, 3, 1, 1, false, 512},
    {"mobilenet_depthwise13", 1024, 1024, 7, 3, 1, 1, false, 1024},
    {"efficientnet_depthwise5x5", 480, 480, 14, 5, 1, 2, false, 480},
};

void conv(benchmark::State& state, const ConvShape& s) {
  nn::Graph net{{"conv", nn::Conv2d({.in_channels = s.in,
                                     .out_channels = s.out,
                                     .kernel_size = s.kernel,
                                     .stride = s.stride,
                                     .padding = s.padding,
                                     .groups = s.groups})},
                {"relu", nn::ReLU{}}};
  if (s.pool) {
    net = nn::Graph{{"conv", net.nodes()[0].layer},
                    {"relu", nn::ReLU{}},
                    {"pool", nn::MaxPool2d({.kernel_size = 2})}};
  }
  const std::int64_t batch = state.range(0);
  const std::int64_t side = (s.size + 2 * s.padding - s.kernel) / s.stride + 1;
  run(state, net, {batch, s.in, s.size, s.size},
      static_cast<double>(batch * s.in / s.groups * s.out * s.kernel * s.kernel * side * side));
}

struct LinearShape {
  const char* name;
  std::int64_t in, out;
};
constexpr LinearShape linear_shapes[] = {
    {"mnist_convnet_fc1", 800, 500},  {"mnist_convnet_fc2", 500, 10},
    {"pytorch_mnist_fc1", 9216, 128}, {"mlp_fc1", 784, 512},
    {"resnet_fc", 512, 1000},
};

void linear(benchmark::State& state, const LinearShape& s, nn::DType weights) {
  const std::int64_t batch = state.range(0);
  run(state,
      {{"fc", nn::Linear({.in_features = s.in, .out_features = s.out})}, {"relu", nn::ReLU{}}},
      {batch, s.in}, static_cast<double>(batch * s.in * s.out), weights);
}

// A layer's forward alone, without a session.
template <class L>
void forward(benchmark::State& state, const L& layer, const nn::Shape& input) {
  const nn::Tensor x = filled(input, false);
  nn::Tensor y = nn::apply(layer, x);
  for (auto _ : state) {
    layer.forward(x, y);
    benchmark::DoNotOptimize(y.data());
  }
  state.counters["floats/s"] = benchmark::Counter(static_cast<double>(x.f32().size()),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}

template <class L>
void register_forward(const char* name, const L& layer, const nn::Shape& input) {
  benchmark::RegisterBenchmark(name,
                               [=](benchmark::State& state) { forward(state, layer, input); });
}

// A layer of any number of inputs, alone in a session.
void register_in_session(const char* name, const nn::Module& layer,
                         const std::vector<nn::Shape>& inputs) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) {
    nn::Graph net;
    std::vector<nn::Value> values;
    std::vector<nn::TensorSpec> specs;
    std::vector<nn::Tensor> x;
    for (const nn::Shape& shape : inputs) {
      values.push_back(net.input("x" + std::to_string(values.size())));
      specs.push_back({shape, nn::DType::float32});
      x.push_back(filled(shape, false));
    }
    net.output(net.add_all("layer", layer, values)[0]);
    nn::Session session(net, specs);
    const std::vector<nn::ConstTensorView> views(x.begin(), x.end());
    std::vector<nn::Tensor> y = session(views);
    const std::vector<nn::TensorView> results(y.begin(), y.end());
    for (auto _ : state) {
      session.run(views, results);
      benchmark::DoNotOptimize(y[0].data());
    }
    state.counters["floats/s"] = benchmark::Counter(static_cast<double>(y[0].numel()),
                                                    benchmark::Counter::kIsIterationInvariantRate);
  });
}

const int registered = [] {
  for (const ConvShape& shape : conv_shapes) {
    benchmark::RegisterBenchmark((std::string("Conv2d/") + shape.name).c_str(), conv, shape)
        ->Arg(1)
        ->Arg(16);
  }
  for (const LinearShape& shape : linear_shapes) {
    for (const auto& [folder, weights] : {std::pair{"Linear/", nn::DType::float32},
                                          {"Linear/float16/", nn::DType::float16},
                                          {"Linear/bfloat16/", nn::DType::bfloat16}}) {
      benchmark::RegisterBenchmark((std::string(folder) + shape.name).c_str(), linear, shape,
                                   weights)
          ->Arg(1)
          ->Arg(8)
          ->Arg(64);
    }
  }
  const nn::Shape lenet5{4704};  // LeNet-5 takes the tanh of about as many values for one picture
  register_forward("Activation/relu", nn::ReLU{}, lenet5);
  register_forward("Activation/leaky_relu", nn::LeakyReLU{}, lenet5);
  register_forward("Activation/sigmoid", nn::Sigmoid{}, lenet5);
  register_forward("Activation/tanh", nn::Tanh{}, lenet5);
  register_forward("Activation/silu", nn::SiLU{}, lenet5);
  register_forward("Activation/gelu", nn::GELU{}, lenet5);
  register_forward("Activation/gelu_tanh", nn::GELU({.approximate = "tanh"}), lenet5);
  register_forward("AvgPool2d/lenet5_pool1", nn::AvgPool2d({.kernel_size = 2}), {1, 6, 28, 28});
  register_forward("AvgPool2d/lenet5_pool2", nn::AvgPool2d({.kernel_size = 2}), {1, 16, 10, 10});
  register_forward("AdaptiveAvgPool2d/resnet_head", nn::AdaptiveAvgPool2d({.output_size = 1}),
                   {1, 512, 7, 7});
  const nn::Shape tokens{1, 197, 768};  // of ViT-B/16
  register_forward("Softmax/vit_scores", nn::Softmax({.dim = -1}), {12, 197, 197});
  register_forward("Softmax/segmentation", nn::Softmax({.dim = 1}), {1, 21, 224, 224});
  nn::LayerNorm norm({.normalized_shape = {768}});
  norm.weight = filled({768}, false);
  norm.bias = filled({768}, false);
  register_forward("LayerNorm/vit", norm, tokens);
  nn::GroupNorm groups({.num_groups = 8, .num_channels = 64});
  groups.weight = filled({64}, false);
  groups.bias = filled({64}, false);
  register_forward("GroupNorm/unet", groups, {1, 64, 56, 56});
  register_forward("Activation/gelu_vit", nn::GELU{}, {1, 197, 3072});
  register_in_session("Upsample/bilinear", nn::Upsample({.size = 112, .mode = "bilinear"}),
                      {{1, 64, 56, 56}});
  nn::ConvTranspose2d up({.in_channels = 128, .out_channels = 64, .kernel_size = 2, .stride = 2});
  for (auto& [name, parameter, role] : up.parameters())
    parameter = filled(parameter.shape(), false);
  register_in_session("ConvTranspose2d/unet_up3", up, {{1, 128, 56, 56}});
  register_in_session("Permute/convnext", nn::Permute({.dims = {0, 2, 3, 1}}), {{1, 96, 56, 56}});
  register_in_session("Permute/keys", nn::Permute({.dims = {0, 2, 1}}), {{12, 197, 64}});
  register_in_session("MatMul/vit_scores", nn::MatMul{}, {{12, 197, 64}, {12, 64, 197}});
  register_in_session("ScaledDotProductAttention/vit", nn::ScaledDotProductAttention{},
                      {{1, 12, 197, 64}, {1, 12, 197, 64}, {1, 12, 197, 64}});
  return 0;
}();

}  // namespace
