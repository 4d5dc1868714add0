// Einsum as permutations, sums and one product of matrices.
#include <algorithm>
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/flatten.h>
#include <nn/layers/matmul.h>
#include <nn/layers/permute.h>
#include <nn/layers/reduce.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

bool has(const std::string& labels, char label) { return labels.find(label) != labels.npos; }

std::string common(const std::string& a, const std::string& b, bool wanted = true) {
  std::string result;
  for (const char label : a) {
    if (has(b, label) == wanted) result += label;
  }
  return result;
}

// "bij,bjk->bik" without its blanks: the labels of each operand and of the result.
struct Equation {
  std::vector<std::string> operands;
  std::string result;
};

Equation equation_of(const OnnxStep& step) {
  std::string text;
  for (const char c : step.text("equation", "")) {
    if (c != ' ') text += c;
  }
  const std::size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  Equation equation{{""}, arrow == text.npos ? "" : text.substr(arrow + 2)};
  for (const char c : left) {
    if (c == ',') {
      equation.operands.emplace_back();
    } else {
      equation.operands.back() += c;
    }
  }
  if (arrow == text.npos) {  // those that occur once, in the alphabet's order
    for (const char c : left) {
      if (c != ',' && std::ranges::count(left, c) == 1) equation.result += c;
    }
    std::ranges::sort(equation.result);
  }
  std::vector<std::string> all = equation.operands;
  all.push_back(equation.result);
  for (const std::string& labels : all) {
    for (const char c : labels) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter || std::ranges::count(labels, c) != 1) {
        fail("attribute 'equation' is '", printable(text),
             "': letters that occur once in an operand are supported");
      }
    }
  }
  if (equation.operands.size() != step.input_count() || step.input_count() > 2) {
    fail("attribute 'equation' is '", printable(text), "' for ", step.input_count(),
         " operands, expected one or two");
  }
  return equation;
}

// A value and the label of each of its dimensions.
struct Labelled {
  Operand value;
  std::string labels;
};

// The dimensions in another order; all of them.
Labelled permuted(OnnxStep& step, const Labelled& x, const std::string& order) {
  std::vector<std::int64_t> dims;
  for (const char label : order) dims.push_back(static_cast<std::int64_t>(x.labels.find(label)));
  if (dims.size() != x.labels.size() || std::ranges::count(dims, -1) > 0) {
    fail("the result has labels that no operand has");
  }
  if (order == x.labels) return x;
  return {step.between(Permute({.dims = dims}), {x.value}), order};
}

// Without the labels that neither the result nor the other operand has.
Labelled summed(OnnxStep& step, const Labelled& x, const std::string& kept) {
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < x.labels.size(); ++i) {
    if (!has(kept, x.labels[i])) dims.push_back(static_cast<std::int64_t>(i));
  }
  if (dims.empty()) return x;
  return {step.between(Reduce({.op = Reduce::Op::sum, .dims = dims}), {x.value}),
          common(x.labels, kept)};
}

Operand unsqueezed(OnnxStep& step, Operand x, std::size_t dim, std::size_t times = 1) {
  for (std::size_t i = 0; i < times; ++i) {
    x = step.between(Unsqueeze({.dim = static_cast<std::int64_t>(dim)}), {x});
  }
  return x;
}

// The last `count` dimensions as one.
Operand joined_last(OnnxStep& step, const Operand& x, std::size_t count) {
  if (count < 2) return x;
  return step.between(Flatten({.start_dim = -static_cast<std::int64_t>(count), .end_dim = -1}),
                      {x});
}

// Before the last one: [*, columns, rows] is made and turned.
Operand turned(OnnxStep& step, const Operand& x, std::size_t rank) {
  std::vector<std::int64_t> dims(rank);
  for (std::size_t i = 0; i < rank; ++i) dims[i] = static_cast<std::int64_t>(i);
  std::swap(dims[rank - 1], dims[rank - 2]);
  return step.between(Permute({.dims = dims}), {x});
}

// a [batch, left but one, 1 …, last left, joined] · b [batch, 1 …, right but one, joined, last right]
Labelled product(OnnxStep& step, Labelled a, Labelled b, const std::string& result) {
  a = summed(step, a, result + b.labels);
  b = summed(step, b, result + a.labels);
  const std::string shared = common(a.labels, b.labels);
  const std::string batch = common(shared, result), contracted = common(shared, result, false);
  std::string left = common(a.labels, shared, false), right = common(b.labels, shared, false);
  a = permuted(step, a, batch + left + contracted);
  b = permuted(step, b, batch + right + contracted);
  const bool no_left = left.empty(), no_right = right.empty();
  const auto matrix = [&](const Labelled& x, bool lacks_rows) {
    Operand value = joined_last(step, x.value, contracted.size());
    std::size_t rank = x.labels.size() - contracted.size() + 1;
    if (contracted.empty()) value = unsqueezed(step, value, x.labels.size());
    if (lacks_rows) {
      value = unsqueezed(step, value, rank - 1);
      ++rank;
    }
    return std::pair(value, rank);
  };
  auto [rows, rows_rank] = matrix(a, no_left);
  auto [columns, columns_rank] = matrix(b, no_right);
  const std::size_t more_left = no_left ? 0 : left.size() - 1;
  const std::size_t more_right = no_right ? 0 : right.size() - 1;
  rows = unsqueezed(step, rows, batch.size() + more_left, more_right);
  columns = unsqueezed(step, columns, batch.size(), more_left);
  columns_rank += more_left;
  Operand y = step.between(MatMul{}, {rows, turned(step, columns, columns_rank)});
  // [batch, left but one, right but one, last left, last right]
  std::string labels = batch + left.substr(0, more_left) + right.substr(0, more_right);
  if (!no_left) labels += left.back();
  if (!no_right) labels += right.back();
  std::vector<std::int64_t> added;
  if (no_left) added.push_back(-2);
  if (no_right) added.push_back(-1);
  if (!added.empty()) y = step.between(Squeeze({.dims = added}), {y});
  return {y, labels};
}

}  // namespace

void import_einsum(OnnxStep& step) {
  const Equation equation = equation_of(step);
  Labelled x{step.input(0), equation.operands[0]};
  if (equation.operands.size() == 2) {
    x = product(step, x, {step.input(1), equation.operands[1]}, equation.result);
  } else {
    x = summed(step, x, equation.result);
  }
  step.give(permuted(step, x, equation.result).value);
}

}  // namespace nn
