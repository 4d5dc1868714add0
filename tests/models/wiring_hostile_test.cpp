#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <models/wiring.h>

#include "../error_of.h"
#include "../sanitizers.h"
#include "wiring_nets.h"

// Names and shapes from outside: the search ends soon whatever they are.
namespace {

using models::infer_wiring;
using nn::Shape;
using nn::StateDict;
using nn::Tensor;
using testing::HasSubstr;

template <class F>
double seconds_of(F call) {
  const auto start = std::chrono::steady_clock::now();
  error_of(call);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  return time.count();
}
constexpr double soon = sanitized ? 60 : 5;  // seconds; all take less than a tenth in release

TEST(WiringHostile, RefusesMoreLayersThanAChainHas) {
  StateDict dict;
  for (int i = 0; i < 1000; ++i) dict.set(nn::concat("fc", i, ".weight"), Tensor({2, 2}));
  EXPECT_THAT(error_of([&] { infer_wiring(dict); }), HasSubstr("more than 128 layers"));
}

TEST(WiringHostile, ManyConvolutionsOfOneShapeEndSoon) {
  for (const int count : {40, 41, 127}) {
    for (const std::int64_t cells : {1, 81, 16}) {
      StateDict dict;
      dict.set("conv0.weight", Tensor({2, 1, 3, 3}));
      for (int i = 1; i < count; ++i) {
        dict.set(nn::concat("conv", i, ".weight"), Tensor({2, 2, 3, 3}));
      }
      dict.set("fc.weight", Tensor({10, 2 * cells}));
      EXPECT_LT(seconds_of([&] { infer_wiring(dict); }), soon) << count << " " << cells;
    }
  }
}

TEST(WiringHostile, LayersWithoutAnOrderEndSoon) {
  StateDict dict;
  for (int i = 0; i < 100; ++i) {
    dict.set(nn::concat("layer", (i * 37) % 100, ".weight"), Tensor({3, i == 50 ? 4 : 3}));
  }
  EXPECT_LT(seconds_of([&] { infer_wiring(dict); }), soon);
}

TEST(WiringHostile, ManyNormsOfOneSizeEndSoon) {
  StateDict dict;
  for (int i = 0; i < 63; ++i) {
    dict.set(nn::concat("a", i, ".weight"), Tensor({3, 3}));
  }
  for (int i = 0; i < 63; ++i) {
    dict.set(nn::concat("b", i, ".running_mean"), Tensor({3}));
    dict.set(nn::concat("b", i, ".running_var"), Tensor({3}));
  }
  EXPECT_LT(seconds_of([&] { infer_wiring(dict); }), soon);
}

TEST(WiringHostile, SizesWithoutBoundsAreRefusedInWords) {
  const auto refusal = [](const char* name, const Shape& shape) {
    StateDict dict;
    dict.set("conv1.weight", Tensor({2, 1, 3, 3}));
    dict.set(name, Tensor(shape));
    return error_of([&] { infer_wiring(dict); });
  };
  EXPECT_THAT(refusal("fc.weight", {1, 1 << 20}), HasSubstr("'fc' takes 1048576 values"));
  EXPECT_THAT(refusal("conv2.weight", {1, 2, 1 << 20, 1}), HasSubstr("no planes reach the end"));
  EXPECT_THAT(refusal(".weight", {10, 2 * 144}), "(no error)");
  EXPECT_THAT(refusal("fc.99999999999999999999.weight", {10, 2 * 144}), "(no error)");
  EXPECT_THAT(refusal("\xff\n.bias", {3}), HasSubstr("'\\xff\\x0a.bias' [3] belongs to no layer"));
  EXPECT_THAT(refusal("fc.weight.weight", {10, 2 * 144}), "(no error)");
}

// A state dict with one tensor left out, doubled in a size, or under another name is refused, or
// still gives a net that its tensors fill.
TEST(WiringHostile, AChangedTensorIsRefusedOrFits) {
  for (const WiringNet& net : wiring_nets("nets.txt")) {
    const auto entries = net.state_dict.entries();
    const std::size_t step = sanitized ? 5 : 1;
    for (std::size_t changed = 0; changed < entries.size(); changed += step) {
      for (int change = 0; change < 3; ++change) {
        StateDict dict;
        for (std::size_t i = 0; i < entries.size(); ++i) {
          Tensor value = net.state_dict.read(entries[i].name);
          std::string name = entries[i].name;
          if (i == changed && change == 0) continue;
          if (i == changed && change == 1 && value.shape().rank() > 0) {
            value = Tensor(value.shape().with(0, value.shape()[0] * 2), value.dtype());
          }
          if (i == changed && change == 2) name = "other." + name;
          dict.set(name, std::move(value));
        }
        try {
          models::Wiring wiring = infer_wiring(dict);
          EXPECT_TRUE(models::load(wiring, dict).fits()) << net.name << " " << changed;
        } catch (const nn::Error& error) {
          EXPECT_THAT(error.what(), HasSubstr("no wiring fits its weights")) << net.name;
        }
      }
    }
  }
}

}  // namespace
