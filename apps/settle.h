#pragma once

#include <apps/mnist.h>
#include <apps/network.h>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace apps {

// Choices that a net's weights leave open, and how many labelled pictures they get right.
struct Setting {
  std::vector<std::pair<std::string, std::string>> choices;  // {"activation", "tanh"}, …
  std::int64_t correct = 0;
  double loss = 0;  // mean of -log(probability of the label), what nets are trained to make small
};

// "activation tanh, pool avg, normalize ±1"
std::string to_text(const Setting& setting);

// What labels say about a network.
struct Settled {
  Network network;  // as settled, with what labels were not asked about still in `assumed`
  Setting best;
  std::optional<Setting> second;
  std::size_t tried = 0;
  // The pictures that this was settled on, which no accuracy should count: of N every ⌊N/500⌋th.
  std::vector<std::int64_t> pictures;  // ascending
};

// Tries every open activation, pool and normalization together on 500 pictures. Of the settings
// that get within 2 % as many right as the best it takes the one of the smallest loss, the more
// usual where losses differ by less than 1 %: where counts are close, a net that runs as it was
// trained is still the surest of the right answers. Then it tries what else is open, a choice at a
// time, and begins anew with the one that clearly helps, three times at most. Nothing when no
// activation, pool or normalization is open. Throws nn::Error when there are less than 1000 pictures
// or the best is right in less than half.
// `weights` is null where the file carried its graph: then pictures alone are open.
std::optional<Settled> settle(const nn::StateDict* weights, const Network& network,
                              const NetOptions& net, const Mnist& data,
                              const nn::SessionOptions& session);

}  // namespace apps
