#pragma once

#include <apps/network.h>
#include <string>
#include <vector>

namespace apps {

// A net with its weights, ready for pictures as MNIST has them, or for photographs.
class Classifier {
 public:
  // Adds to the network's assumptions how pictures are made its input, where that is a choice.
  // Throws nn::Error when it gives no classes, or takes neither photographs nor square pictures of
  // 28 pixels or more in 1 or 3 channels.
  Classifier(Network network, nn::SessionOptions options);

  // Without its graph.
  const Network& network() const { return network_; }

  void normalize_as(const Normalization& normalization) { network_.normalization = normalization; }

  // Class probabilities [N, C] of pictures uint8 [N, 28, 28], white ink on black. Throws nn::Error
  // when a row comes out as NaN ("FILE: row k: model produced NaN"); rows count from `first_row`.
  nn::Tensor operator()(nn::ConstTensorView pictures, std::int64_t first_row = 0);
  // The same [1, C] of a photograph.  REQUIRES: network().photos.
  nn::Tensor operator()(const nn::Image& photo);

 private:
  nn::Tensor probabilities(nn::ConstTensorView input, std::int64_t first_row);

  Network network_;
  nn::Session session_;
};

}  // namespace apps
