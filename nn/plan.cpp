#include <algorithm>
#include <memory>

#include <nn/arena.h>
#include <nn/checked.h>
#include <nn/passes/other_rows.h>
#include <nn/plan.h>

namespace nn {
namespace {

std::size_t index(Value value) { return static_cast<std::size_t>(value.id); }

std::vector<TensorSpec> specs_of(const Node& node, std::span<const TensorSpec> specs) {
  std::vector<TensorSpec> in;
  for (const Value value : node.inputs) in.push_back(specs[index(value)]);
  return in;
}

bool node_is_row_wise(const Node& node, std::span<const TensorSpec> specs,
                      const std::vector<bool>& batched) {
  // std::vector<bool> gives no span, and layers are asked with one.
  const std::size_t count = node.inputs.size();
  const auto asked = std::make_unique<bool[]>(count);
  for (std::size_t i = 0; i < count; ++i) asked[i] = batched[index(node.inputs[i])];
  return node.layer.rows_independent(specs_of(node, specs), {asked.get(), count});
}

bool reads_batched(const Node& node, const std::vector<bool>& batched) {
  return std::ranges::any_of(node.inputs, [&](Value value) { return batched[index(value)]; });
}

// Does every batched value really have `rows` rows? A layer that claims independence and changes
// their number is not taken at its word.
bool rows_kept(const Graph& graph, std::span<const TensorSpec> specs,
               const std::vector<bool>& batched, std::int64_t rows) {
  for (const Node& node : graph.nodes()) {
    for (const Value value : node.outputs) {
      const Shape& shape = specs[index(value)].shape;
      if (batched[index(value)] && (shape.rank() == 0 || shape[0] != rows)) return false;
    }
  }
  return true;
}

// May the node's output stand where the input, an input of the graph, does?
bool is_view_of_input(const Plan& plan, const Node& node) {
  return node.layer.keeps_bytes() && node.inputs.size() == 1 && node.outputs.size() == 1 &&
         plan.places[index(node.inputs[0])].kind == Plan::Place::Kind::input &&
         plan.batched[index(node.inputs[0])] == plan.batched[index(node.outputs[0])];
}

// Is the node's first input its only one from that buffer?
bool reads_once(const Plan& plan, const std::vector<std::size_t>& buffer_of, const Node& node) {
  return 1 == std::ranges::count_if(node.inputs, [&](Value value) {
           return plan.places[index(value)].kind == Plan::Place::Kind::arena &&
                  buffer_of[index(value)] == buffer_of[index(node.inputs[0])];
         });
}

// Gives every value its place and returns the bytes of the arena.
std::size_t place_values(Plan& plan) {
  using Kind = Plan::Place::Kind;
  const Graph& graph = plan.graph;
  plan.places.assign(graph.value_count(), {});
  plan.copies.clear();
  plan.skipped.assign(graph.nodes().size(), false);
  for (std::size_t i = 0; i < graph.inputs().size(); ++i) {
    plan.places[index(graph.inputs()[i].value)] = {Kind::input, i};
  }
  plan.constants.clear();
  for (std::size_t step = 0; step < graph.nodes().size(); ++step) {
    auto constant = graph.nodes()[step].layer.constant();
    if (constant == nullptr) continue;
    plan.places[index(graph.nodes()[step].outputs[0])] = {Kind::constant, plan.constants.size()};
    plan.constants.push_back(std::move(constant));
    plan.skipped[step] = true;
  }
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    const Value value = graph.outputs()[i].value;
    Plan::Place& place = plan.places[index(value)];
    if (place.kind == Kind::nowhere) {
      place = {Kind::output, i};
    } else {
      plan.copies.push_back({value, i});
    }
  }

  std::vector<std::size_t> last_use(graph.value_count(), 0);
  for (std::size_t step = 0; step < graph.nodes().size(); ++step) {
    for (const Value value : graph.nodes()[step].inputs) last_use[index(value)] = step;
  }
  std::vector<Buffer> buffers;
  std::vector<std::size_t> buffer_of(graph.value_count(), 0);
  for (std::size_t step = 0; step < graph.nodes().size(); ++step) {
    const Node& node = graph.nodes()[step];
    for (const Value value : node.outputs) {
      Plan::Place& place = plan.places[index(value)];
      if (place.kind != Kind::nowhere) continue;
      if (is_view_of_input(plan, node)) {
        place = plan.places[index(node.inputs[0])];
        plan.skipped[step] = true;
        continue;
      }
      place.kind = Kind::arena;
      const std::size_t last = std::max(step, last_use[index(value)]);
      const bool in_arena =
          node.outputs.size() == 1 && !node.inputs.empty() &&
          plan.places[index(node.inputs[0])].kind == Kind::arena &&
          nbytes(plan.specs[index(node.inputs[0])]) == nbytes(plan.specs[index(value)]);
      const bool view = in_arena && node.layer.keeps_bytes();
      // A buffer is overwritten only when no view into it is read any more.
      const bool takes_over =
          in_arena && (view || (node.layer.in_place() &&
                                buffers[buffer_of[index(node.inputs[0])]].last == step &&
                                reads_once(plan, buffer_of, node)));
      if (takes_over) {
        buffer_of[index(value)] = buffer_of[index(node.inputs[0])];
        Buffer& buffer = buffers[buffer_of[index(value)]];
        buffer.last = std::max(buffer.last, last);
        plan.skipped[step] = view;
      } else {
        buffer_of[index(value)] = buffers.size();
        buffers.push_back({nbytes(plan.specs[index(value)]), step, last});
      }
    }
  }
  const std::size_t bytes = lay_out(buffers);
  for (std::size_t value = 0; value < plan.places.size(); ++value) {
    if (plan.places[value].kind == Kind::arena) {
      plan.places[value].at = buffers[buffer_of[value]].offset;
    }
  }
  return bytes;
}

// Specs and places for blocks of `rows` rows. False when the rows are not kept.
bool lay_out_block(Plan& plan, std::int64_t rows) {
  plan.block_rows = rows;
  std::vector<bool> have_rows;
  for (const Graph::Port& port : plan.graph.inputs()) {
    have_rows.push_back(plan.batched[index(port.value)]);
  }
  plan.specs = infer(plan.graph, with_rows(plan.inputs, have_rows, rows));
  if (!rows_kept(plan.graph, plan.specs, plan.batched, rows)) return false;
  plan.arena_bytes = place_values(plan);
  return true;
}

void lay_out_whole(Plan& plan) {
  plan.row_wise = false;
  plan.batched.assign(plan.graph.value_count(), false);
  lay_out_block(plan, 0);
}

void prepare_layers(Plan& plan, const PackOptions& pack) {
  for (std::size_t i = 0; i < plan.graph.nodes().size(); ++i) {
    const Node& node = plan.graph.nodes()[i];
    const std::vector<TensorSpec> in = specs_of(node, plan.specs);
    try {
      plan.graph.prepare(i, in, pack);
      plan.scratch_bytes = std::max(plan.scratch_bytes, node.layer.scratch_bytes(in));
    } catch (const Error& error) {
      fail(to_text(node), ": ", error.what());
    }
  }
}

}  // namespace

std::optional<std::vector<bool>> row_wise_values(const Graph& graph,
                                                 std::span<const TensorSpec> specs) {
  std::vector<bool> batched(graph.value_count(), false);
  if (graph.inputs().empty()) return std::nullopt;
  std::vector<TensorSpec> inputs;
  for (const Graph::Port& port : graph.inputs()) inputs.push_back(specs[index(port.value)]);
  const std::vector<bool> have_rows = inputs_with_rows(inputs);
  if (!have_rows[0]) return std::nullopt;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    batched[index(graph.inputs()[i].value)] = have_rows[i];
  }
  for (const Node& node : graph.nodes()) {
    if (!reads_batched(node, batched)) continue;
    if (!node_is_row_wise(node, specs, batched)) return std::nullopt;
    for (const Value value : node.outputs) batched[index(value)] = true;
  }
  return batched;
}

Plan make_plan(Graph graph, std::span<const TensorSpec> inputs, std::size_t block_bytes,
               std::int64_t most_rows, const PackOptions& pack) {
  Plan plan;
  plan.graph = std::move(graph);
  plan.inputs.assign(inputs.begin(), inputs.end());
  const std::vector<TensorSpec> asked = infer(plan.graph, inputs);
  if (auto batched = row_wise_values(plan.graph, asked)) {
    plan.row_wise = true;
    plan.batched = std::move(*batched);
    if (lay_out_block(plan, 1)) {
      const std::size_t row_bytes = std::max<std::size_t>(plan.arena_bytes, 1);
      const auto fitting = static_cast<std::int64_t>(block_bytes / row_bytes);
      const std::int64_t rows =
          std::clamp<std::int64_t>(fitting, 1, std::max<std::int64_t>(most_rows, 1));
      if (!lay_out_block(plan, rows)) lay_out_whole(plan);
    } else {
      lay_out_whole(plan);
    }
  } else {
    lay_out_whole(plan);
  }
  prepare_layers(plan, pack);
  return plan;
}

Plan make_plan_for_each_row(Graph graph, std::span<const TensorSpec> inputs,
                            const std::vector<bool>& have_rows, const PackOptions& pack) {
  Plan plan;
  plan.graph = std::move(graph);
  plan.inputs.assign(inputs.begin(), inputs.end());
  plan.row_wise = plan.one_by_one = true;
  plan.batched.assign(plan.graph.value_count(), false);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    plan.batched[index(plan.graph.inputs()[i].value)] = have_rows[i];
  }
  for (const Graph::Port& port : plan.graph.outputs()) plan.batched[index(port.value)] = true;
  lay_out_block(plan, 1);
  prepare_layers(plan, pack);
  return plan;
}

}  // namespace nn
