#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../error_of.h"

namespace {

using nn::Shape;
using nn::StateDict;
using nn::WeightNorm;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

StateDict parts(nn::Tensor g, nn::Tensor v) {
  StateDict dict;
  dict.set("fc.weight_g", std::move(g));
  dict.set("fc.weight_v", std::move(v));
  return dict;
}

std::vector<float> joined(const StateDict& dict) {
  const std::vector<WeightNorm> norms = nn::find_weight_norms(dict);
  if (norms.size() != 1) return {};
  const nn::Tensor weight = nn::joined_weight(dict, norms[0]);
  return {weight.f32().begin(), weight.f32().end()};
}

TEST(WeightNorm, HasTheLengthsOfGAndTheDirectionsOfV) {
  const nn::Tensor v = nn::tensor({{3, 4}, {0, -2}});
  EXPECT_THAT(joined(parts(nn::Tensor::from({10, 1}, {2, 1}), v)), ElementsAre(6, 8, 0, -1));
  EXPECT_THAT(joined(parts(nn::Tensor::from({6, 10}, {1, 2}), nn::tensor({{3, 3}, {0, 4}}))),
              ElementsAre(6, 6, 0, 8));
  EXPECT_THAT(joined(parts(nn::Tensor::from({10}, Shape()), nn::tensor({{3, 0}, {0, 4}}))),
              ElementsAre(6, 0, 0, 8));
  EXPECT_TRUE(std::isnan(joined(parts(nn::tensor({1}), nn::tensor({0})))[0]));
}

TEST(WeightNorm, IsFoundByNamesAndShapesThatBelongTogether) {
  const auto found = [](const Shape& g, const Shape& v) {
    return nn::find_weight_norms(parts(nn::Tensor(g), nn::Tensor(v))).size();
  };
  EXPECT_EQ(found({4, 1, 1}, {4, 3, 2}), 1U);
  EXPECT_EQ(found({1, 3, 1}, {4, 3, 2}), 1U);
  EXPECT_EQ(found({}, {4, 3}), 1U);
  EXPECT_EQ(found({4, 1}, {4, 3, 2}), 0U);
  EXPECT_EQ(found({3, 1}, {4, 3}), 0U);
  EXPECT_EQ(found({}, {}), 0U);
  EXPECT_EQ(found({0, 1}, {0, 3}), 1U);
  StateDict dict;
  dict.set("weight_g", nn::Tensor({1}));
  EXPECT_THAT(nn::find_weight_norms(dict), IsEmpty());
  dict.set("weight_v", nn::Tensor({2}));
  dict.set("a.parametrizations.weight.original0", nn::Tensor({2, 1}));
  dict.set("a.parametrizations.weight.original1", nn::Tensor({2, 2}));
  dict.set("xweight_g", nn::Tensor({1}));
  dict.set("xweight_v", nn::Tensor({1}));
  const auto norms = nn::find_weight_norms(dict);
  ASSERT_EQ(norms.size(), 2U);
  EXPECT_EQ(norms[0].weight, "weight");
  EXPECT_EQ(norms[1].weight, "a.weight");
}

TEST(WeightNorm, FillsALayerWhoseWeightIsMissing) {
  nn::Graph graph{{"fc", nn::Linear({.in_features = 2, .out_features = 2, .bias = false})}};
  StateDict wrapped;
  wrapped.set("module.fc.weight_g", nn::Tensor::from({10, 1}, {2, 1}));
  wrapped.set("module.fc.weight_v", nn::tensor({{3, 4}, {0, -2}}));
  const nn::LoadReport report = nn::load(graph, wrapped);
  EXPECT_THAT(graph.parameters()[0].parameter.f32(), ElementsAre(6, 8, 0, -1));
  EXPECT_THAT(report.matched, ElementsAre("fc.weight"));
  EXPECT_THAT(nn::notes(report),
              ElementsAre(HasSubstr("without 'module.'"),
                          "'fc.weight' is computed from the two tensors that weight_norm keeps"));
}

TEST(WeightNorm, LeavesAWeightAloneThatIsThereOrOfAnotherShape) {
  nn::Graph graph{{"fc", nn::Linear({.in_features = 2, .out_features = 2, .bias = false})}};
  StateDict dict = parts(nn::Tensor({3, 1}), nn::Tensor({3, 2}));
  EXPECT_THAT(error_of([&] { nn::load(graph, dict); }),
              HasSubstr("Missing key(s) in state_dict: \"fc.weight\""));
  dict = parts(nn::Tensor({2, 1}), nn::Tensor({2, 2}));
  dict.set("fc.weight", nn::Tensor({2, 2}));
  EXPECT_THAT(error_of([&] { nn::load(graph, dict); }),
              HasSubstr("Unexpected key(s) in state_dict: \"fc.weight_g\", \"fc.weight_v\""));
}

}  // namespace
