#pragma once

#include <string>

#include <models/registry.h>
#include <nn/nn.h>

namespace apps {

// A known network with its weights, ready for pictures as MNIST has them.
class Classifier {
 public:
  // `weights` tells the network by its tensors; empty: the shipped weights. Throws nn::Error.
  explicit Classifier(const std::string& weights);

  const models::Model& model() const { return *model_; }

  // Class probabilities [N, C] of pictures uint8 [N, 28, 28], white ink on black. Throws nn::Error
  // when a row comes out as NaN ("row k: model produced NaN").
  nn::Tensor operator()(nn::ConstTensorView pictures);

 private:
  explicit Classifier(const nn::StateDict& weights);

  const models::Model* model_;
  nn::Session session_;
};

}  // namespace apps
