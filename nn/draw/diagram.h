#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nn/draw/graph_facts.h>
#include <nn/draw/layout.h>

namespace nn::draw {

// What kind of work a box is, which decides its colour.
enum class Look : std::uint8_t {
  port,  // an input or output of the graph
  convolution,
  product,  // Linear, MatMul, attention
  norm,
  activation,
  softmax,
  pool,  // and whatever else changes the size of pictures
  move,  // shapes and places of values alone
  join,  // of several values
  other,
};

// A graph as boxes with texts and arrows; every format shows this.
struct Diagram {
  struct Box {
    Look look = Look::other;
    std::string title;               // "Conv2d"
    std::vector<std::string> lines;  // arguments, name, output shape, what it costs
  };
  std::string title;  // "11,689,512 parameters, 1.81 G multiply-adds"
  std::vector<Box> boxes;
  std::vector<Arrow> arrows;
};

// Constants have no box: their readers name them.
Diagram diagram_of(const GraphFacts& facts, std::string_view name);

// 431080 as "431 k", 1814073344 as "1.81 G".
std::string short_number(std::int64_t number);

}  // namespace nn::draw
