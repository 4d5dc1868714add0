#include <algorithm>
#include <array>

#include <nn/import/graph_builder.h>
#include <nn/layers/adaptive_max_pool2d.h>
#include <nn/layers/arg_max.h>
#include <nn/layers/binary.h>
#include <nn/layers/cast.h>
#include <nn/layers/concat.h>
#include <nn/layers/constant.h>
#include <nn/layers/expand.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/sizes_of.h>
#include <nn/layers/slice.h>
#include <nn/layers/top_k.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

// What is computed from constants while a file is read may outgrow these by so much.
constexpr std::uint64_t free_computed_bytes = std::uint64_t{48} << 20;
constexpr std::uint64_t computed_per_given = 4;

bool all_known(std::span<const Operand> operands) {
  return std::ranges::all_of(operands, [](const Operand& operand) { return operand.known(); });
}

// The element type of a layer's first output; shapes are not known yet.
DType result_dtype(const Module& layer, std::span<const Operand> inputs) {
  if (const auto constant = layer.constant()) return constant->dtype();
  if (const auto* cast = layer.as<Cast>()) return cast->options().dtype;
  if (const auto* binary = layer.as<Binary>(); binary && binary->to_truth()) return DType::boolean;
  if (const auto* unary = layer.as<Unary>(); unary && unary->to_truth()) return DType::boolean;
  if (layer.as<SizesOf>() || layer.as<ArgMax>()) return DType::int64;
  const std::size_t carrier = layer.as<Where>() ? 1 : 0;
  return inputs.size() > carrier ? inputs[carrier].dtype() : DType::float32;
}

// Of the others.
DType second_dtype(const Module& layer, DType first) {
  const bool of_places = layer.as<MaxPool2d>() || layer.as<AdaptiveMaxPool2d>() || layer.as<TopK>();
  return of_places ? DType::int64 : first;
}

}  // namespace

void GraphBuilder::define(std::string name, Operand operand) {
  const auto [found, added] = by_name_.emplace(std::move(name), std::move(operand));
  if (!added) fail("value '", printable(found->first), "' is defined twice");
}

void GraphBuilder::input(const std::string& name, DType dtype) {
  define(name, graph_input(name, dtype));
}

Operand GraphBuilder::graph_input(const std::string& name, DType dtype) {
  const Operand input{nullptr, graph_.input(printable(name)), dtype};
  if (!first_input_) first_input_ = input;
  return input;
}

Operand GraphBuilder::freed_constant(const Operand& constant) {
  if (free_rows_ != 1 || !first_input_ || !constant.known()) return constant;
  const Shape& shape = constant.constant->shape();
  if (shape.rank() == 0 || shape[0] != 1) return constant;
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < shape.rank(); ++i) sizes.push_back(shape[i]);
  const Module repeated(Expand({.sizes = sizes, .rows_of_input = true}));
  return add("rows", repeated, std::array<Operand, 2>{constant, *first_input_})[0];
}

Operand GraphBuilder::filled(const Shape& shape, const Tensor& number) {
  const std::uint64_t most = most_filled_bytes_;
  const std::uint64_t bytes = nbytes({shape, number.dtype()});
  if (bytes > most || filled_bytes_ > most - bytes) {
    fail("a tensor of shape ", shape, " is asked for; up to ", most, " bytes are made");
  }
  filled_bytes_ += bytes;
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < shape.rank(); ++i) sizes.push_back(shape[i]);
  const Tensor one = Tensor(number).reshaped({});
  Operand result{std::make_shared<const Tensor>(nn::apply(Expand({.sizes = sizes}), {one})), {}};
  seen_.insert(result.constant.get());
  return result;
}

Operand GraphBuilder::first_input() const {
  if (!first_input_) fail("the graph has no input that tells the number of rows");
  return *first_input_;
}

Operand GraphBuilder::freed(const Operand& sizes) {
  if (!free_rows_ || !first_input_ || !sizes.known()) return sizes;
  const Tensor& known = *sizes.constant;
  if (known.dtype() != DType::int64 || known.shape().rank() != 1 || known.numel() == 0 ||
      known.as<std::int64_t>()[0] != *free_rows_) {
    return sizes;
  }
  const auto part = [&](const Operand& of, std::int64_t begin, std::int64_t end) {
    return add("rows", Slice({.dim = 0, .start = begin, .end = end}), {&of, 1})[0];
  };
  const Operand first = *first_input_;
  const std::array<Operand, 2> both{part(add("sizes", SizesOf{}, {&first, 1})[0], 0, 1),
                                    part(sizes, 1, known.numel())};
  return add("sizes", Concat({.dim = 0}), both)[0];
}

std::vector<NamedValue> GraphBuilder::named_values() const {
  std::vector<NamedValue> values;
  for (const auto& [name, operand] : by_name_) {
    if (!operand.known()) values.push_back({name, operand.value});
  }
  std::ranges::sort(values, [](const NamedValue& a, const NamedValue& b) {
    return std::pair(a.value.id, a.name) < std::pair(b.value.id, b.name);
  });
  return values;
}

const Operand& GraphBuilder::at(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  if (found == by_name_.end()) {
    fail("value '", printable(name), "' is read before anything gives it");
  }
  return found->second;
}

std::vector<Operand> GraphBuilder::add(std::string_view name, const Module& layer,
                                       std::span<const Operand> inputs) {
  std::vector<Operand> outputs;
  if (all_known(inputs)) {
    std::vector<ConstTensorView> views;
    std::vector<TensorSpec> specs;
    for (const Operand& input : inputs) {
      if (seen_.insert(input.constant.get()).second) given_bytes_ += input.constant->nbytes();
      views.push_back(*input.constant);
      specs.push_back(input.constant->spec());
    }
    std::size_t bytes = 0;
    for (const TensorSpec& spec : layer.outputs(specs)) bytes += nbytes(spec);
    const std::uint64_t most = free_computed_bytes + computed_per_given * given_bytes_;
    if (bytes > most || computed_bytes_ > most - bytes) {
      fail("its constant result has ", bytes, " bytes; up to ", most, " are computed in all");
    }
    computed_bytes_ += bytes;
    for (Tensor& value : nn::apply(layer, views)) {
      outputs.push_back({std::make_shared<const Tensor>(std::move(value)), {}});
      seen_.insert(outputs.back().constant.get());
    }
    return outputs;
  }
  std::vector<Value> values;
  for (const Operand& input : inputs) values.push_back(value_of(input));
  const DType dtype = result_dtype(layer, inputs);
  for (const Value value : graph_.add_all(unique(name), layer, values)) {
    outputs.push_back({nullptr, value, outputs.empty() ? dtype : second_dtype(layer, dtype)});
  }
  return outputs;
}

std::vector<Operand> GraphBuilder::add(std::string_view name, std::span<const Operand> inputs,
                                       Deferred::Options deferred,
                                       std::span<const Operand> arguments, DType dtype) {
  if (all_known(arguments)) {
    std::vector<Deferred::Argument> known;
    for (const Operand& argument : arguments) {
      const auto count = static_cast<std::size_t>(argument.constant->numel());
      known.push_back({*argument.constant, std::vector<bool>(count)});
    }
    return add(name, deferred.make(known), inputs);
  }
  deferred.inputs = inputs.size();
  std::vector<Operand> all(inputs.begin(), inputs.end());
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<Value> values;
  for (const Operand& operand : all) values.push_back(value_of(operand));
  std::vector<Operand> outputs;
  if (!inputs.empty()) dtype = inputs[0].dtype();
  const bool of_places = deferred.kind == "topk";
  for (const Value value : graph_.add_all(unique(name), Deferred(std::move(deferred)), values)) {
    outputs.push_back({nullptr, value, of_places && !outputs.empty() ? DType::int64 : dtype});
  }
  return outputs;
}

void GraphBuilder::output(const Operand& operand, const std::string& name) {
  graph_.output(value_of(operand), printable(name));
}

Value GraphBuilder::value_of(const Operand& operand) {
  if (!operand.known()) return operand.value;
  const auto [found, added] = constants_.emplace(operand.constant.get(), Value{});
  if (added) {
    found->second = graph_.add(unique("constant"), Constant(operand.constant), {});
  }
  return found->second;
}

// A name of the file, or with the first number behind it that makes it the only one.
std::string GraphBuilder::unique(std::string_view name) const {
  std::string wanted = name.empty() ? "layer" : printable(name);
  if (graph_.find(wanted) == nullptr) return wanted;
  for (std::size_t i = 1;; ++i) {
    std::string numbered = concat(wanted, "_", i);
    if (graph_.find(numbered) == nullptr) return numbered;
  }
}

}  // namespace nn
