#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/draw/formats.h>
#include <nn/nn.h>

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

nn::draw::Diagram diagram(const nn::Graph& graph, const nn::Shape& input) {
  const nn::TensorSpec spec{input, nn::DType::float32};
  return nn::draw::diagram_of(nn::facts_of(graph, {&spec, 1}), "net");
}

nn::Graph residual(const std::string& name) {
  nn::Graph graph;
  const nn::Value x = graph.input("x");
  const nn::Value h = graph.add(name, nn::Linear({.in_features = 4, .out_features = 4}), {x});
  graph.output(graph.add("sum", nn::Add{}, {x, h}), "y");
  return graph;
}

// Are tags closed in order, attributes quoted and all text free of markup? Enough of XML for what
// to_svg writes.
bool is_well_formed(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '&') {
      const std::size_t end = text.find(';', at);
      const std::string name = text.substr(at + 1, end - at - 1);
      if (name != "amp" && name != "lt" && name != "gt" && name != "quot") return false;
      at = end + 1;
    } else if (text[at] != '<') {
      if (text[at] == '>' || (static_cast<unsigned char>(text[at]) < 0x20U && text[at] != '\n')) {
        // CSS knows '>', to_svg does not use it
        return false;
      }
      ++at;
    } else {
      const std::size_t end = text.find('>', at);
      if (end == text.npos) return false;
      const std::string tag = text.substr(at + 1, end - at - 1);
      const std::string name = tag.substr(0, tag.find(' '));
      if (std::ranges::count(tag, '"') % 2 != 0 || tag.find('<') != tag.npos) return false;
      if (name[0] == '/') {
        if (open.empty() || open.back() != name.substr(1)) return false;
        open.pop_back();
      } else if (!tag.ends_with('/')) {
        open.push_back(name);
      }
      at = end + 1;
    }
  }
  return open.empty();
}

TEST(Draw, FactsCountTiedWeightsOnce) {
  nn::Graph graph;
  const auto shared = std::make_shared<const nn::Tensor>(nn::Shape{4, 4});
  nn::Linear layer({.in_features = 4, .out_features = 4, .bias = false});
  layer.weight.assign(shared);
  nn::Value x = graph.input();
  for (const char* name : {"a", "b"}) x = graph.add(name, layer, {x});
  graph.output(x);
  const nn::TensorSpec spec{{3, 4}, nn::DType::float32};
  const nn::GraphFacts facts = nn::facts_of(graph, {&spec, 1});
  EXPECT_EQ(facts.nodes[1].parameters, 16);
  EXPECT_EQ(facts.parameters(), 16);
  EXPECT_EQ(facts.weight_bytes(), 64U);
  EXPECT_EQ(facts.multiply_adds(), 2 * 3 * 16);
  EXPECT_EQ(facts.output_bytes(), 2U * 3 * 16);
}

TEST(Draw, ABoxTellsWhatTheLayerIsAndCosts) {
  const nn::draw::Diagram drawn = diagram(residual("fc"), {2, 4});
  ASSERT_EQ(drawn.boxes.size(), 4U);
  EXPECT_EQ(drawn.title, "net: 20 parameters, 32 multiply-adds");
  EXPECT_EQ(drawn.boxes[1].title, "Linear");
  EXPECT_THAT(drawn.boxes[1].lines,
              testing::ElementsAre("in_features=4, out_features=4", "fc", "[2, 4]",
                                   "20 parameters, 32 multiply-adds"));
  EXPECT_EQ(drawn.arrows.size(), 4U);
}

TEST(Draw, ConstantsAreNamedInTheirReadersAndHaveNoBox) {
  nn::Graph graph;
  const nn::Value x = graph.input("x");
  const nn::Value c = graph.add("c", nn::Constant(nn::Tensor({4})), {});
  graph.output(graph.add("sum", nn::Add{}, {x, c}));
  const nn::draw::Diagram drawn = diagram(graph, {4});
  ASSERT_EQ(drawn.boxes.size(), 3U);
  EXPECT_EQ(drawn.boxes[1].lines[0], "constant [4]");
  EXPECT_EQ(drawn.arrows.size(), 2U);
}

TEST(Draw, AnSvgIsWellFormedWhateverItsNamesAre) {
  const std::string svg =
      nn::draw::to_svg(diagram(residual("a<b>&\"\x01\xff\xef\xbf\xbf]]>"), {2, 4}));
  EXPECT_TRUE(is_well_formed(svg)) << svg;
  EXPECT_THAT(svg, AllOf(HasSubstr("a&lt;b&gt;&amp;&quot;\\x01\\xff\xef\xbf\xbd]]&gt;"),
                         Not(HasSubstr("href")), Not(HasSubstr("<script"))));
}

TEST(Draw, DotAndMermaidEscapeWhatTheyWouldTakeForTheirOwn) {
  const nn::draw::Diagram drawn = diagram(residual("a\"b\\n]<i>`"), {2, 4});
  EXPECT_THAT(nn::draw::to_dot(drawn),
              AllOf(HasSubstr("a\\\"b\\\\n]<i>`\\n"), HasSubstr("n0 -> n1;")));
  EXPECT_THAT(nn::draw::to_mermaid(drawn),
              AllOf(HasSubstr("a#34;b#92;n]#60;i#62;#96;<br/>"), HasSubstr("n0 --> n1\n")));
}

TEST(Draw, NumbersAreShort) {
  EXPECT_EQ(nn::draw::short_number(0), "0");
  EXPECT_EQ(nn::draw::short_number(999), "999");
  EXPECT_EQ(nn::draw::short_number(1000), "1.00 k");
  EXPECT_EQ(nn::draw::short_number(431080), "431 k");
  EXPECT_EQ(nn::draw::short_number(999'999), "1.00 M");
  EXPECT_EQ(nn::draw::short_number(11'689'512), "11.7 M");
  EXPECT_EQ(nn::draw::short_number(1'814'073'344), "1.81 G");
}

}  // namespace
