#include <nn/draw/palette.h>

namespace nn::draw {

Colours colours_of(Look look) {
  switch (look) {
    case Look::port:
      return {"port", "#37474f", "#263238"};
    case Look::convolution:
      return {"convolution", "#dbe9fb", "#3b78c4"};
    case Look::product:
      return {"product", "#e6e0f8", "#6f52b5"};
    case Look::norm:
      return {"norm", "#d9f2ee", "#2e8b7b"};
    case Look::activation:
      return {"activation", "#fdebd3", "#d0812a"};
    case Look::softmax:
      return {"softmax", "#fadadd", "#c0394b"};
    case Look::pool:
      return {"pool", "#def2d6", "#5a9440"};
    case Look::move:
      return {"move", "#eceff1", "#90a4ae"};
    case Look::join:
      return {"join", "#fff6cc", "#bd9a1d"};
    case Look::other:
      break;
  }
  return {"other", "#ffffff", "#78909c"};
}

}  // namespace nn::draw
