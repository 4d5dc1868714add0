#include <nn/layers/int_pair.h>

namespace nn {

Padding::Padding(std::string_view mode) {
  if (mode == "same") {
    mode_ = Mode::same;
  } else if (mode == "valid") {
    mode_ = Mode::valid;
  } else {
    fail("Invalid padding string '", printable(mode), "', should be one of {'valid', 'same'}");
  }
}

std::string to_text(const Padding& padding) {
  switch (padding.mode()) {
    case Padding::Mode::same:
      return "same";
    case Padding::Mode::valid:
      return "valid";
    case Padding::Mode::numbers:
      break;
  }
  return to_text(padding.numbers());
}

}  // namespace nn
