#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include <nn/layer.h>

namespace nn {

// What layers share that give elements of their input in another order (permute, slice, expand).

// A number for each dimension; those beyond the rank are of no meaning. Allocates nothing.
using Dims = std::array<std::int64_t, Shape::max_rank>;

// Elements between neighbours along each dimension of a contiguous tensor.
Dims strides_of(const Shape& shape);

// The same beside a tensor of that rank, aligned at the last dimensions: 0 where this one is repeated,
// in dimensions that it has not or has one element in.  REQUIRES: rank >= shape.rank().
Dims repeated_strides(const Shape& shape, std::size_t rank);

// Which dimensions are meant by `dims`, of which negative ones count from the end; all where there are
// none. Throws Error: "dim 0 appears multiple times in the list of dims".
std::array<bool, Shape::max_rank> chosen_dims(std::span<const std::int64_t> dims, std::size_t rank);

// y's elements in order, those along dimension i `strides[i]` elements of x apart, from element
// `offset` of x on.  REQUIRES: all of them lie in x.
void copy_strided(ConstTensorView x, const Dims& strides, std::int64_t offset, TensorView y);

// The only input, of any element type. Throws Error unless there is one.
const TensorSpec& one_input(std::span<const TensorSpec> in);

// "0, 2, 1"
std::string joined(std::span<const std::int64_t> numbers);

}  // namespace nn
