#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/module.h>

namespace nn {

// A layer whose arguments a graph computes from the sizes of its inputs: `x.view(x.size(0), -1)`.
// A session makes it, with resolve_sizes, once it knows these; until then it has no shapes and cannot
// run. Its inputs are what the layer takes, then the tensors that its arguments are read from.
//
//   graph.add("view", Deferred({.kind = "Reshape", .inputs = 1, .make = reshape_to}), {x, sizes});
class Deferred {
 public:
  // The values of an argument.
  struct Argument {
    Tensor value;
    // As many as there are rows in a batch: where int64 values follow the number of rows of the
    // graph's inputs. All false where that number does not matter, or matters otherwise.
    std::vector<bool> follows_rows;

    // Throws Error when they are not int64.
    std::span<const std::int64_t> integers() const { return value.as<std::int64_t>(); }
  };
  struct Options {
    std::string kind;        // of the layer that it becomes
    std::size_t inputs = 1;  // that the layer takes
    std::size_t outputs = 1;
    // Throws Error when there is no such layer.
    std::function<Module(std::span<const Argument> arguments)> make;
  };

  explicit Deferred(Options options) : options_(std::move(options)) {}

  std::string kind() const { return options_.kind; }
  std::size_t output_count() const { return options_.outputs; }
  // Throws Error.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  // "sizes computed"
  std::string extra_repr() const { return "sizes computed"; }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
