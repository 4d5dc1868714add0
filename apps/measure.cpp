#include <algorithm>
#include <apps/measure.h>
#include <chrono>

namespace apps {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t fewest_calls = 5;
constexpr std::int64_t most_calls = 1'000'000;  // their times are kept

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class Call>
void repeat(double seconds, Call call) {
  const auto begin = Clock::now();
  for (std::int64_t calls = 0; calls < most_calls; ++calls) {
    if (calls >= fewest_calls && seconds_since(begin) >= seconds) return;
    call();
  }
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::vector<nn::TensorSpec> specs_of(std::span<const nn::Value> values,
                                     std::span<const nn::TensorSpec> specs) {
  std::vector<nn::TensorSpec> result;
  for (const nn::Value value : values) result.push_back(specs[static_cast<std::size_t>(value.id)]);
  return result;
}

std::vector<nn::Shape> shapes_of(std::span<const nn::TensorSpec> specs) {
  std::vector<nn::Shape> shapes;
  for (const nn::TensorSpec& spec : specs) shapes.push_back(spec.shape);
  return shapes;
}

}  // namespace

std::size_t weight_bytes(const nn::Node& node) {
  std::size_t bytes = 0;
  for (const auto& [name, parameter, role] : node.layer.parameters()) {
    if (role != nn::Role::counter) bytes += nbytes(parameter.spec());
  }
  return bytes;
}

std::size_t weight_bytes(const nn::Graph& graph) {
  std::size_t bytes = 0;
  for (const nn::Node& node : graph.nodes()) bytes += weight_bytes(node);
  return bytes;
}

bool LayerSpeed::bound_by_weights(const Limits& limits) const {
  return multiply_adds > 0 && static_cast<double>(bytes) / limits.bandwidth >
                                  2 * static_cast<double>(multiply_adds) / limits.flops;
}

Speed measure_session(nn::Session& session, const nn::Tensor& input, double seconds) {
  nn::Tensor output = session(input);
  std::vector<double> times;
  repeat(seconds, [&] {
    const auto from = Clock::now();
    session.run(input, output);
    times.push_back(seconds_since(from));
  });
  return {static_cast<std::int64_t>(times.size()), median(times), std::ranges::min(times)};
}

std::vector<LayerSpeed> measure_layers(nn::Session& session, const nn::Tensor& input,
                                       double seconds) {
  nn::Tensor output = session(input);
  const nn::ConstTensorView x = input;
  const nn::TensorView y = output;
  const std::span<const nn::Node> nodes = session.graph().nodes();
  std::vector<double> call(nodes.size());
  std::vector<std::vector<double>> times(nodes.size());
  repeat(seconds, [&] {
    std::ranges::fill(call, 0);
    session.profile({&x, 1}, {&y, 1}, call);
    for (std::size_t i = 0; i < nodes.size(); ++i) times[i].push_back(call[i]);
  });

  const std::int64_t rows = input.shape()[0];
  const std::int64_t block = session.row_wise() ? session.block_rows() : rows;
  const auto blocks = static_cast<std::size_t>((rows + block - 1) / block);
  const std::vector<nn::TensorSpec> specs = infer(session.graph(), {&input.spec(), 1});
  std::vector<LayerSpeed> layers;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const nn::Node& node = nodes[i];
    layers.push_back({node.name, node.layer.kind(), shapes_of(specs_of(node.outputs, specs)),
                      median(times[i]), node.layer.multiply_adds(specs_of(node.inputs, specs)),
                      blocks * weight_bytes(node)});
  }
  return layers;
}

}  // namespace apps
