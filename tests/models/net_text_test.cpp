#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <models/net_text.h>
#include <nn/error.h>

#include "../error_of.h"
#include "../io/cost.h"

namespace {

using models::parse_net;
using models::PrintedNet;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> names_of(const PrintedNet& net) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < net.modules().size(); ++i) {
    names.push_back(net.name(i) + ":" + net.modules()[i].kind);
  }
  return names;
}

std::string refusal(const std::string& text) {
  return error_of([&] { parse_net(text, "net.txt"); });
}

TEST(NetText, IsATreeOfNamesClassesAndArguments) {
  const PrintedNet net = parse_net(
      "Net(\n"
      "  (conv1): Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))\n"
      "  (head): Sequential(\n"
      "    (0): ReLU()\n"
      "    (1): Linear(in_features=8, out_features=10, bias=True)\n"
      "  )\n"
      ")\n");
  EXPECT_THAT(names_of(net), ElementsAre(":Net", "conv1:Conv2d", "head:Sequential", "head.0:ReLU",
                                         "head.1:Linear"));
  EXPECT_EQ(net.modules()[1].arguments, "1, 20, kernel_size=(5, 5), stride=(1, 1)");
  EXPECT_EQ(net.modules()[3].arguments, "");
  EXPECT_EQ(net.modules()[4].line, 5U);
  EXPECT_EQ(net.modules()[2].end, 5U);
  EXPECT_EQ(net.place(4), "(in memory): line 5");
}

TEST(NetText, SpellsRepeatedBlocksOut) {
  const PrintedNet net = parse_net(
      "Net(\n"
      "  (blocks): ModuleList(\n"
      "    (0-1): 2 x Block(\n"
      "      (fc): Linear(in_features=8, out_features=8, bias=True)\n"
      "      (acts): ModuleList(\n"
      "        (3-4): 2 x ReLU()\n"
      "      )\n"
      "    )\n"
      "    (2): ReLU()\n"
      "  )\n"
      ")\n");
  EXPECT_THAT(
      names_of(net),
      ElementsAre(":Net", "blocks:ModuleList", "blocks.0:Block", "blocks.0.fc:Linear",
                  "blocks.0.acts:ModuleList", "blocks.0.acts.3:ReLU", "blocks.0.acts.4:ReLU",
                  "blocks.1:Block", "blocks.1.fc:Linear", "blocks.1.acts:ModuleList",
                  "blocks.1.acts.3:ReLU", "blocks.1.acts.4:ReLU", "blocks.2:ReLU"));
  EXPECT_EQ(net.modules()[7].parent, 1U);
  EXPECT_EQ(net.modules()[7].end, 12U);
}

TEST(NetText, PassesOverWhatCopyingAddsToIt) {
  const std::string text =
      "\xef\xbb\xbf>>> print(model)\r\n\r\n   Net(\r\n(fc): Linear(in_features=8, out_features=8)"
      "\r\n\t(gone): None\r\n   )\r\n>>>\r\n\r\n";
  EXPECT_THAT(names_of(parse_net(text)), ElementsAre(":Net", "fc:Linear"));
}

TEST(NetText, KeepsTheLinesThatAClassSaysOfItself) {
  const PrintedNet net = parse_net("Net(\n  width=3\n  depth=4\n  (a): ReLU()\n)");
  EXPECT_EQ(net.modules()[0].arguments, "width=3\ndepth=4");
}

TEST(NetText, SaysInWhichLineItIsNoNet) {
  EXPECT_THAT(refusal(""), StartsWith("net.txt: holds no net"));
  EXPECT_THAT(refusal("\n\n"), StartsWith("net.txt: holds no net"));
  EXPECT_THAT(refusal("hello\n"), StartsWith("net.txt: line 1: expected the text that print"));
  EXPECT_THAT(refusal("(conv1): Conv2d(1)\n"), StartsWith("net.txt: line 1: expected the text"));
  EXPECT_THAT(refusal("Net(\n"), StartsWith("net.txt: ends before 'Net(' of line 1 is closed"));
  EXPECT_THAT(refusal("Net()\nNet()\n"), StartsWith("net.txt: line 2: expected nothing below"));
  EXPECT_THAT(refusal("Net(\n)\n)\n"), StartsWith("net.txt: line 3: expected nothing below"));
  EXPECT_THAT(refusal("Net(\n(a): b\n)"), StartsWith("net.txt: line 2: expected a module as in"));
  EXPECT_THAT(refusal("Net(\n(): ReLU()\n)"), StartsWith("net.txt: line 2: expected a module"));
  EXPECT_THAT(refusal("Net(\n(a.b): ReLU()\n)"), HasSubstr("without a dot"));
  EXPECT_THAT(refusal("Net(\n(a): ReLU(1\n)"), HasSubstr("expected ')' at the end"));
  EXPECT_THAT(refusal("Net(\n(a): 7(\n)"), HasSubstr("line 2: expected a module as in"));
  EXPECT_THAT(refusal("-----\n Layer (type)  Output Shape"), HasSubstr("a summary's table"));
  EXPECT_THAT(refusal("Net(\n(0-3): 2 x ReLU()\n)"), HasSubstr("as many modules as '(0-3)'"));
  EXPECT_THAT(refusal("Net(\n(3-0): 2 x ReLU()\n)"), HasSubstr("as many modules as"));
  EXPECT_THAT(refusal("Net(\n(0-18446744073709551615): 0 x ReLU()\n)"),
              HasSubstr("more than 4000 modules"));
  EXPECT_THAT(refusal(std::string("\xff\xfeN\0e\0", 6)), HasSubstr("UTF-16"));
  EXPECT_THAT(refusal(std::string("PK\3\4\0\0", 6)), HasSubstr("binary file"));
  EXPECT_THAT(refusal("\x1b[31mNet\x1b[0m("), AllOf(HasSubstr("\\x1b"), HasSubstr("line 1")));
}

TEST(NetText, ClaimsCostNothing) {
  const auto cost = [](const std::string& text) {
    return test::cost_of([&] { EXPECT_NE(refusal(text), "(no error)"); }).peak_bytes;
  };
  constexpr std::size_t bound = std::size_t{64} << 20;
  EXPECT_LT(cost("Net(\n(0-999999999999): 1000000000000 x ReLU()\n)"), bound);
  std::string nested = "Net(\n";
  for (int i = 0; i < 12; ++i) nested += "(0-9): 10 x Block(\n";
  nested += "(a): ReLU()\n";
  for (int i = 0; i < 13; ++i) nested += ")\n";
  EXPECT_LT(cost(nested), bound);
  std::string deep;
  for (int i = 0; i < 50'000; ++i) deep += i == 0 ? "A(\n" : "(a): A(\n";
  EXPECT_LT(cost(deep), bound);
  EXPECT_THAT(refusal(deep), HasSubstr("more than 100 modules inside each other"));
  std::string wide = "Net(\n";
  for (int i = 0; i < 50'000; ++i) wide += "(a): A()\n";
  EXPECT_LT(cost(wide), bound);
  EXPECT_LT(cost("Net(\n(0-3998): 3999 x A(" + std::string(2000, 'x') + ")\n(b): B(\n"), bound);
  EXPECT_LT(cost("Net(\n" + std::string(1 << 19, 'x') + "\n)"), bound);
  EXPECT_LT(cost(std::string(1 << 21, '\n')), bound);
}

TEST(NetText, EveryTruncationIsRefusedAndNoFlippedBitCrashes) {
  const std::string text =
      "Net(\n  (conv1): Conv2d(1, 20, kernel_size=(5, 5))\n  (b): ModuleList(\n    (0-2): 3 x "
      "ReLU()\n  )\n)";
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_NE(refusal(text.substr(0, size)), "(no error)") << size;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      error_of([&] { parse_net(flipped); });
    }
  }
}

}  // namespace
