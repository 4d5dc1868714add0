#pragma once

#include <concepts>
#include <span>
#include <string_view>
#include <vector>

#include <nn/parameter.h>
#include <nn/tensor.h>
#include <nn/thread_pool.h>

namespace nn {

// What `forward` may use besides its tensors. Belongs to the caller for the length of one call.
class Context {
 public:
  using Bytes = std::span<std::byte>;

  // One thread's.
  explicit Context(Bytes scratch = {}) : scratch_(scratch) {}
  // Of several threads, each with its scratch.  REQUIRES: one for each thread of the pool.
  Context(ThreadPool& pool, std::span<const Bytes> scratch)
      : scratch_(scratch[0]), pool_(&pool), scratch_of_(scratch) {}

  // The bytes that `scratch_bytes` asked for, aligned to 64; their content is undefined.
  Bytes scratch() const { return scratch_; }
  // The same as floats.
  std::span<float> scratch_floats() const {
    return {reinterpret_cast<float*>(scratch_.data()), scratch_.size() / sizeof(float)};
  }
  // The first `count` of them. Throws Error when there are less.
  std::span<float> scratch_floats(std::size_t count) const;

  // Threads that `share` uses: more than 1 only where a session has one block of rows to run.
  int threads() const { return pool_ == nullptr ? 1 : pool_->size(); }
  // Calls work(i, context) once for each i in [0, count) and returns when all are done. Several
  // threads may call it at once, each with a context of its own scratch; the results must not
  // depend on who does what. Waking a thread takes some 5 us: a part should be worth more.
  template <class Work>
  void share(std::int64_t count, Work&& work) {
    if (pool_ == nullptr || count == 1) {
      for (std::int64_t i = 0; i < count; ++i) work(i, *this);
      return;
    }
    pool_->run(count, [&](std::int64_t i, int thread) {
      Context own(scratch_of_[static_cast<std::size_t>(thread)]);
      work(i, own);
    });
  }

 private:
  Bytes scratch_;
  ThreadPool* pool_ = nullptr;
  std::span<const Bytes> scratch_of_;
};

// What a session asks of `pack`.
struct PackOptions {
  // How packed weights may be stored: float32, float16 or bfloat16. Arithmetic stays float32.
  DType weights = DType::float32;
};

// A layer is a copyable value with three members; it needs no base class, macro or registration
// (docs/adding-a-layer.md walks through one).
//
//   std::string_view kind() const;
//       "Scale"
//   Shape output_shape(const Shape& in) const;
//       throws Error when `in` does not fit
//   void forward(ConstTensorView x, TensorView y) const;
//       x and y row-major float32, y of output_shape(x.shape()), in other memory (but see in_place)
//
// A layer with several inputs or outputs, or of other element types, has instead
//
//   std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
//   void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
//   std::size_t output_count() const;
//       when it is not 1
//
// Further members are noticed when they are there. Where `In` stands, the first kind of layer takes
// `const Shape&` and the second `std::span<const TensorSpec>`:
//
//   std::vector<NamedParameter> parameters();
//       weights and buffers, by PyTorch's names
//   void prepare(In);
//       once the shapes are known: choose an algorithm
//   void pack(In);  or  void pack(In, const PackOptions&);
//       after that, in a session only: work that many runs pay back, such as packing weights
//   std::size_t scratch_bytes(In) const;
//       wanted in the Context of forward(x, y, Context&)
//   bool rows_independent(In) const;
//       dim 0 counts the rows of input and output, row i of the output depends on row i of the
//       input alone, and forward gives a row the same bits in any batch
//   bool rows_independent(In, std::span<const bool> batched) const;
//       instead, with several inputs: the same for the inputs with batched[i]; the others are equal
//       for all rows and do not have that dim
//   std::int64_t multiply_adds(In) const;
//       how many the formula asks for, whatever a faster algorithm saves: what a layer's speed is told in
//   std::string kernel() const;
//       what `pack` chose, for people: "Winograd, tiles of 4 x 4"
//   bool in_place() const;
//       forward may get y in the memory of x[0]
//   bool keeps_bytes() const;
//       y is x under another shape: a session reads x where it is and does not call forward; x may then
//       be of any element type
//   std::shared_ptr<const Tensor> constant() const;
//       the output, where it is the same in every run: a session reads it where it is
//   std::string extra_repr() const;
//       arguments as PyTorch prints them
template <class L>
concept OneToOneLayer = requires(const L& layer, const Shape& in) {
  { layer.kind() } -> std::convertible_to<std::string_view>;
  { layer.output_shape(in) } -> std::convertible_to<Shape>;
}
&&(
    requires(const L& layer, ConstTensorView x, TensorView y) { layer.forward(x, y); } ||
    requires(const L& layer, ConstTensorView x, TensorView y, Context& context) {
      layer.forward(x, y, context);
    });

template <class L>
concept ManyToManyLayer = requires(const L& layer, std::span<const TensorSpec> in,
                                   std::span<const ConstTensorView> x,
                                   std::span<const TensorView> y, Context& context) {
  { layer.kind() } -> std::convertible_to<std::string_view>;
  { layer.outputs(in) } -> std::convertible_to<std::vector<TensorSpec>>;
  layer.forward(x, y, context);
};

template <class L>
concept Layer = std::copy_constructible<L> &&(OneToOneLayer<L> || ManyToManyLayer<L>);

}  // namespace nn
