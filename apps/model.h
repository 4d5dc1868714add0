#pragma once

#include <apps/given_input.h>
#include <apps/options.h>
#include <span>
#include <string>
#include <vector>

#include <models/wiring.h>
#include <nn/nn.h>

namespace apps {

// A network wherever it comes from - a file that carries its graph, weights of a net that is known,
// printed or inferred, a name of the registry - with sizes to look at it.
struct Model {
  std::string name;  // "their.onnx", "mnist_convnet"
  nn::ImportedGraph imported;
  std::vector<nn::TensorSpec> inputs;
  bool weights = true;  // false: the name of a known network, whose weights are made up
  std::vector<models::Assumption> assumed;

  const nn::Graph& graph() const { return imported.graph; }
  // With what it computes from sizes settled for `inputs`.
  nn::Graph resolved() const { return nn::resolve_sizes(graph(), inputs); }
};

// Sizes come from --input, else from the file; where it leaves them free one row and, of pictures,
// the first usual size that the graph takes, which is told in `assumed`. Throws nn::Error when none
// does, and as open_network.
Model open_any_model(const std::string& name, const WeightsOptions& weights, const NetOptions& net);

// The same without sizes.
Model open_model_unsized(const std::string& name, const WeightsOptions& weights,
                         const NetOptions& net);

// Throws nn::Error, with the file's name, unless a program of torch.export takes such inputs, by the
// sizes and ranges that it declares; what ONNX files say of sizes is no more than a hint.
void require_declared(const std::string& source, const nn::ImportedGraph& graph,
                      std::span<const nn::TensorSpec> specs);

// The specs that a graph of a file is looked at with. Throws nn::Error.
std::vector<nn::TensorSpec> input_specs(const std::string& source, const nn::ImportedGraph& graph,
                                        std::span<const GivenInput> given,
                                        std::vector<models::Assumption>& assumed);

}  // namespace apps
