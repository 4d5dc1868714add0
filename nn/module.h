#pragma once

#include <memory>
#include <string>
#include <utility>

#include <nn/layer.h>

namespace nn {

// Any layer, with its type erased. A value: copying it copies the layer (whose parameters share
// their values). All members but `parameters`, `prepare` and `pack` may be called by several
// threads at once.
class Module {
 public:
  // Implicit, so that a graph is a list of {name, layer}.
  template <class L>
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): the constraint leaves copying alone
  requires(!std::same_as<std::remove_cvref_t<L>, Module>) && Layer<std::remove_cvref_t<L>> Module(
                                                                 L&& layer)
      : self_(std::make_unique<Model<std::remove_cvref_t<L>>>(std::forward<L>(layer))) {}
  Module(const Module& other) : self_(other.self_->clone()) {}
  Module(Module&&) noexcept = default;
  Module& operator=(Module other) noexcept {
    self_ = std::move(other.self_);
    return *this;
  }

  std::string kind() const { return self_->kind(); }
  std::string extra_repr() const { return self_->extra_repr(); }
  std::size_t output_count() const { return self_->output_count(); }
  // The layer itself when it is an L, else null.
  template <class L>
  const L* as() const {
    const auto* model = dynamic_cast<const Model<L>*>(self_.get());
    return model ? &model->layer : nullptr;
  }

  // Shapes and dtypes out of those that go in. Throws Error when the layer cannot take them.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const {
    return self_->outputs(in);
  }
  void prepare(std::span<const TensorSpec> in) { self_->prepare(in); }
  void pack(std::span<const TensorSpec> in, const PackOptions& options) {
    self_->pack(in, options);
  }
  std::size_t scratch_bytes(std::span<const TensorSpec> in) const {
    return self_->scratch_bytes(in);
  }
  // Are the rows along dim 0 of the batched inputs independent? False unless the layer says so.
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
    return self_->rows_independent(in, batched);
  }
  // Multiply-adds that the layer's formula asks for; 0 unless the layer says so. REQUIRES: `in`
  // that `outputs` takes.
  std::int64_t multiply_adds(std::span<const TensorSpec> in) const {
    return self_->multiply_adds(in);
  }
  // What the layer chose when it was packed, for people; empty unless it says so.
  std::string kernel() const { return self_->kernel(); }
  bool in_place() const { return self_->in_place(); }
  bool keeps_bytes() const { return self_->keeps_bytes(); }
  // The output of a layer that gives the same in every run; null for others.
  std::shared_ptr<const Tensor> constant() const { return self_->constant(); }
  // REQUIRES: views as `outputs` says, scratch as `scratch_bytes` says.
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
               Context& context) const {
    self_->forward(x, y, context);
  }

  // The members' own parameters: what is assigned to them is the layer's.
  std::vector<NamedParameter> parameters() { return self_->parameters(); }
  // To read only: names, roles and values.
  struct ConstNamedParameter {
    std::string name;
    const Parameter& parameter;
    Role role;
  };
  std::vector<ConstNamedParameter> parameters() const;

 private:
  struct Concept {
    virtual ~Concept() = default;
    virtual std::unique_ptr<Concept> clone() const = 0;
    virtual std::string kind() const = 0;
    virtual std::string extra_repr() const = 0;
    virtual std::size_t output_count() const = 0;
    virtual std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const = 0;
    virtual void prepare(std::span<const TensorSpec> in) = 0;
    virtual void pack(std::span<const TensorSpec> in, const PackOptions& options) = 0;
    virtual std::size_t scratch_bytes(std::span<const TensorSpec> in) const = 0;
    virtual bool rows_independent(std::span<const TensorSpec> in,
                                  std::span<const bool> batched) const = 0;
    virtual std::int64_t multiply_adds(std::span<const TensorSpec> in) const = 0;
    virtual std::string kernel() const = 0;
    virtual bool in_place() const = 0;
    virtual bool keeps_bytes() const = 0;
    virtual std::shared_ptr<const Tensor> constant() const = 0;
    virtual void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                         Context& context) const = 0;
    virtual std::vector<NamedParameter> parameters() = 0;
  };

  // Throws Error unless `in` is one float32 tensor: what a one-to-one layer takes.
  static void require_one_float32(std::span<const TensorSpec> in);

  template <class L>
  struct Model final : Concept {
    static constexpr bool one_to_one = OneToOneLayer<L>;

    template <class Source>
    // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): made from layers alone
    explicit Model(Source&& source) : layer(std::forward<Source>(source)) {}
    std::unique_ptr<Concept> clone() const override { return std::make_unique<Model>(layer); }
    std::string kind() const override { return std::string(std::string_view(layer.kind())); }

    std::string extra_repr() const override {
      if constexpr (requires { layer.extra_repr(); }) {
        return layer.extra_repr();
      } else {
        return {};
      }
    }
    std::size_t output_count() const override {
      if constexpr (requires { layer.output_count(); }) {
        return layer.output_count();
      } else {
        return 1;
      }
    }
    std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const override {
      if constexpr (one_to_one && requires { layer.keeps_bytes(); }) {
        if (in.size() != 1) require_one_float32(in);
        return {TensorSpec{layer.output_shape(in[0].shape), in[0].dtype}};
      } else if constexpr (one_to_one) {
        require_one_float32(in);
        return {TensorSpec{layer.output_shape(in[0].shape), DType::float32}};
      } else {
        return layer.outputs(in);
      }
    }
    void prepare(std::span<const TensorSpec> in) override {
      if constexpr (requires { layer.prepare(in); }) {
        layer.prepare(in);
      } else if constexpr (requires { layer.prepare(in[0].shape); }) {
        layer.prepare(in[0].shape);
      }
    }
    void pack(std::span<const TensorSpec> in,
              [[maybe_unused]] const PackOptions& options) override {
      if constexpr (requires { layer.pack(in, options); }) {
        layer.pack(in, options);
      } else if constexpr (requires { layer.pack(in[0].shape, options); }) {
        layer.pack(in[0].shape, options);
      } else if constexpr (requires { layer.pack(in); }) {
        layer.pack(in);
      } else if constexpr (requires { layer.pack(in[0].shape); }) {
        layer.pack(in[0].shape);
      }
    }
    std::size_t scratch_bytes(std::span<const TensorSpec> in) const override {
      if constexpr (requires { layer.scratch_bytes(in); }) {
        return layer.scratch_bytes(in);
      } else if constexpr (requires { layer.scratch_bytes(in[0].shape); }) {
        return layer.scratch_bytes(in[0].shape);
      } else {
        return 0;
      }
    }
    bool rows_independent(std::span<const TensorSpec> in,
                          std::span<const bool> batched) const override {
      if constexpr (requires { layer.rows_independent(in, batched); }) {
        return layer.rows_independent(in, batched);
      } else if constexpr (requires { layer.rows_independent(in); }) {
        return layer.rows_independent(in);
      } else if constexpr (requires { layer.rows_independent(in[0].shape); }) {
        return layer.rows_independent(in[0].shape);
      } else {
        return false;
      }
    }
    std::int64_t multiply_adds(std::span<const TensorSpec> in) const override {
      if constexpr (requires { layer.multiply_adds(in); }) {
        return layer.multiply_adds(in);
      } else if constexpr (requires { layer.multiply_adds(in[0].shape); }) {
        return layer.multiply_adds(in[0].shape);
      } else {
        return 0;
      }
    }
    std::string kernel() const override {
      if constexpr (requires { layer.kernel(); }) {
        return layer.kernel();
      } else {
        return {};
      }
    }
    bool in_place() const override {
      if constexpr (requires { layer.in_place(); }) {
        return layer.in_place();
      } else {
        return false;
      }
    }
    bool keeps_bytes() const override {
      if constexpr (requires { layer.keeps_bytes(); }) {
        return layer.keeps_bytes();
      } else {
        return false;
      }
    }
    std::shared_ptr<const Tensor> constant() const override {
      if constexpr (requires { layer.constant(); }) {
        return layer.constant();
      } else {
        return nullptr;
      }
    }
    void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                 Context& context) const override {
      if constexpr (!one_to_one) {
        layer.forward(x, y, context);
      } else if constexpr (requires { layer.forward(x[0], y[0], context); }) {
        layer.forward(x[0], y[0], context);
      } else {
        layer.forward(x[0], y[0]);
      }
    }
    std::vector<NamedParameter> parameters() override {
      if constexpr (requires { layer.parameters(); }) {
        return layer.parameters();
      } else {
        return {};
      }
    }

    L layer;
  };

  std::unique_ptr<Concept> self_;
};

// Runs one layer alone on tensors: checks shapes and parameters, gives it scratch, returns what it
// returns. What `nn::functional` is made of; a graph of layers runs faster in a `Session`.
std::vector<Tensor> apply(Module layer, std::span<const ConstTensorView> inputs);
// The same for one output. Throws Error when the layer has several.
Tensor apply(Module layer, std::initializer_list<ConstTensorView> inputs);
inline Tensor apply(Module layer, ConstTensorView input) {
  return apply(std::move(layer), {input});
}

// The parameters of `layer` that are declared and have no value, comma separated; empty when it can
// run.
std::string missing_parameters(const Module& layer);

}  // namespace nn
