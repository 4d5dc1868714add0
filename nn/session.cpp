#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include <nn/passes/drop_identity.h>
#include <nn/passes/other_rows.h>
#include <nn/passes/resolve_sizes.h>
#include <nn/passes/separate_rows.h>
#include <nn/plan.h>
#include <nn/session.h>

namespace nn {
namespace {

using Kind = Plan::Place::Kind;

std::size_t index(Value value) { return static_cast<std::size_t>(value.id); }

// One node's views, rebound before it runs where they are not the last block's.
struct Step {
  const Node* node;
  std::vector<ConstTensorView> x;
  std::vector<TensorView> y;
};

// "float32 [N, 1, 28, 28]"
std::string wanted_text(const TensorSpec& spec, bool batched) {
  if (!batched) return to_text(spec);
  std::string text = concat(spec.dtype, " [N");
  for (std::size_t i = 1; i < spec.shape.rank(); ++i) text += concat(", ", spec.shape[i]);
  return text + "]";
}

bool overlap(std::span<const std::byte> a, std::span<const std::byte> b) {
  return !a.empty() && !b.empty() && a.data() < b.data() + b.size() &&
         b.data() < a.data() + a.size();
}

// What watches a run: told before and after each node's work.
struct NoWatch {
  static constexpr bool shared = true;  // may threads share the run?
  void begin() {}
  void end(std::size_t) {}
};

class Stopwatch {
 public:
  static constexpr bool shared = false;
  explicit Stopwatch(std::span<double> seconds) : seconds_(seconds) {}
  void begin() { from_ = Clock::now(); }
  void end(std::size_t node) {
    seconds_[node] += std::chrono::duration<double>(Clock::now() - from_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::span<double> seconds_;
  Clock::time_point from_;
};

void require_values(const Graph& graph) {
  std::string missing;
  for (const Node& node : graph.nodes()) {
    if (const std::string names = missing_parameters(node.layer); !names.empty()) {
      missing += concat(missing.empty() ? "" : "; ", to_text(node), ": ", names);
    }
  }
  if (!missing.empty())
    fail("these parameters have no values: ", missing, ": load a state dict first");
  if (graph.outputs().empty()) fail("the graph has no output: name one with Graph::output");
}

// Rows of a plan whose work outweighs waking a thread, some 5 us: a row takes at least as many
// operations as there are weights, or values in it.
std::int64_t rows_worth_sharing(const Plan& plan) {
  constexpr std::int64_t operations = 200'000;
  std::int64_t of_a_row = plan.graph.parameter_count();
  const std::int64_t block = std::max<std::int64_t>(plan.block_rows, 1);
  for (const TensorSpec& spec : plan.specs) of_a_row += spec.shape.numel() / block;
  return operations / std::max<std::int64_t>(of_a_row, 1) + 1;
}

Graph prepared(const Graph& source, std::span<const TensorSpec> inputs,
               const SessionOptions& options) {
  return run_passes(resolve_sizes(source, inputs), inputs, options.passes);
}

// Of a graph for one row and one for all, whose outputs have to be as many times as large.
bool agree(const Graph& one, const std::vector<TensorSpec>& of_one, const Graph& all,
           const std::vector<TensorSpec>& of_all, std::int64_t rows) {
  for (std::size_t i = 0; i < all.outputs().size(); ++i) {
    TensorSpec expected = of_one[index(one.outputs()[i].value)];
    expected.shape = expected.shape.with(0, rows);
    if (of_all[index(all.outputs()[i].value)] != expected) return false;
  }
  return true;
}

// The plan for each row on its own, where the graph keeps rows apart; `all` is the graph for all of
// them, where it has one.
std::optional<Plan> planned_for_each_row(const Graph& source, const std::optional<Graph>& all,
                                         std::span<const TensorSpec> inputs,
                                         const SessionOptions& options) {
  const std::vector<bool> have_rows = inputs_with_rows(inputs);
  if (have_rows.empty() || !have_rows[0]) return std::nullopt;
  try {
    const std::vector<TensorSpec> one_row = with_rows(inputs, have_rows, 1);
    // Before the passes, which may leave nothing to see of where the rows are.
    const Graph resolved = resolve_sizes(source, one_row);
    const Graph plain = drop_identity(resolved, infer(resolved, one_row));
    if (!separate_rows(plain, infer(plain, one_row), have_rows)) return std::nullopt;
    Graph one = run_passes(resolved, one_row, options.passes);
    const std::vector<TensorSpec> specs = infer(one, one_row);
    const std::int64_t rows = inputs[0].shape[0];
    if (!rows_change_shapes_alone(source, one_row) ||
        (all && !agree(one, specs, *all, infer(*all, inputs), rows))) {
      return std::nullopt;
    }
    return make_plan_for_each_row(std::move(one), inputs, have_rows, {.weights = options.weights});
  } catch (const Error&) {
    return std::nullopt;  // for these very inputs, then; what is wrong with the graph is told there
  }
}

Plan planned(const Graph& source, std::span<const TensorSpec> inputs,
             const SessionOptions& options) {
  std::optional<Graph> all;
  try {
    all = prepared(source, inputs, options);
    if (!row_wise_values(*all, infer(*all, inputs))) {
      if (auto plan = planned_for_each_row(source, all, inputs, options)) return std::move(*plan);
    }
  } catch (const Error&) {
    // Perhaps written for one row.
    if (auto plan = planned_for_each_row(source, {}, inputs, options)) return std::move(*plan);
    throw;
  }
  return make_plan(std::move(*all), inputs, options.block_bytes, options.block_rows,
                   {.weights = options.weights});
}

}  // namespace

// What one thread has for itself: memory for the values and views into it.
struct Lane {
  Tensor arena;  // uint8: values, then scratch
  std::vector<Step> steps;
  std::int64_t bound = -1;  // rows for which the steps' views into the arena are made

  Context::Bytes scratch(const Plan& plan) {
    return arena.view().bytes().subspan(plan.arena_bytes, plan.scratch_bytes);
  }
};

struct Session::State {
  Graph source;
  SessionOptions options;
  Plan plan;
  std::vector<Lane> lanes;              // one for each thread
  std::vector<Context::Bytes> scratch;  // of each lane
  std::shared_ptr<ThreadPool> pool;
  std::int64_t least_rows = 1;  // that are worth another thread

  // During a run.
  std::span<const ConstTensorView> x;
  std::span<const TensorView> y;

  bool batched(Value value) const { return plan.batched[index(value)]; }

  void prepare(std::span<const TensorSpec> inputs) {
    Plan next = planned(source, inputs, options);
    const std::int64_t rows_to_share = rows_worth_sharing(next);
    std::shared_ptr<ThreadPool> next_pool = pool_for(rows_to_share);
    std::vector<Lane> next_lanes(next_pool ? static_cast<std::size_t>(next_pool->size()) : 1);
    const std::size_t bytes = next.arena_bytes + next.scratch_bytes;
    for (std::size_t i = 0; i < next_lanes.size(); ++i) {
      for (const Node& node : next.graph.nodes()) {
        next_lanes[i].steps.push_back({nullptr, std::vector<ConstTensorView>(node.inputs.size()),
                                       std::vector<TensorView>(node.outputs.size())});
      }
      if (i >= lanes.size() || bytes > lanes[i].arena.nbytes()) {
        next_lanes[i].arena =
            Tensor::uninitialized({{static_cast<std::int64_t>(bytes)}, DType::uint8});
      }
    }
    std::vector<Context::Bytes> next_scratch(next_lanes.size());
    // Nothing throws from here on.
    plan = std::move(next);
    pool = std::move(next_pool);
    least_rows = rows_to_share;
    for (std::size_t i = 0; i < next_lanes.size(); ++i) {
      if (i < lanes.size() && bytes <= lanes[i].arena.nbytes()) {
        next_lanes[i].arena = std::move(lanes[i].arena);
      }
      for (std::size_t step = 0; step < plan.graph.nodes().size(); ++step) {
        next_lanes[i].steps[step].node = &plan.graph.nodes()[step];
      }
    }
    lanes = std::move(next_lanes);
    scratch = std::move(next_scratch);
    for (std::size_t i = 0; i < lanes.size(); ++i) scratch[i] = lanes[i].scratch(plan);
  }

  // The pool that shares the plan's rows, or the work of one block of them; none where it is too
  // little.
  std::shared_ptr<ThreadPool> pool_for(std::int64_t rows_to_share) const {
    constexpr std::int64_t largest_usual_batch = 4096;
    if (rows_to_share > largest_usual_batch) return nullptr;
    if (options.pool) return options.pool;
    const int threads = options.threads == 0 ? available_threads() : options.threads;
    if (threads <= 1) return nullptr;
    if (pool && pool->size() == threads) return pool;
    return std::make_shared<ThreadPool>(threads);
  }

  // The number of rows that the inputs ask for, by their specs; throws Error when the plan is for
  // others.
  template <class SpecAt>
  std::int64_t require_inputs(std::size_t size, SpecAt spec_at) const {
    if (size != plan.inputs.size()) fail("expected ", plan.inputs.size(), " inputs, got ", size);
    const Graph::Port* counted = nullptr;  // the input that says how many rows there are
    std::int64_t count = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const Graph::Port& port = plan.graph.inputs()[i];
      const TensorSpec& got = spec_at(i);
      TensorSpec wanted = plan.inputs[i];
      if (batched(port.value) && got.shape.rank() > 0) {
        wanted.shape = wanted.shape.with(0, got.shape[0]);
        if (counted && count != got.shape[0]) {
          fail("input '", port.name, "': expected ", count, " rows as input '", counted->name,
               "' has, got ", got.shape[0]);
        }
        count = got.shape[0];
        counted = &port;
      }
      if (got != wanted) {
        fail("input '", port.name, "': expected ", wanted_text(plan.inputs[i], batched(port.value)),
             ", got ", got,
             plan.row_wise ? "" : ": prepare the session for another shape before running it");
      }
    }
    return count;
  }

  TensorSpec output_spec(std::size_t i, std::int64_t count) const {
    const Value value = plan.graph.outputs()[i].value;
    TensorSpec spec = plan.specs[index(value)];
    if (batched(value)) spec.shape = spec.shape.with(0, count);
    return spec;
  }

  // Rows [first, first + count) of all values, in one thread's memory.
  struct Block {
    Lane& lane;
    std::int64_t first, count;
  };

  // The views of a value in a block.
  TensorView arena_view(const Block& block, Value value) {
    const TensorSpec& spec = plan.specs[index(value)];
    return {block.lane.arena.data() + plan.places[index(value)].at,
            batched(value) ? spec.shape.with(0, block.count) : spec.shape, spec.dtype};
  }
  TensorView written(const Block& block, Value value) {
    const Plan::Place& place = plan.places[index(value)];
    if (place.kind == Kind::arena) return arena_view(block, value);
    return batched(value) ? y[place.at].rows(block.first, block.count) : y[place.at];
  }
  ConstTensorView read(const Block& block, Value value) {
    const Plan::Place& place = plan.places[index(value)];
    const TensorSpec& spec = plan.specs[index(value)];  // perhaps another shape than the input's
    if (place.kind == Kind::constant) {
      return {plan.constants[place.at]->data(), spec.shape, spec.dtype};
    }
    if (place.kind != Kind::input) return written(block, value);
    if (!batched(value)) return {x[place.at].data(), spec.shape, spec.dtype};
    return {x[place.at].rows(block.first, block.count).data(), spec.shape.with(0, block.count),
            spec.dtype};
  }

  template <class Watch>
  void run_block(const Block& block, Context context, Watch& watch) {
    const bool bound = block.lane.bound == block.count;
    const auto stays = [&](Value value) {  // bound before, for as many rows
      return bound && plan.places[index(value)].kind == Kind::arena;
    };
    if (!bound) block.lane.bound = -1;
    for (std::size_t s = 0; s < block.lane.steps.size(); ++s) {
      if (plan.skipped[s]) continue;
      Step& step = block.lane.steps[s];
      const Node& node = *step.node;
      for (std::size_t i = 0; i < step.x.size(); ++i) {
        if (!stays(node.inputs[i])) step.x[i] = read(block, node.inputs[i]);
      }
      for (std::size_t i = 0; i < step.y.size(); ++i) {
        if (!stays(node.outputs[i])) step.y[i] = written(block, node.outputs[i]);
      }
      try {
        watch.begin();
        node.layer.forward(step.x, step.y, context);
        watch.end(s);
      } catch (const Error& error) {
        fail(to_text(node), ": ", error.what());
      }
    }
    block.lane.bound = block.count;
    for (const Plan::Copy& copy : plan.copies) {
      if (!batched(copy.from) && block.first != 0) continue;  // the first block's, for all
      const ConstTensorView from = read(block, copy.from);
      const TensorView to =
          batched(copy.from) ? y[copy.output].rows(block.first, block.count) : y[copy.output];
      if (from.nbytes() > 0) std::memcpy(to.data(), from.data(), from.nbytes());
    }
  }

  void require_memory(std::int64_t count) const {
    if (y.size() != plan.graph.outputs().size()) {
      fail("expected ", plan.graph.outputs().size(), " outputs, got ", y.size());
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (x[i].data() == nullptr && x[i].numel() > 0) {
        fail("input '", plan.graph.inputs()[i].name, "': expected memory, got null");
      }
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::string& name = plan.graph.outputs()[i].name;
      const TensorSpec wanted = output_spec(i, count);
      if (y[i].spec() != wanted) {
        fail("output '", name, "': expected ", wanted, ", got ", y[i].spec());
      }
      if (y[i].data() == nullptr && y[i].numel() > 0) {
        fail("output '", name, "': expected memory, got null");
      }
      for (const ConstTensorView& input : x) {
        if (overlap(y[i].bytes(), input.bytes())) fail("output '", name, "': overlaps an input");
      }
      for (std::size_t j = 0; j < i; ++j) {
        if (overlap(y[i].bytes(), y[j].bytes()))
          fail("output '", name, "': overlaps another output");
      }
    }
  }

  template <class Watch>
  void run(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs,
           Watch watch) {
    const std::int64_t count = require_inputs(
        inputs.size(), [&](std::size_t i) -> const TensorSpec& { return inputs[i].spec(); });
    x = inputs;
    y = outputs;
    require_memory(count);
    if (plan.one_by_one && count == 0) return;
    // A watch sees one thread alone.
    const bool share = pool && Watch::shared;
    const auto whole = [&] { return share ? Context(*pool, scratch) : Context(scratch[0]); };
    if (!plan.row_wise) {
      run_block({lanes[0], 0, 0}, whole(), watch);
      return;
    }
    // Several blocks a thread even out what threads are behind in.
    const std::int64_t parts = share ? 2 * static_cast<std::int64_t>(lanes.size()) : 1;
    const std::int64_t fair = (count + parts - 1) / parts;
    const std::int64_t rows =
        std::clamp<std::int64_t>(std::max(fair, least_rows), 1, plan.block_rows);
    const std::int64_t blocks =
        std::max<std::int64_t>((count + rows - 1) / rows, 1);  // outputs may carry no rows
    if (blocks == 1) {
      run_block({lanes[0], 0, count}, whole(), watch);
      return;
    }
    const auto block = [&](std::int64_t i, int thread) {
      const auto lane = static_cast<std::size_t>(thread);
      run_block({lanes[lane], i * rows, std::min(rows, count - i * rows)}, Context(scratch[lane]),
                watch);
    };
    if (share) {
      pool->run(blocks, block);
    } else {
      for (std::int64_t i = 0; i < blocks; ++i) block(i, 0);
    }
  }
};

Session::Session(Graph graph, const Shape& input, SessionOptions options)
    : Session(std::move(graph), std::vector<TensorSpec>{{input, DType::float32}},
              std::move(options)) {}

Session::Session(Graph graph, std::span<const TensorSpec> inputs, SessionOptions options)
    : state_(std::make_unique<State>()) {
  require_values(graph);
  if (options.threads < 0) fail("SessionOptions: threads must be 0 or more, got ", options.threads);
  if (options.weights != DType::float32 && options.weights != DType::float16 &&
      options.weights != DType::bfloat16) {
    fail("SessionOptions: weights must be float32, float16 or bfloat16, got ", options.weights);
  }
  state_->source = std::move(graph);
  state_->options = std::move(options);
  state_->prepare(inputs);
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

void Session::prepare(const Shape& input) {
  prepare(std::vector<TensorSpec>{{input, DType::float32}});
}

void Session::prepare(std::span<const TensorSpec> inputs) { state_->prepare(inputs); }

std::vector<TensorSpec> Session::outputs(std::span<const TensorSpec> inputs) const {
  const std::int64_t count = state_->require_inputs(
      inputs.size(), [&](std::size_t i) -> const TensorSpec& { return inputs[i]; });
  std::vector<TensorSpec> specs;
  for (std::size_t i = 0; i < state_->plan.graph.outputs().size(); ++i) {
    specs.push_back(state_->output_spec(i, count));
  }
  return specs;
}

void Session::run(ConstTensorView x, TensorView y) {
  run(std::span<const ConstTensorView>(&x, 1), std::span<const TensorView>(&y, 1));
}

void Session::run(std::span<const ConstTensorView> x, std::span<const TensorView> y) {
  state_->run(x, y, NoWatch{});
}

void Session::profile(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                      std::span<double> seconds) {
  if (seconds.size() != graph().nodes().size()) {
    fail("expected seconds of ", graph().nodes().size(), " nodes, got ", seconds.size());
  }
  state_->run(x, y, Stopwatch(seconds));
}

Tensor Session::operator()(ConstTensorView x) {
  std::vector<Tensor> results = (*this)(std::span<const ConstTensorView>(&x, 1));
  if (results.size() != 1) {
    fail("the graph has ", results.size(), " outputs: call the session with a list of inputs");
  }
  return std::move(results[0]);
}

std::vector<Tensor> Session::operator()(std::span<const ConstTensorView> x) {
  std::vector<TensorSpec> specs;
  for (const ConstTensorView& input : x) specs.push_back(input.spec());
  std::vector<Tensor> results;
  std::vector<TensorView> views;
  for (const TensorSpec& spec : outputs(specs)) {
    results.push_back(Tensor::uninitialized(spec));
    views.push_back(results.back());
  }
  run(x, views);
  return results;
}

const Graph& Session::graph() const { return state_->plan.graph; }
bool Session::row_wise() const { return state_->plan.row_wise; }
std::int64_t Session::block_rows() const { return state_->plan.block_rows; }
int Session::threads() const { return static_cast<int>(state_->lanes.size()); }
std::size_t Session::arena_bytes() const { return state_->lanes[0].arena.nbytes(); }

}  // namespace nn
