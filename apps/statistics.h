#pragma once

#include <cstdint>
#include <variant>

#include <nn/tensor.h>

namespace apps {

using Number = std::variant<double, std::int64_t, std::uint64_t>;

// What the values of a tensor are like. Minimum, maximum and mean are those of the finite values,
// exact in float64 and for integers in 64 bits.
struct Statistics {
  std::int64_t nans = 0;
  std::int64_t infinities = 0;
  std::int64_t finite = 0;
  Number min = 0.0;  // meaningful when there is a finite value, as the next two
  Number max = 0.0;
  double mean = 0;
};

// Takes little memory of its own whatever the size.
Statistics statistics_of(nn::ConstTensorView values);

}  // namespace apps
