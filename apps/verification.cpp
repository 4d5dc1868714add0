#include <algorithm>
#include <apps/model.h>
#include <apps/network.h>
#include <apps/verification.h>
#include <map>

#include <nn/run_all.h>

namespace apps {
namespace {

// What a value of the graph is called: by the file, or by its layer.
class Names {
 public:
  Names(const Model& model, const Reference& reference)
      : reference_(reference), section_(model.imported.format) {
    for (const nn::NamedValue& named : model.imported.values) {
      by_value_[named.value.id].push_back(named.name);
    }
    // ONNX files have folded BatchNorms into convolutions that keep their names: a submodule's output
    // is not the layer's of that name.
    by_layer_ = section_ != "onnx";
  }

  // The reference's entry for a value; null where it has none of this shape.
  const nn::StateDict::Entry* find(const nn::Node& node, std::size_t output,
                                   const nn::Shape& shape) const {
    const auto fits = [&](const nn::StateDict::Entry* entry) {
      return entry != nullptr && entry->unreadable.empty() && entry->shape == shape;
    };
    const auto named = by_value_.find(node.outputs[output].id);
    if (named != by_value_.end() && !section_.empty()) {
      for (const std::string& name : named->second) {
        if (const auto* entry = reference_.find(section_, name); fits(entry)) return entry;
      }
    }
    if (!by_layer_ || node.outputs.size() != 1) return nullptr;
    const auto* entry = reference_.find("module", node.name);
    return fits(entry) ? entry : nullptr;
  }

  std::size_t known() const {
    const std::size_t values = section_.empty() ? 0 : reference_.count(section_);
    return values == 0 && by_layer_ ? reference_.count("module") : values;
  }

 private:
  const Reference& reference_;
  std::string section_;  // of the reference, for this kind of file
  bool by_layer_ = true;
  std::map<std::int32_t, std::vector<std::string>> by_value_;
};

Compared compared(std::string layer, std::string kind, std::string name, const nn::Tensor& got,
                  const nn::Tensor& expected, const Tolerance& tolerance) {
  Compared value{std::move(layer), std::move(kind),  std::move(name),
                 got.shape(),      expected.shape(), {}};
  if (got.shape() == expected.shape()) value.difference = compare(got, expected, tolerance);
  return value;
}

// The inputs, in the graph's element types.
std::vector<nn::Tensor> inputs_of(const VerifyOptions& options, const Model& model,
                                  const Reference& reference) {
  const auto declared = model.graph().inputs();
  const std::string source = nn::printable(options.model);
  if (declared.size() != reference.input_count()) {
    nn::fail(source, ": has ", declared.size(), " inputs, ", nn::printable(options.reference), " ",
             reference.input_count());
  }
  std::vector<nn::Tensor> inputs;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    nn::Tensor input = reference.input(i);
    const nn::DType wanted = model.imported.inputs[i].dtype;
    if (input.dtype() != wanted) input = nn::to(input, wanted);
    inputs.push_back(std::move(input));
  }
  const std::size_t outputs = model.graph().outputs().size();
  if (outputs != reference.output_count()) {
    nn::fail(source, ": has ", outputs, " outputs, ", nn::printable(options.reference), " ",
             reference.output_count());
  }
  return inputs;
}

// The layer that gives an output, or the input that is one.
const nn::Node* giver(const nn::Graph& graph, nn::Value value) {
  for (const nn::Node& node : graph.nodes()) {
    if (std::ranges::find(node.outputs, value) != node.outputs.end()) return &node;
  }
  return nullptr;
}

}  // namespace

const Compared* Verification::first_wrong() const {
  const auto found =
      std::ranges::find_if(values, [](const Compared& value) { return !value.within(); });
  return found == values.end() ? nullptr : &*found;
}

Verification verify(const VerifyOptions& options, const Reference& reference) {
  const Model model = open_model_unsized(options.model, options.weights, options.net);
  const std::vector<nn::Tensor> inputs = inputs_of(options, model, reference);
  std::vector<nn::TensorSpec> specs;
  for (const nn::Tensor& input : inputs) specs.push_back(input.spec());
  require_declared(nn::printable(options.model), model.imported, specs);
  const std::vector<nn::ConstTensorView> views(inputs.begin(), inputs.end());
  const Names names(model, reference);
  Verification result;
  result.known = names.known();
  const nn::Graph& graph = model.graph();
  std::map<std::int32_t, nn::Tensor> outputs;  // by value
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (graph.is_output(graph.inputs()[i].value)) outputs[graph.inputs()[i].value.id] = inputs[i];
  }
  nn::run_all(graph, views, [&](const nn::Node& node, std::size_t output, const nn::Tensor& value) {
    const nn::Value id = node.outputs[output];
    if (graph.is_output(id)) outputs[id.id] = value;
    const auto* const entry = names.find(node, output, value.shape());
    if (entry == nullptr) return;
    result.values.push_back(compared(node.name, node.layer.kind(), entry->name, value,
                                     reference.read(entry->name), options.tolerance));
    ++result.matched;
  });
  nn::Session session(graph, specs, {.threads = 1});
  const std::vector<nn::Tensor> ran = session(views);
  result.outputs = ran.size();
  for (const bool in_session : {false, true}) {
    for (std::size_t i = 0; i < ran.size(); ++i) {
      const nn::Graph::Port& port = graph.outputs()[i];
      const nn::Node* const node = giver(graph, port.value);
      const nn::Tensor& got = in_session ? ran[i] : outputs.at(port.value.id);
      result.values.push_back(compared(
          in_session ? nn::concat(port.name, " of a session") : (node ? node->name : port.name),
          node ? node->layer.kind() : "input", nn::concat("output.", i), got, reference.output(i),
          options.tolerance));
    }
  }
  return result;
}

}  // namespace apps
