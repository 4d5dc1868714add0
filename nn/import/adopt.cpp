#include <algorithm>
#include <optional>

#include <nn/import/adopt.h>
#include <nn/layers/batch_norm.h>
#include <nn/layers/conv2d.h>
#include <nn/layers/flatten.h>
#include <nn/layers/linear.h>
#include <nn/layers/reshape.h>

namespace nn {
namespace {

std::string quoted(const std::string& name) { return concat("'", printable(name), "'"); }

// "Linear(in_features=9216, out_features=128, bias=True)", as PyTorch prints it.
std::string described(const Module& layer) {
  return concat(layer.kind(), "(", layer.extra_repr(), ")");
}

bool same_numel(const Shape& a, const Shape& b) {
  try {
    return a.numel() == b.numel();
  } catch (const Error&) {
    return false;
  }
}

// Sizes that arithmetic on shapes can be trusted with; a file may claim any beside a size of 0.
bool is_sane(const Shape& shape) {
  return std::ranges::all_of(shape, [](std::int64_t size) { return size <= 1 << 30; });
}

// Adopts node by node.
class Adoption {
 public:
  Adoption(const Graph& graph, const StateDict& state_dict)
      : state_dict_(state_dict), adopted_{graph, {}, {}} {}

  Adopted run() {
    for (std::size_t i = 0; i < adopted_.graph.nodes().size(); ++i) {
      const Node& node = adopted_.graph.nodes()[i];
      try {
        if (const auto* conv = node.as<Conv2d>()) adopt(i, node.name, *conv);
        if (const auto* linear = node.as<Linear>()) adopt(i, node.name, *linear);
        if (const auto* norm = node.as<BatchNorm1d>()) adopt_norm(i, node.name, *norm);
        if (const auto* norm = node.as<BatchNorm2d>()) adopt_norm(i, node.name, *norm);
        if (const auto* reshape = node.as<Reshape>()) {
          const auto& shape = reshape->options().shape;
          if (shape.size() == 2 && shape[0] == -1) adopted_.graph.replace(i, Flatten{});
        }
      } catch (const Error&) {
        // Sizes that no layer takes, as 0: the layer stays as it is.
      }
    }
    return std::move(adopted_);
  }

 private:
  const Shape* weight_of(const std::string& name, const Shape& expected) const {
    const StateDict::Entry* entry = state_dict_.find(name + ".weight");
    if (entry == nullptr || entry->shape == expected || !is_sane(entry->shape)) return nullptr;
    return &entry->shape;
  }
  bool bias_of(const std::string& name, bool here) const {
    return state_dict_.contains(name + ".weight") ? state_dict_.contains(name + ".bias") : here;
  }

  void differ(const std::string& name, const Module& there, const Module& here) {
    adopted_.differences.push_back(concat(quoted(name), " is ", described(there), " in the file, ",
                                          described(here), " in the graph"));
  }
  void exclude(const std::string& name, const Shape& found, const std::string& why) {
    adopted_.impossible.push_back(concat("'", printable(name), ".weight' ", found, " ", why));
  }

  void adopt(std::size_t i, const std::string& name, const Conv2d& conv) {
    const Shape& expected = conv.weight.shape();
    const Shape* found = weight_of(name, expected);
    Conv2d::Options options = conv.options();
    options.bias = bias_of(name, options.bias);
    if (found != nullptr) {
      if (found->rank() != 4) {
        exclude(name, *found,
                found->rank() == 2 && same_numel(*found, expected)
                    ? "is of a Linear: a 1x1 convolution has the same values, reshaped"
                    : concat("is not that of a 2-d convolution, whose weight has 4 dimensions"));
        return;
      }
      const Shape& w = *found;
      if (w == Shape{expected[2], expected[3], expected[1], expected[0]}) {
        exclude(name, w,
                "is laid out as [height, width, in, out], as TensorFlow and Keras keep it: save it "
                "with .permute(3, 2, 0, 1)");
        return;
      }
      if (options.groups == 1 && w[1] == 1 && options.in_channels > 1 &&
          w[0] % options.in_channels == 0) {
        options.groups = options.in_channels;  // depthwise
      } else if (options.groups == options.in_channels && w[1] > 1) {
        options.groups = 1;
      }
      options.out_channels = w[0];
      options.in_channels = w[1] * options.groups;
      options.kernel_size = {w[2], w[3]};
    }
    if (found == nullptr && options.bias == conv.options().bias) return;
    const Conv2d there(options);
    const bool follows = found != nullptr &&
                         there.weight.shape().with(1, expected[1]) == expected && !is_first(i) &&
                         options.bias == conv.options().bias;
    if (!follows) differ(name, there, conv);
    adopted_.graph.replace(i, there);
  }

  void adopt(std::size_t i, const std::string& name, const Linear& linear) {
    const Shape& expected = linear.weight.shape();
    const Shape* found = weight_of(name, expected);
    Linear::Options options = linear.options();
    options.bias = bias_of(name, options.bias);
    if (found != nullptr) {
      if (found->rank() != 2) {
        exclude(name, *found,
                same_numel(*found, expected)
                    ? "is of a convolution: a Linear has the same values, reshaped to " +
                          to_text(expected)
                    : "is not that of a Linear, whose weight has 2 dimensions");
        return;
      }
      if (*found == Shape{expected[1], expected[0]}) {
        exclude(name, *found,
                "is transposed, [in, out], as TensorFlow, Keras and NumPy code keep it: save it "
                "with .t().contiguous()");
        return;
      }
      options.out_features = (*found)[0];
      options.in_features = (*found)[1];
    }
    if (found == nullptr && options.bias == linear.options().bias) return;
    const Linear there(options);
    if (options.out_features != expected[0] && is_last(i)) {
      adopted_.differences.push_back(concat(quoted(name), " gives ", options.out_features,
                                            " classes in the file, ", expected[0],
                                            " in the graph"));
    } else if (options.out_features != expected[0] ||
               (options.in_features != expected[1] && is_first(i))) {
      differ(name, there, linear);
    }
    adopted_.graph.replace(i, there);
  }

  // How many features a norm has follows from the layer before it.
  template <class Norm>
  void adopt_norm(std::size_t i, const std::string& name, const Norm& norm) {
    const StateDict::Entry* entry = state_dict_.find(name + ".running_mean");
    if (entry == nullptr) entry = state_dict_.find(name + ".weight");
    if (entry == nullptr || entry->shape.rank() != 1 || !is_sane(entry->shape)) return;
    auto options = norm.options();
    if (entry->shape[0] == options.num_features) return;
    options.num_features = entry->shape[0];
    adopted_.graph.replace(i, Norm(options));
  }

  // Does the node read the graph's input, alone?
  bool is_first(std::size_t i) const {
    const Node& node = adopted_.graph.nodes()[i];
    return !adopted_.graph.inputs().empty() && node.inputs[0] == adopted_.graph.inputs()[0].value;
  }

  // Is there no layer with weights behind it?
  bool is_last(std::size_t i) const {
    return std::ranges::none_of(adopted_.graph.nodes().subspan(i + 1),
                                [](const Node& node) { return !node.layer.parameters().empty(); });
  }

  const StateDict& state_dict_;
  Adopted adopted_;
};

}  // namespace

Adopted adopt(const Graph& graph, const StateDict& state_dict) {
  return Adoption(graph, state_dict).run();
}

}  // namespace nn
