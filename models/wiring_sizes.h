#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <models/wiring_chain.h>
#include <models/wiring_fills.h>

namespace models::wiring {

// What is decided about a convolution. A padding of `same` keeps the sides.
inline constexpr std::int64_t same = -1;
struct ConvChoice {
  std::int64_t padding = 0;
  std::int64_t stride = 1;
  std::uint8_t fill = 0;  // index in the unit's fills

  friend bool operator==(const ConvChoice&, const ConvChoice&) = default;
};

struct Sides {
  std::int64_t h = 0;
  std::int64_t w = 0;

  friend auto operator<=>(const Sides&, const Sides&) = default;
};

struct PoolSize {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t padding = 0;

  friend bool operator==(const PoolSize&, const PoolSize&) = default;
};
std::string to_text(const PoolSize& size);  // "2", "3/2", "3/2/1"

// How planes become the values that the first linear layer takes.
enum class Head : std::uint8_t {
  flatten,
  global,    // each plane is pooled to one value
  adaptive,  // … to as many as fit, by AdaptiveAvgPool2d: only where the user says so
};

// Convolutions with paddings, strides and pools so that the planes meet the first linear layer.
struct Layout {
  Sides input;
  PoolSize pool;
  std::vector<ConvChoice> convs;
  Head head = Head::flatten;
  Sides planes;  // behind the last convolution and pool
  double cost = 0;
};

// What the user settled; nullopt and empty: open.
struct SizeOptions {
  std::optional<Sides> input;
  std::vector<std::int64_t> paddings;  // one for each convolution
  std::vector<std::int64_t> strides;
  std::optional<PoolSize> pool;
  std::optional<Head> head;
};

struct SizeSearch {
  const Chain& chain;
  const std::vector<std::vector<Fill>>& fills;  // of each unit
  SizeOptions options;
};

// The layouts that fit, least unusual first, at most `most_layouts`.
inline constexpr std::size_t most_layouts = 256;
inline constexpr std::size_t most_convs = 40;
struct Layouts {
  std::vector<Layout> layouts;
  bool incomplete = false;          // some that are more unusual were left out
  std::vector<Sides> other_inputs;  // usual sides that fit as well, not among the layouts
};
// Sides are 28 and 32, and where nothing fits with these, other common ones. Work and memory are
// bounded whatever the sizes.
Layouts layouts(const SizeSearch& search);

// Throws Error that says why there are no layouts: what the first linear layer takes, and what the
// planes may be.
[[noreturn]] void fail_no_layout(const SizeSearch& search);

}  // namespace models::wiring
