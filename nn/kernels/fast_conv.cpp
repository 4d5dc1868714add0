#include <nn/kernels/fast_conv.h>

namespace nn::kernels {
namespace {

bool one_window(const Windows& w) {
  return w.kernel_h == w.height && w.kernel_w == w.width && w.dilation_h == 1 &&
         w.dilation_w == 1 && w.top == 0 && w.left == 0 && w.out_h == 1 && w.out_w == 1;
}

}  // namespace

std::optional<FastConv> FastConv::choose(const ConvShape& shape, std::int64_t images, bool max_pool,
                                         std::span<const float> weight, DType stored) {
  if (Depthwise::serves(shape)) {
    auto conv = Depthwise::make(shape, max_pool, weight);
    if (!conv) return std::nullopt;
    return FastConv(*std::move(conv));
  }
  if (shape.groups == 1) {
    if (one_window(shape.windows) && !max_pool) {
      const auto in = static_cast<std::int64_t>(weight.size()) / shape.out_channels;
      return FastConv(PackedLinear({in, shape.out_channels}, weight, stored));
    }
    if (auto conv = WinogradConv::choose(shape, max_pool, weight))
      return FastConv(*std::move(conv));
  }
  auto conv = PackedConv::make(shape, images, max_pool, weight);
  if (!conv) return std::nullopt;
  return FastConv(*std::move(conv));
}

std::string FastConv::name() const {
  const std::string name = std::visit([](const auto& kernel) { return kernel.name(); }, kernel_);
  return std::holds_alternative<PackedLinear>(kernel_) ? "one window, as Linear: " + name : name;
}

std::int64_t FastConv::scratch(std::int64_t images) const {
  if (const auto* winograd = std::get_if<WinogradConv>(&kernel_)) return winograd->scratch(images);
  if (const auto* packed = std::get_if<PackedConv>(&kernel_)) return packed->scratch();
  if (const auto* depthwise = std::get_if<Depthwise>(&kernel_)) return depthwise->scratch();
  return 0;
}

bool FastConv::takes(std::span<const float> image) const {
  const auto* winograd = std::get_if<WinogradConv>(&kernel_);
  return winograd == nullptr || winograd->takes(image);
}

std::int64_t FastConv::parts(std::int64_t images, int threads) const {
  if (threads == 1) return 1;
  return std::visit([&](const auto& kernel) { return kernel.parts(images, threads); }, kernel_);
}

void FastConv::run(std::int64_t images, const float* x, const Epilogue& epilogue, const Part& part,
                   float* y, float* scratch) const {
  if (const auto* linear = std::get_if<PackedLinear>(&kernel_)) {
    linear->run(images, x, {epilogue.bias, epilogue.clamp}, part, y);
  } else if (const auto* depthwise = std::get_if<Depthwise>(&kernel_)) {
    depthwise->run(images, x, epilogue, part, y, scratch);
  } else if (const auto* packed = std::get_if<PackedConv>(&kernel_)) {
    packed->run(images, x, epilogue, part, y, scratch);
  } else {
    std::get<WinogradConv>(kernel_).run(images, x, epilogue, part, y, scratch);
  }
}

}  // namespace nn::kernels
