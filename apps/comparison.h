#pragma once

#include <cstdint>
#include <optional>

#include <nn/tensor.h>

namespace apps {

// |a - b| <= atol + rtol * max(|b|, rms), rms the root of the mean square of the whole b: an element
// near zero is a sum of terms as large as those of its neighbours, and so is its rounding error.
struct Tolerance {
  // Sums in another order differ by some 1e-7 of their terms' size a layer; a hundred layers behind
  // each other by up to 1e-5. Ten times that is still far less than a wrong layer makes.
  double rtol = 1e-4;
  double atol = 1e-5;  // torch.testing's
};

// How tensors of one shape differ.
struct Difference {
  double absolute = 0;               // the largest |a - b|
  double relative = 0;               // the largest |a - b| / |b| where b is not 0
  std::optional<std::int64_t> ulps;  // the largest, of float32 against float32
  std::int64_t worst = 0;            // the index of the element that goes furthest beyond
  double got = 0, expected = 0;      // there
  double beyond = 0;                 // |a - b| there by what is allowed; above 1: too much

  bool within() const { return beyond <= 1; }
};

// NaN and infinity equal themselves alone. Integers and truths are compared as they are, with the
// same tolerance. REQUIRES: the same shape.
Difference compare(nn::ConstTensorView got, nn::ConstTensorView expected,
                   const Tolerance& tolerance);

}  // namespace apps
