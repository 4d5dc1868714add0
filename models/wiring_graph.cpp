#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <models/wiring_graph.h>
#include <models/wiring_names.h>
#include <nn/nn.h>

namespace models::wiring {
namespace {

template <class L>
nn::Module make() {
  return L{};
}

struct ActivationName {
  std::string_view name;
  nn::Module (*layer)();
};
constexpr std::array activations{
    ActivationName{"relu", make<nn::ReLU>},       ActivationName{"tanh", make<nn::Tanh>},
    ActivationName{"sigmoid", make<nn::Sigmoid>}, ActivationName{"leaky_relu", make<nn::LeakyReLU>},
    ActivationName{"gelu", make<nn::GELU>},       ActivationName{"silu", make<nn::SiLU>},
};
// Taken by name, but not offered where a file leaves the activation open.
constexpr std::array rare_activations{
    ActivationName{"elu", make<nn::ELU>},
    ActivationName{"selu", make<nn::SELU>},
    ActivationName{"celu", make<nn::CELU>},
    ActivationName{"relu6", make<nn::ReLU6>},
    ActivationName{"hardtanh", make<nn::Hardtanh>},
    ActivationName{"hardsigmoid", make<nn::Hardsigmoid>},
    ActivationName{"hardswish", make<nn::Hardswish>},
    ActivationName{"softplus", make<nn::Softplus>},
    ActivationName{"softsign", make<nn::Softsign>},
    ActivationName{"mish", make<nn::Mish>},
    ActivationName{"logsigmoid", make<nn::LogSigmoid>},
};

// Adds layers one behind another, under names of their own.
class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan), value_(graph_.input()) {
    for (const Unit& unit : plan.chain.units) {
      taken_.insert(unit.core.name);
      if (unit.pre) taken_.insert(unit.pre->name);
      for (const Part& extra : unit.extras) taken_.insert(extra.name);
    }
  }

  nn::Graph write() {
    const Chain& chain = plan_.chain;
    if (chain.convs == 0) add("flatten", nn::Flatten{});
    for (std::size_t u = 0; u < chain.units.size(); ++u) {
      const Unit& unit = chain.units[u];
      if (chain.convs > 0 && u == chain.convs) to_features();
      if (unit.pre) add_part(*unit.pre, norm(*unit.pre, u < chain.convs));
      add_part(unit.core, core(u));
      fill(u, 0);
      for (std::size_t i = 0; i < unit.extras.size(); ++i) {
        const Part& extra = unit.extras[i];
        if (extra.kind == Kind::norm) {
          add_part(extra, norm(extra, u < chain.convs));
        } else {
          add_part(extra, nn::PReLU({.num_parameters = extra.out}));
        }
        fill(u, static_cast<int>(i) + 1);
      }
    }
    const bool softmax = plan_.output == "softmax" || plan_.output == "log_softmax";
    if (!softmax && plan_.output != "logits") add("output", activation_from(plan_.output));
    if (chain.convs == chain.units.size()) to_features();
    if (plan_.output == "log_softmax") add("log_softmax", nn::LogSoftmax({.dim = 1}));
    if (plan_.output == "softmax") add("softmax", nn::Softmax({.dim = 1}));
    graph_.output(value_);
    return std::move(graph_);
  }

 private:
  void add(std::string name, nn::Module layer) {
    while (!taken_.insert(name).second) name += '_';
    value_ = graph_.add(std::move(name), std::move(layer), {value_});
  }
  void add_part(const Part& part, nn::Module layer) {
    value_ = graph_.add(part.name, std::move(layer), {value_});
  }

  nn::Module core(std::size_t u) const {
    const Unit& unit = plan_.chain.units[u];
    const Part& part = unit.core;
    if (part.kind == Kind::linear) {
      return nn::Linear({.in_features = part.in, .out_features = part.out, .bias = part.bias});
    }
    const ConvChoice& choice = plan_.layout->convs[u];
    const nn::IntPair kernel{part.weight[2], part.weight[3]};
    nn::Padding padding = choice.padding;
    if (choice.padding == same) padding = "same";
    return nn::Conv2d({.in_channels = part.in * unit.groups,
                       .out_channels = part.out,
                       .kernel_size = kernel,
                       .stride = choice.stride,
                       .padding = padding,
                       .groups = unit.groups,
                       .bias = part.bias});
  }

  nn::Module norm(const Part& part, bool planes) const {
    const nn::BatchNorm::Options options{.num_features = part.out,
                                         .eps = plan_.eps,
                                         .affine = part.affine,
                                         .bias = part.bias || !part.affine};
    if (planes) return nn::BatchNorm2d(options);
    return nn::BatchNorm1d(options);
  }

  void fill(std::size_t u, int slot) {
    const Fill& fill = plan_.fills[u];
    const std::string& name = plan_.chain.units[u].core.name;
    const bool activate = fill.activation_slot == slot;
    if (fill.pool_slot == slot && fill.pool_first) pool(name);
    if (activate) add(name + "_activation", activation_from(plan_.activation));
    if (fill.pool_slot == slot && !fill.pool_first) pool(name);
  }

  void pool(const std::string& name) {
    const PoolSize& size = plan_.layout->pool;
    if (plan_.pool == "avg") {
      add(name + "_pool",
          nn::AvgPool2d(
              {.kernel_size = size.kernel, .stride = size.stride, .padding = size.padding}));
    } else {
      add(name + "_pool",
          nn::MaxPool2d(
              {.kernel_size = size.kernel, .stride = size.stride, .padding = size.padding}));
    }
  }

  void to_features() {
    const Layout& layout = *plan_.layout;
    if (layout.head == Head::adaptive) {
      const Chain& chain = plan_.chain;
      const std::int64_t cells =
          chain.units[chain.convs].core.in / chain.units[chain.convs - 1].core.out;
      std::int64_t side = 1;
      while (side * side < cells) ++side;
      add("adaptive_pool", nn::AdaptiveAvgPool2d({.output_size = side}));
    } else if (layout.head == Head::global && plan_.head == "global_max") {
      add("global_pool", nn::MaxPool2d({.kernel_size = {layout.planes.h, layout.planes.w}}));
    } else if (layout.head == Head::global) {
      add("global_pool", nn::AdaptiveAvgPool2d({.output_size = 1}));
    }
    add("flatten", nn::Flatten{});
  }

  const Plan& plan_;
  nn::Graph graph_;
  nn::Value value_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace

nn::Module activation_from(std::string_view text) {
  for (const ActivationName& known : activations) {
    if (text == known.name) return known.layer();
  }
  for (const ActivationName& known : rare_activations) {
    if (text == known.name) return known.layer();
  }
  constexpr std::string_view leaky = "leaky_relu=";
  if (text.starts_with(leaky)) {
    double slope = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + leaky.size(), end, slope);
    if (error == std::errc() && stop == end) return nn::LeakyReLU({.negative_slope = slope});
  }
  std::vector<std::string> names = activation_names();
  for (const ActivationName& known : rare_activations) names.emplace_back(known.name);
  nn::fail("activation: expected one of ", join(names, ", "),
           " (or leaky_relu=0.2 for a slope of its own), got '", nn::printable(text), "'");
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const ActivationName& known : activations) names.emplace_back(known.name);
  return names;
}

nn::Graph graph_of(const Plan& plan) { return Writer(plan).write(); }

}  // namespace models::wiring
