#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Elements start, start + step, … before end of one dimension (x[:, start:end:step]), of any element
// type.
//   [N, 8, H] -> [N, 3, H] with dim = 1, start = 1, end = 7, step = 2
class Slice {
 public:
  struct Options {
    std::int64_t dim = 0;    // negative ones count from the end
    std::int64_t start = 0;  // below 0: from the end; outside the tensor: its begin or end
    std::int64_t end = INT64_MAX;
    std::int64_t step = 1;
  };

  explicit Slice(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Slice"; }
  // Throws Error: "slice step must be positive".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "dim=1, 1:7:2"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
