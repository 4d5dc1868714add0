#include <algorithm>
#include <array>
#include <utility>

#include <nn/import/edits.h>
#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/avg_pool2d.h>
#include <nn/layers/conv2d.h>
#include <nn/layers/flatten.h>
#include <nn/layers/linear.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/reshape.h>

namespace nn {
namespace {

using Change = Edit::Change;

constexpr std::size_t most_attempts = 6000;
constexpr std::size_t most_answers = 8;

// The usual sides of pictures, small ones and the commonest first.
constexpr std::array<std::int64_t, 22> sides{28, 32, 64,  224, 96,  128, 256, 227, 299, 48,  40,
                                             56, 84, 100, 112, 150, 160, 192, 200, 300, 384, 512};

std::string quoted(const std::string& name) { return concat("'", printable(name), "'"); }

template <class Pool>
Module with_window(const Pool& pool, std::int64_t kernel, std::int64_t stride) {
  auto options = pool.options();
  options.kernel_size = kernel;
  options.stride = stride;
  options.padding = 0;
  return Pool(options);
}

// Edits of one graph, collected.
class Collector {
 public:
  explicit Collector(const Graph& graph) : graph_(graph) {}

  std::vector<Edit> edits;

  void flattens_added(const Walk& walked) {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const Node& node = graph_.nodes()[i];
      if (node.as<Linear>() == nullptr) continue;
      const auto& spec = walked.specs[static_cast<std::size_t>(node.inputs[0].id)];
      if (!spec || spec->shape.rank() != 4) continue;
      edits.push_back({concat("with a Flatten before ", name(i)),
                       {{Change::What::insert_before, i, Flatten{}}},
                       {}});
    }
  }

  void pools_dropped() {
    for_each_pool([&](std::size_t i, const auto&) {
      edits.push_back({concat("without ", name(i)), {{Change::What::drop, i, {}}}, {}});
    });
  }

  void pools_added() {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      if (graph_.nodes()[i].as<Conv2d>() == nullptr || is_pooled(i)) continue;
      edits.push_back({concat("with a MaxPool2d(2) behind ", name(i)),
                       {{Change::What::insert_behind, i, MaxPool2d({.kernel_size = 2})}},
                       {}});
    }
  }

  // The padding that `of` gives for a convolution, in all where it is another one.
  template <class Of>
  void padding_of_all(const std::string& what, Of of) {
    Edit edit;
    std::string names;
    for_each_conv([&](std::size_t i, const Conv2d& conv) {
      const Padding padding = of(conv);
      if (padding == numbers(conv)) return;
      edit.changes.push_back({Change::What::replace, i, with_padding(conv, padding)});
      names += concat(names.empty() ? "" : ", ", name(i));
    });
    if (edit.changes.empty()) return;
    edit.text = concat("with padding=", what, " in ", names);
    edits.push_back(std::move(edit));
  }

  void padding_of_each(std::int64_t padding) {
    for_each_conv([&](std::size_t i, const Conv2d& conv) {
      if (Padding(padding) == numbers(conv)) return;
      edits.push_back({concat("with padding=", padding, " in ", name(i)),
                       {{Change::What::replace, i, with_padding(conv, padding)}},
                       {}});
    });
  }

  void same_padding_of_each() {
    for_each_conv([&](std::size_t i, const Conv2d& conv) {
      const Padding same = same_padding(conv);
      if (same == numbers(conv)) return;
      if (same == Padding(1) || same == Padding(2)) return;  // padding_of_each has them
      edits.push_back({concat("with padding='same' in ", name(i)),
                       {{Change::What::replace, i, with_padding(conv, same)}},
                       {}});
    });
  }

  void strides() {
    for_each_conv([&](std::size_t i, const Conv2d& conv) {
      Conv2d::Options options = conv.options();
      if (options.padding.mode() == Padding::Mode::same) return;
      const std::int64_t other = options.stride == IntPair(1) ? 2 : 1;
      options.stride = other;
      edits.push_back({concat("with stride=", other, " in ", name(i)),
                       {{Change::What::replace, i, Conv2d(options)}},
                       {}});
    });
  }

  void windows_of_pools() {
    for_each_pool([&](std::size_t i, const auto& pool) {
      for (const auto& [kernel, stride] :
           {std::pair{2, 2}, std::pair{3, 2}, std::pair{3, 3}, std::pair{4, 4}}) {
        if (pool.options().kernel_size == IntPair(kernel) &&
            pool.options().stride == IntPair(stride))
          continue;
        edits.push_back({concat("with kernel_size=", kernel, ", stride=", stride, " in ", name(i)),
                         {{Change::What::replace, i, with_window(pool, kernel, stride)}},
                         {}});
      }
    });
  }

  void ceil_modes() {
    for_each_pool([&](std::size_t i, const auto& pool) {
      auto options = pool.options();
      options.ceil_mode = !options.ceil_mode;
      edits.push_back(
          {concat("with ceil_mode=", options.ceil_mode ? "True" : "False", " in ", name(i)),
           {{Change::What::replace, i, std::remove_cvref_t<decltype(pool)>(options)}},
           {}});
    });
  }

  void global_pools() {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const Node& node = graph_.nodes()[i];
      if (const auto* pool = node.as<AdaptiveAvgPool2d>()) {
        for (const std::int64_t side : {1, 7, 6, 4, 2, 3, 5, 8}) {
          if (pool->options().output_size.h == side && pool->options().output_size.w == side)
            continue;
          edits.push_back({concat("with output_size=", side, " in ", name(i)),
                           {{Change::What::replace, i, AdaptiveAvgPool2d({.output_size = side})}},
                           {}});
        }
      } else if (node.as<Flatten>() != nullptr && behind_conv(i)) {
        edits.push_back({concat("with an AdaptiveAvgPool2d(1) before ", name(i)),
                         {{Change::What::insert_before, i, AdaptiveAvgPool2d({.output_size = 1})}},
                         {}});
      }
    }
  }

  void inputs(const Shape& input) {
    if (input.rank() != 4) return;
    for (const std::int64_t side : sides) {
      const Shape other = input.with(2, side).with(3, side);
      if (other != input) add_input(other);
    }
    // Without convolutions colour is but more values; with them the weights tell the channels.
    bool convolves = false;
    for_each_conv([&](std::size_t, const Conv2d&) { convolves = true; });
    if (convolves) return;
    for (const std::int64_t channels : {1, 3, 4}) {
      for (const std::int64_t side : sides) {
        if (channels == input[1]) continue;
        add_input({input[0], channels, side, side});
      }
    }
  }

  // That keeps the size of what a convolution of stride 1 reads.
  static Padding same_padding(const Conv2d& conv) {
    const Conv2d::Options& o = conv.options();
    const IntPair half{o.dilation.h * (o.kernel_size.h - 1) / 2,
                       o.dilation.w * (o.kernel_size.w - 1) / 2};
    const bool even = o.dilation.h * (o.kernel_size.h - 1) % 2 != 0 ||
                      o.dilation.w * (o.kernel_size.w - 1) % 2 != 0;
    return even && o.stride == IntPair(1) ? Padding("same") : Padding(half);
  }

 private:
  void add_input(const Shape& input) {
    const bool usual = input[2] == 28 || input[2] == 32 || input[2] == 64 || input[2] == 224;
    edits.push_back({concat("for input ", input), {}, input, usual ? 1U : 2U});
  }

  std::string name(std::size_t node) const { return quoted(graph_.nodes()[node].name); }

  template <class Use>
  void for_each_pool(Use use) const {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const Node& node = graph_.nodes()[i];
      if (node.outputs.size() != 1) continue;
      if (const auto* max = node.as<MaxPool2d>()) use(i, *max);
      if (const auto* average = node.as<AvgPool2d>()) use(i, *average);
    }
  }
  template <class Use>
  void for_each_conv(Use use) const {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      if (const auto* conv = graph_.nodes()[i].as<Conv2d>()) use(i, *conv);
    }
  }

  static Padding numbers(const Conv2d& conv) {
    const Padding& padding = conv.options().padding;
    if (padding.mode() == Padding::Mode::valid) return 0;
    return padding.mode() == Padding::Mode::same ? same_padding(conv) : padding;
  }
  static Module with_padding(const Conv2d& conv, const Padding& padding) {
    Conv2d::Options options = conv.options();
    options.padding = padding;
    return Conv2d(options);
  }

  // Is there a pool between the node and the next layer with weights?
  bool is_pooled(std::size_t at) const {
    while (true) {
      const Node& node = graph_.nodes()[at];
      const std::vector<std::size_t> readers = graph_.readers(node.outputs[0]);
      if (node.outputs.size() != 1 || readers.size() != 1) return false;
      at = readers[0];
      const Node& next = graph_.nodes()[at];
      if (next.as<MaxPool2d>() || next.as<AvgPool2d>() || next.as<AdaptiveAvgPool2d>()) return true;
      if (next.inputs.size() != 1 || next.as<Conv2d>() || next.as<Linear>() || next.as<Flatten>() ||
          next.as<Reshape>()) {
        return false;
      }
    }
  }

  bool behind_conv(std::size_t node) const {
    return std::ranges::any_of(graph_.nodes().first(node),
                               [](const Node& before) { return before.as<Conv2d>() != nullptr; });
  }

  const Graph& graph_;
};

// Do two edits touch the same node, or both the input?
bool meet(const Edit& a, const Edit& b) {
  if (a.input && b.input) return true;
  return std::ranges::any_of(a.changes, [&](const Change& one) {
    return std::ranges::find(b.changes, one.node, &Change::node) != b.changes.end();
  });
}

// Tries sets of edits of one cost in the order of their sums of places: the likelier first.
class Search {
 public:
  Search(const Graph& graph, const Shape& input, const std::vector<Edit>& edits)
      : graph_(graph), input_(input), edits_(edits) {}

  std::vector<std::vector<Edit>> of_cost(std::size_t cost) {
    for (std::size_t sum = 0; sum < edits_.size() * cost && !done(); ++sum) {
      for (std::size_t count = 1; count <= cost; ++count) choose(0, count, cost, sum);
    }
    return std::move(found_);
  }

 private:
  bool done() const { return attempts_ >= most_attempts || found_.size() >= most_answers; }

  // `count` more edits of that cost at places from `first` on that add up to `sum`.
  void choose(std::size_t first, std::size_t count, std::size_t cost, std::size_t sum) {
    if (count == 0) {
      if (cost == 0 && sum == 0 && !done()) attempt();
      return;
    }
    const std::size_t begin = count == 1 ? std::max(first, sum) : first;
    for (std::size_t i = begin; i * count <= sum && i < edits_.size() && !done(); ++i) {
      if (edits_[i].cost + count - 1 > cost || !add(i)) continue;
      choose(i + 1, count - 1, cost - edits_[i].cost, sum - i);
      chosen_.pop_back();
    }
  }

  bool add(std::size_t i) {
    const auto meets = [&](const Edit* other) { return meet(*other, edits_[i]); };
    if (std::ranges::any_of(chosen_, meets)) return false;
    chosen_.push_back(&edits_[i]);
    return true;
  }

  void attempt() {
    ++attempts_;
    if (walk(graph_, input_, chosen_).failed) return;
    std::vector<Edit> set;
    for (const Edit* edit : chosen_) set.push_back(*edit);
    found_.push_back(std::move(set));
  }

  const Graph& graph_;
  const Shape& input_;
  const std::vector<Edit>& edits_;
  std::vector<const Edit*> chosen_;
  std::vector<std::vector<Edit>> found_;
  std::size_t attempts_ = 0;
};

}  // namespace

Walk walk(const Graph& graph, const Shape& input, const std::vector<const Edit*>& edits) {
  Walk result;
  result.specs.resize(graph.value_count());
  const Shape* start = &input;
  for (const Edit* edit : edits) {
    if (edit->input) start = &*edit->input;
  }
  for (const Graph::Port& port : graph.inputs()) {
    result.specs[static_cast<std::size_t>(port.value.id)] = TensorSpec{*start, DType::float32};
  }
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    const Module* layer = &node.layer;
    const Module* before = nullptr;
    const Module* behind = nullptr;
    for (const Edit* edit : edits) {
      for (const Change& change : edit->changes) {
        if (change.node != i) continue;
        const Module* const given = change.layer ? &*change.layer : nullptr;
        if (change.what == Change::What::drop || change.what == Change::What::replace)
          layer = given;
        if (change.what == Change::What::insert_before) before = given;
        if (change.what == Change::What::insert_behind) behind = given;
      }
    }
    try {
      std::vector<TensorSpec> specs;
      for (const Value value : node.inputs) {
        specs.push_back(*result.specs[static_cast<std::size_t>(value.id)]);
      }
      if (before != nullptr) specs = before->outputs(specs);
      if (layer != nullptr) specs = layer->outputs(specs);
      if (behind != nullptr) specs = behind->outputs(specs);
      for (std::size_t k = 0; k < node.outputs.size(); ++k) {
        result.specs[static_cast<std::size_t>(node.outputs[k].id)] = specs[k];
      }
    } catch (const Error&) {
      result.failed = i;
      return result;
    }
  }
  return result;
}

std::vector<Edit> possible_edits(const Graph& graph, const Shape& input) {
  Collector collector(graph);
  collector.flattens_added(walk(graph, input));
  collector.pools_dropped();
  collector.padding_of_all("0", [](const Conv2d&) { return Padding(0); });
  collector.padding_of_all("'same'", Collector::same_padding);
  collector.pools_added();
  collector.inputs(input);
  collector.global_pools();
  collector.padding_of_each(0);
  collector.padding_of_each(1);
  collector.padding_of_each(2);
  collector.same_padding_of_each();
  collector.strides();
  collector.windows_of_pools();
  collector.ceil_modes();
  // One convolution: the padding of all is that of each.
  std::vector<Edit> edits;
  const auto equal = [](const Edit& a, const Edit& b) { return a.text == b.text; };
  for (Edit& edit : collector.edits) {
    const bool known = std::ranges::any_of(edits, [&](const Edit& e) { return equal(e, edit); });
    if (!known) edits.push_back(std::move(edit));
  }
  return edits;
}

std::vector<std::vector<Edit>> fitting_edits(const Graph& graph, const Shape& input) {
  if (graph.inputs().size() != 1) return {};
  if (!walk(graph, input).failed) return {{}};
  const std::vector<Edit> edits = possible_edits(graph, input);
  for (std::size_t cost = 1; cost <= 3; ++cost) {
    auto found = Search(graph, input, edits).of_cost(cost);
    if (!found.empty()) return found;
  }
  return {};
}

std::string to_text(const std::vector<Edit>& edits) {
  std::string text;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    text += concat(i == 0 ? "" : i + 1 < edits.size() ? ", " : " and ", edits[i].text);
  }
  return text;
}

}  // namespace nn
