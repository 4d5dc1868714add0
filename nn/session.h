#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <nn/graph.h>
#include <nn/passes/pass.h>
#include <nn/thread_pool.h>

namespace nn {

struct SessionOptions {
  // What is done to the session's own copy of the graph; {} runs it as it was written.
  std::span<const Pass> passes = default_passes();
  // A block of the batch is as many rows as keep the values between layers within this, so that
  // they stay in a core's second-level cache; at least one row, at most `block_rows`.
  std::size_t block_bytes = std::size_t{512} << 10;
  std::int64_t block_rows = 64;
  // Threads that share the rows of a batch or, where there is one block of rows, the work of large
  // layers; 0: available_threads(). They sleep between runs.
  int threads = 0;
  // The caller's pool in place of the session's own; `threads` is then its size.
  std::shared_ptr<ThreadPool> pool = nullptr;
  // How the session keeps the weights of Linear, and of a Conv2d whose window is the whole image:
  // float32, or float16 or bfloat16 for half the memory traffic, rounded to nearest even as PyTorch's
  // `.half()` and `.bfloat16()` do. Arithmetic stays float32, so the results are those of the
  // rounded weights. A layer with a finite weight that would become infinite (float16 ends at 65504)
  // stays float32, as do biases and all other weights: those of convolutions are small, and
  // transformed. docs/performance.md says what this gains and costs.
  DType weights = DType::float32;
};

// Runs a graph. Making one, or `prepare`, does what can be done once: infers and checks all shapes,
// runs the passes on a copy of the graph, lets layers choose kernels and pack weights, plans one
// arena. `run` then allocates nothing and takes no lock.
//
// Where dim 0 is a batch of independent rows in every layer, one session serves any number of rows,
// in blocks, each row with the same bits whatever its neighbours. Where it is not (a softmax over
// dim 0, an unbatched [C, H, W] input), the session serves exactly the shapes it was prepared for.
//
// The graph's weights are shared, not copied, and may be shared by many sessions; a session itself
// belongs to one thread at a time. The graph need not outlive it. A session may be moved, not
// copied.
class Session {
 public:
  // Throws Error when parameters have no values (all of them are named), when the graph has no
  // output, or naming the first layer that cannot take its inputs.
  Session(Graph graph, const Shape& input, SessionOptions options = {});
  Session(Graph graph, std::span<const TensorSpec> inputs, SessionOptions options = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // Prepares for other sizes; the arena only grows. When it throws, the session is as it was.
  void prepare(const Shape& input);
  void prepare(std::span<const TensorSpec> inputs);

  // What comes out for inputs of these specs. Throws Error when the session is not prepared for
  // them.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> inputs) const;

  // Runs into memory of the caller. Throws Error on wrong shapes, dtypes or counts, on missing
  // memory, on an output that overlaps an input or another output, and where a layer finds an index
  // out of range; the session stays usable, and the outputs' contents are then unspecified.
  void run(ConstTensorView x, TensorView y);
  void run(std::span<const ConstTensorView> x, std::span<const TensorView> y);
  // The same into new tensors; allocates exactly these.
  Tensor operator()(ConstTensorView x);
  std::vector<Tensor> operator()(std::span<const ConstTensorView> x);

  // Runs as `run` does, to the same bits, in the caller's thread alone, and adds the seconds that
  // each node of `graph()` took to `seconds`, in the order of `graph().nodes()`, over all blocks.
  // Throws Error also when `seconds` is not as long as these. Looking at the clock takes some 50 ns
  // a node and block; `run` does not look at it.
  void profile(std::span<const ConstTensorView> x, std::span<const TensorView> y,
               std::span<double> seconds);

  // The graph as it runs: after the passes, its layers packed (Module::kernel says for what).
  const Graph& graph() const;
  // Does one session serve every number of rows?
  bool row_wise() const;
  std::int64_t block_rows() const;
  // Threads that may share a run: 1 where it is too little work to share.
  int threads() const;
  // Bytes that each thread holds for values between layers and for scratch.
  std::size_t arena_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nn
