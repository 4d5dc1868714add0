#include <nn/layers/add.h>
#include <nn/layers/binary.h>
#include <nn/layers/mul.h>
#include <nn/passes/number_of.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

bool is_op(const Node& node, Binary::Op op) {
  const auto* binary = node.as<Binary>();
  return binary != nullptr && binary->op() == op;
}

bool multiplies(const Node& node) { return node.as<Mul>() || is_op(node, Binary::Op::mul); }

// Adds what is between to the product.
void take_apart(const Links& links, Value value, std::span<const TensorSpec> specs, bool outermost,
                Product& product) {
  constexpr std::size_t most_factors = 4;
  const Node* const node = links.producer(value);
  const bool between = outermost || links.read_once(value);
  if (node == nullptr || !between || product.factors.size() >= most_factors) {
    product.factors.push_back(value);
    return;
  }
  if (const auto scaled = with_number(links, *node, specs); scaled && scaled->shift == 0) {
    product.scale *= scaled->scale;
    take_apart(links, scaled->x, specs, false, product);
  } else if (multiplies(*node) && node->inputs[0] != node->inputs[1]) {
    take_apart(links, node->inputs[0], specs, false, product);
    take_apart(links, node->inputs[1], specs, false, product);
  } else {
    product.factors.push_back(value);
  }
}

}  // namespace

std::optional<double> number_of(const Links& links, Value value) {
  const Node* const node = links.producer(value);
  const auto constant = node == nullptr ? nullptr : node->layer.constant();
  if (constant == nullptr || constant->dtype() != DType::float32 || constant->numel() != 1) {
    return std::nullopt;
  }
  return static_cast<double>(constant->f32()[0]);
}

std::optional<WithNumber> with_number(const Links& links, const Node& node,
                                      std::span<const TensorSpec> specs) {
  if (node.inputs.size() != 2) return std::nullopt;
  const auto* add = node.as<Add>();
  const bool adds = (add != nullptr && add->options().alpha == 1) || is_op(node, Binary::Op::add);
  const bool divides = is_op(node, Binary::Op::div), subtracts = is_op(node, Binary::Op::sub);
  const bool commutes = adds || multiplies(node);
  if (!commutes && !divides && !subtracts) return std::nullopt;
  const std::size_t at = commutes && number_of(links, node.inputs[0]) ? 1 : 0;  // of x
  const auto number = number_of(links, node.inputs[1 - at]);
  const Value x = node.inputs[at];
  const auto spec = [&](Value value) { return specs[static_cast<std::size_t>(value.id)]; };
  if (!number || spec(x) != spec(node.outputs[0])) return std::nullopt;
  if (adds) return WithNumber{x, 1, *number};
  if (subtracts) return WithNumber{x, 1, -*number};
  if (divides && *number == 0) return std::nullopt;
  return WithNumber{x, divides ? 1 / *number : *number, 0};
}

Product product_of(const Links& links, Value value, std::span<const TensorSpec> specs) {
  Product product;
  take_apart(links, value, specs, true, product);
  return product;
}

}  // namespace nn
