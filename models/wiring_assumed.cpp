#include <algorithm>
#include <array>

#include <models/wiring_assumed.h>
#include <models/wiring_costs.h>
#include <models/wiring_names.h>
#include <models/wiring_settled.h>

namespace models::wiring {
namespace {

constexpr std::size_t most_listed = 8;

bool open(const Assumption& assumption) {
  return !assumption.alternatives.empty() || assumption.more > 0;
}

class Teller {
 public:
  Teller(const Plan& plan, const std::vector<std::vector<Fill>>& fills, const Layouts& found,
         const WiringOptions& options)
      : plan_(plan), fills_(fills), found_(found), options_(options) {
    const std::vector<Fill>& chosen = plan.fills;
    activated_ = std::ranges::any_of(chosen, &Fill::activated);
    pooled_ = std::ranges::any_of(chosen, &Fill::pooled);
  }

  std::vector<Assumption> tell(const nn::Shape& input) {
    assumed_ = plan_.chain.assumed;
    tell_input(input);
    tell_activation();
    tell_layout();
    tell_order();
    const bool norms = std::ranges::any_of(
        plan_.chain.units, [](const Unit& unit) { return unit.norm() != nullptr || unit.pre; });
    if (norms) choose("eps", nn::to_text(plan_.eps), {"0.001"}, options_.eps);
    tell_output();
    tell_chain();
    return std::move(assumed_);
  }

 private:
  // A choice whose alternatives are not looked for once the user has chosen.
  void choose(std::string what, std::string chosen, std::vector<std::string> alternatives,
              const std::string& given) {
    std::erase(alternatives, chosen);
    if (!given.empty()) alternatives.clear();
    assumed_.push_back(
        {std::move(what), std::move(chosen), std::move(alternatives), 0, !given.empty()});
  }

  // The distinct values that layouts give to one option, the best's first.
  template <class TextOf>
  Assumption among(std::string what, TextOf text_of) const {
    const std::vector<Layout>& layouts = found_.layouts;
    Assumption assumption{std::move(what), text_of(layouts[0]), {}};
    std::vector<std::string> known{assumption.chosen};
    for (const Layout& layout : layouts) {
      std::string text = text_of(layout);
      if (std::ranges::find(known, text) != known.end()) continue;
      known.push_back(text);
      const bool near = layout.cost <= layouts[0].cost + costs::listed;
      if (near && assumption.alternatives.size() < most_listed) {
        assumption.alternatives.push_back(std::move(text));
      } else {
        ++assumption.more;
      }
    }
    // Where the search left something out, what differs already may differ in more ways.
    if (found_.incomplete && open(assumption)) ++assumption.more;
    return assumption;
  }

  void add(Assumption assumption, bool given) {
    assumption.given = given;
    if (given || open(assumption)) assumed_.push_back(std::move(assumption));
  }

  void tell_input(const nn::Shape& input) {
    Assumption assumption{"input", input_text(input), {}, 0, options_.input.has_value()};
    if (!found_.layouts.empty()) {
      const auto text_of = [&](const Sides& sides) {
        return input_text({input[0], sides.h, sides.w});
      };
      assumption = among("input", [&](const Layout& layout) { return text_of(layout.input); });
      for (const Sides& sides : found_.other_inputs) {
        std::string text = text_of(sides);
        if (std::ranges::find(assumption.alternatives, text) == assumption.alternatives.end()) {
          assumption.alternatives.push_back(std::move(text));
        }
      }
    } else if (input.rank() == 3) {
      assumption.alternatives = {nn::to_text(input.numel())};
    }
    assumption.given = options_.input.has_value();
    if (assumption.given) assumption.alternatives.clear();
    assumed_.push_back(std::move(assumption));
  }

  void tell_activation() {
    const Chain& chain = plan_.chain;
    if (activated_) {
      std::vector<std::string> others = activation_names();
      others.insert(others.end(), {"leaky_relu=0.1", "leaky_relu=0.2"});  // as tutorials have it
      choose("activation", plan_.activation, std::move(others), options_.activation);
    }
    std::vector<std::string> without;
    std::vector<std::string> unsure;
    for (std::size_t u = 0; u + 1 < chain.units.size(); ++u) {
      const Unit& unit = chain.units[u];
      if (unit.prelu() != nullptr) continue;
      if (!plan_.fills[u].activated()) {
        without.push_back(unit.core.name);
      } else if (std::ranges::any_of(unit.gaps, [](const Gap& gap) { return !gap; })) {
        unsure.push_back(unit.core.name);
      }
    }
    Assumption assumption{"without_activation", without.empty() ? "none" : join(without), unsure};
    if (!options_.without_activation.empty()) assumption.alternatives.clear();
    if (!without.empty() || !options_.without_activation.empty() || open(assumption)) {
      assumption.given = !options_.without_activation.empty();
      assumed_.push_back(std::move(assumption));
    }
  }

  void tell_layout() {
    if (found_.layouts.empty()) return;
    const Chain& chain = plan_.chain;
    add(among("padding", [&](const Layout& layout) { return padding_text(chain, layout); }),
        !options_.padding.empty());
    add(among("stride", stride_text), !options_.stride.empty());
    add(among("pool_after",
              [&](const Layout& layout) { return pool_after_text(chain, fills_, layout); }),
        !options_.pool_after.empty());
    if (pooled_) {
      choose("pool", plan_.pool, {"max", "avg"}, options_.pool);
      add(among("pool_size", [](const Layout& layout) { return to_text(layout.pool); }),
          !options_.pool_size.empty());
    }
    Assumption head = among("head", [&](const Layout& layout) {
      return std::string(layout.head == Head::flatten    ? "flatten"
                         : layout.head == Head::adaptive ? "adaptive_avg"
                         : plan_.head == "global_max"    ? "global_max"
                                                         : "global_avg");
    });
    if (options_.head.empty()) {
      // Adaptive pools to more than one value fit behind anything: they are named, not tried.
      head.alternatives.emplace_back(found_.layouts[0].head == Head::global ? "global_max"
                                                                            : "adaptive_avg");
    }
    add(std::move(head), !options_.head.empty());
  }

  // Max pooling and an activation that never falls may change places.
  bool pool_and_activation_commute() const {
    const bool rises = plan_.activation != "gelu" && plan_.activation != "silu";
    return plan_.pool == "max" && rises;
  }

  void tell_order() {
    const bool norms = order_is_open(plan_.chain);
    const bool pools = pooled_ && activated_ && !pool_and_activation_commute();
    std::vector<std::string> orders;
    if (norms && pools) {
      orders = {"norm,activation,pool", "activation,norm,pool", "activation,pool,norm",
                "pool,activation,norm", "norm,pool,activation", "pool,norm,activation"};
    } else if (norms && pooled_) {
      orders = {"norm,activation,pool", "activation,norm,pool", "activation,pool,norm",
                "pool,norm,activation"};
    } else if (norms) {
      orders = {"norm,activation,pool", "activation,norm,pool"};
    } else if (pools) {
      orders = {"norm,activation,pool", "norm,pool,activation"};
    }
    if (orders.empty() && options_.order.empty()) return;
    const StepOrder order =
        options_.order.empty() ? evident_order(plan_.chain) : step_order_from(options_.order);
    choose("order", to_text(order), orders, options_.order);
  }

  void tell_output() {
    choose("output", plan_.output, {"logits", "log_softmax", "softmax", "sigmoid", "tanh", "relu"},
           options_.output);
  }

  // What a file never tells: layers that could be used again or be skipped, for their sizes.
  void tell_chain() {
    const Chain& chain = plan_.chain;
    Assumption assumption{"chain", "each layer once, no connection skips one", {}};
    for (std::size_t u = 0; u + 1 < chain.units.size(); ++u) {
      const Unit& unit = chain.units[u];
      bool keeps = unit.core.in * unit.groups == unit.core.out;
      if (u < chain.convs) {
        const ConvChoice& choice = plan_.layout->convs[u];
        keeps = keeps && choice.stride == 1 && !plan_.fills[u].pooled() &&
                (choice.padding == same || 2 * choice.padding + 1 == unit.core.weight[2]);
      }
      if (keeps) assumption.alternatives.push_back("twice or skipped: " + unit.core.name);
      if (unit.groups > 1) {
        assumption.alternatives.push_back("not depthwise: " + unit.core.name);
      }
    }
    for (const auto& [second, stays] : chain.aliases)
      assumption.alternatives.push_back("a layer of its own: " + second + ", equal to " + stays);
    if (open(assumption)) assumed_.push_back(std::move(assumption));
  }

  const Plan& plan_;
  const std::vector<std::vector<Fill>>& fills_;
  const Layouts& found_;
  const WiringOptions& options_;
  bool activated_ = false;
  bool pooled_ = false;
  std::vector<Assumption> assumed_;
};

}  // namespace

std::vector<Assumption> assumptions(const Plan& plan, const std::vector<std::vector<Fill>>& fills,
                                    const Layouts& found, const nn::Shape& input,
                                    const WiringOptions& options) {
  return Teller(plan, fills, found, options).tell(input);
}

}  // namespace models::wiring
