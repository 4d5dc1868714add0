#include <nn/layer.h>

namespace nn {

std::span<float> Context::scratch_floats(std::size_t count) const {
  if (scratch_.size() / sizeof(float) < count) {
    fail("expected ", count * sizeof(float), " bytes of scratch, got ", scratch_.size());
  }
  return scratch_floats().first(count);
}

}  // namespace nn
