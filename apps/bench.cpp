#include <apps/commands.h>
#include <apps/json.h>
#include <apps/made_up.h>
#include <apps/measure.h>
#include <apps/network.h>
#include <apps/output.h>
#include <apps/progress.h>
#include <apps/table.h>
#include <cstdio>

namespace apps {
namespace {

// A line of the table.
struct Result {
  std::int64_t batch;
  int threads;
  Speed speed;
  std::vector<LayerSpeed> layers;  // when asked for

  double microseconds_per_image(double seconds_per_call) const {
    return 1e6 * seconds_per_call / static_cast<double>(batch);
  }
};

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

nn::Tensor made_up_input(const Network& network, std::int64_t batch) {
  const nn::Shape& in = network.input;
  if (in.rank() == 0) {
    nn::fail(nn::printable(network.source()),
             ": expected a net whose input has rows, it is a number");
  }
  if (in.rank() != 4 || (in[1] != 1 && in[1] != 3)) {  // rows of values that are no picture
    const std::int64_t values = in.numel(1, in.rank());
    const nn::Tensor rows = normalized(made_up_pictures(batch, 1, values), {}, 1);
    return nn::Tensor::copy_of(rows.view().reshaped(in.with(0, batch)));
  }
  const nn::Tensor pictures = made_up_pictures(batch, in[2], in[3]);
  return normalized(
      pictures, network.normalization.imagenet ? Normalization{} : network.normalization, in[1]);
}

Result measure(const Network& network, const BenchOptions& options, std::int64_t batch,
               int threads) {
  const nn::Tensor input = made_up_input(network, batch);
  const auto prepared = [&] {
    try {
      return nn::Session(network.graph, input.shape(),
                         {.threads = threads, .weights = options.storage});
    } catch (const nn::Error& error) {
      nn::fail(nn::printable(network.source()), ": does not take ", input.shape(), ": ",
               error.what());
    }
  };
  nn::Session session = prepared();
  Result result{batch, threads, measure_session(session, input, options.seconds), {}};
  if (options.layers) result.layers = measure_layers(session, input, options.seconds);
  return result;
}

std::string shapes_text(const std::vector<nn::Shape>& shapes) {
  std::string text;
  for (const nn::Shape& shape : shapes) text += nn::concat(text.empty() ? "" : ", ", shape);
  return text;
}

std::vector<Json> shapes_json(const std::vector<nn::Shape>& shapes) {
  std::vector<Json> items;
  items.reserve(shapes.size());
  for (const nn::Shape& shape : shapes) {
    items.emplace_back(std::vector<Json>(shape.begin(), shape.end()));
  }
  return items;
}

std::string layers_text(const Result& result, const Limits& limits) {
  Table table({"layer", "kind", "output", "us/image", "GFLOP/s", "% of peak", "weights GB/s",
               "% of reading"});
  for (const LayerSpeed& layer : result.layers) {
    std::vector<std::string> row{layer.name, layer.kind, shapes_text(layer.outputs),
                                 fixed(result.microseconds_per_image(layer.seconds), 3)};
    const bool counted = layer.multiply_adds > 0;
    row.push_back(counted ? fixed(1e-9 * layer.flops(), 1) : "");
    row.push_back(counted ? fixed(100 * layer.flops() / limits.flops, 0) : "");
    const bool bound = layer.bound_by_weights(limits);
    row.push_back(bound ? fixed(1e-9 * layer.bandwidth(), 1) : "");
    row.push_back(bound ? fixed(100 * layer.bandwidth() / limits.bandwidth, 0) : "");
    table.add(std::move(row));
  }
  return nn::concat("\nbatch ", result.batch, ", ", result.threads,
                    result.threads == 1 ? " thread" : " threads", "\n", table.text());
}

std::string as_text(const Network& network, const BenchOptions& options, const Limits& limits,
                    const std::vector<Result>& results) {
  Table table({"batch", "threads", "us/image", "minimum", "images/s"});
  std::string layers;
  for (const Result& result : results) {
    const double median = result.microseconds_per_image(result.speed.median);
    table.add({std::to_string(result.batch), std::to_string(result.threads), fixed(median, 2),
               fixed(result.microseconds_per_image(result.speed.minimum), 2),
               fixed(1e6 / median, 0)});
    if (!result.layers.empty()) layers += layers_text(result, limits);
  }
  if (!layers.empty()) {
    layers +=
        "\nSpeeds count what a layer's formula asks for in float32: one that saves products, skips "
        "zeros or stores halves can pass 100 %.\n";
  }
  const auto bytes = static_cast<double>(weight_bytes(network.graph));
  return nn::concat(nn::printable(network.name),
                    network.file.empty() ? " with made-up weights" : " of ",
                    nn::printable(network.file), ": ", fixed(1e-6 * bytes, 2), " MB of weights",
                    options.storage == nn::DType::float32
                        ? ""
                        : nn::concat(", those of linear layers stored as ", options.storage),
                    "\none core: ", fixed(1e-9 * limits.flops, 1), " GFLOP/s in multiply-adds, ",
                    fixed(1e-9 * limits.bandwidth, 1),
                    " GB/s in reading as much as the weights\n\n", table.text(), layers);
}

Json layer_json(const Result& result, const LayerSpeed& layer, const Limits& limits) {
  const bool counted = layer.multiply_adds > 0;
  const bool bound = layer.bound_by_weights(limits);
  return Json::object(
      {{"name", layer.name},
       {"kind", layer.kind},
       {"outputs", shapes_json(layer.outputs)},
       {"us_per_image", result.microseconds_per_image(layer.seconds)},
       {"multiply_adds_per_image", layer.multiply_adds / result.batch},
       {"gflops", counted ? Json(1e-9 * layer.flops()) : Json()},
       {"of_peak", counted ? Json(layer.flops() / limits.flops) : Json()},
       {"weights_gb_s", bound ? Json(1e-9 * layer.bandwidth()) : Json()},
       {"of_bandwidth", bound ? Json(layer.bandwidth() / limits.bandwidth) : Json()}});
}

std::string as_json(const Network& network, const BenchOptions& options, const Limits& limits,
                    const std::vector<Result>& results) {
  std::vector<Json> items;
  for (const Result& result : results) {
    const double median = result.microseconds_per_image(result.speed.median);
    Json item =
        Json::object({{"batch", result.batch},
                      {"threads", std::int64_t{result.threads}},
                      {"us_per_image_median", median},
                      {"us_per_image_min", result.microseconds_per_image(result.speed.minimum)},
                      {"images_per_s", 1e6 / median},
                      {"calls", result.speed.calls}});
    if (!result.layers.empty()) {
      std::vector<Json> layers;
      for (const LayerSpeed& layer : result.layers)
        layers.push_back(layer_json(result, layer, limits));
      item.set("layers", layers);
    }
    items.push_back(std::move(item));
  }
  return Json::object({{"model", network.name},
                       {"file", network.file.empty() ? Json() : Json(network.file)},
                       {"weights", network.file.empty() ? "made up" : "loaded"},
                       {"weight_bytes", static_cast<std::int64_t>(weight_bytes(network.graph))},
                       {"storage", nn::to_text(options.storage)},
                       {"peak_gflops", 1e-9 * limits.flops},
                       {"bandwidth_gb_s", 1e-9 * limits.bandwidth},
                       {"assumed", assumed_json(network.assumed)},
                       {"results", items}})
             .text() +
         "\n";
}

}  // namespace

int run(const BenchOptions& options) {
  const Network network = open_network(options.model, options.weights, options.net);
  tell_assumed(network);
  const Limits limits{nn::measure_peak_flops(),
                      nn::measure_read_bandwidth(weight_bytes(network.graph))};
  for (const std::int64_t batch : options.batches) require_rows(network, batch);
  std::vector<Result> results;
  Progress progress("measuring",
                    static_cast<std::int64_t>(options.threads.size() * options.batches.size()));
  for (const int threads : options.threads) {
    for (const std::int64_t batch : options.batches) {
      results.push_back(measure(network, options, batch, threads));
      progress.advance(1);
    }
  }
  print(options.json ? as_json(network, options, limits, results)
                     : as_text(network, options, limits, results));
  return 0;
}

}  // namespace apps
