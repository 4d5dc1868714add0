#include <nn/module.h>

namespace nn {

void Module::require_one_float32(std::span<const TensorSpec> in) {
  if (in.size() != 1) fail("expected 1 input, got ", in.size());
  if (in[0].dtype != DType::float32) fail("expected an input of float32, got ", in[0].dtype);
}

std::vector<Module::ConstNamedParameter> Module::parameters() const {
  // Listing parameters changes nothing; only `parameters()` of a non-const module hands out access.
  std::vector<ConstNamedParameter> result;
  for (NamedParameter& named : const_cast<Concept&>(*self_).parameters()) {
    result.push_back({std::move(named.name), named.parameter, named.role});
  }
  return result;
}

std::string missing_parameters(const Module& layer) {
  std::string names;
  for (const auto& [name, parameter, role] : layer.parameters()) {
    if (!parameter.declared() || parameter.has_value() || role == Role::counter) continue;
    names += names.empty() ? "" : ", ";
    names += name;
  }
  return names;
}

std::vector<Tensor> apply(Module layer, std::span<const ConstTensorView> inputs) {
  if (const std::string missing = missing_parameters(layer); !missing.empty()) {
    fail(layer.kind(), ": no value for ", missing, ": assign or load it first");
  }
  std::vector<TensorSpec> in;
  for (const ConstTensorView& input : inputs) in.push_back(input.spec());
  std::vector<Tensor> results;
  std::vector<TensorView> views;
  for (const TensorSpec& spec : layer.outputs(in)) {
    results.push_back(Tensor::uninitialized(spec));
    views.push_back(results.back());
  }
  layer.prepare(in);
  const auto scratch_bytes = static_cast<std::int64_t>(layer.scratch_bytes(in));
  Tensor scratch = Tensor::uninitialized({{scratch_bytes}, DType::uint8});
  Context context(scratch.view().bytes());
  layer.forward(inputs, views, context);
  return results;
}

Tensor apply(Module layer, std::initializer_list<ConstTensorView> inputs) {
  const std::string kind = layer.kind();
  std::vector<Tensor> results =
      apply(std::move(layer), std::span<const ConstTensorView>(inputs.begin(), inputs.size()));
  if (results.size() != 1) fail(kind, ": expected 1 output, got ", results.size());
  return std::move(results[0]);
}

}  // namespace nn
