#pragma once

#include <apps/options.h>
#include <string>

#include <models/registry.h>
#include <nn/nn.h>

namespace apps {

// A known network with its weights, ready for pictures as MNIST has them.
class Classifier {
 public:
  // `file` tells the network by its tensors; empty: the shipped weights. Throws nn::Error.
  Classifier(const std::string& file, const WeightsOptions& options, nn::SessionOptions session);

  const models::Model& model() const { return *model_; }
  // The file that the weights came from.
  const std::string& source() const { return source_; }

  // Class probabilities [N, C] of pictures uint8 [N, 28, 28], white ink on black. Throws nn::Error when a
  // row comes out as NaN ("FILE: row k: model produced NaN"); rows count from `first_row`.
  nn::Tensor operator()(nn::ConstTensorView pictures, std::int64_t first_row = 0);

 private:
  Classifier(const nn::StateDict& weights, const WeightsOptions& options,
             nn::SessionOptions session);

  std::string source_;
  const models::Model* model_;
  nn::Session session_;
};

}  // namespace apps
