#include "outcome.h"

#include <nn/error.h>
#include <nn/tensor.h>

#include "../io/onnx_text.h"

namespace test::hostile {

std::string described(const nn::StateDict& state) {
  std::string text;
  for (const auto& entry : state.entries()) {
    text += nn::concat(nn::printable(entry.name), ' ', entry.dtype, ' ', to_text(entry.shape), ':');
    try {
      const nn::Tensor tensor = nn::to(state.read(entry.name), nn::DType::float64);
      for (const double value : tensor.as<double>()) text += ' ' + nn::to_text(value);
    } catch (const nn::Error& error) {
      if (std::string_view(error.what()).find("it cannot be used") == std::string_view::npos) throw;
      text += " unreadable";
    }
    text += '\n';
  }
  state.verify();
  return text;
}

std::string described_file(Reader reader, const std::filesystem::path& path) {
  if (reader == Reader::onnx) return test::described(nn::io::open_onnx(path));
  return described(nn::StateDict::open(path));
}

std::string described_bytes(Reader reader, std::vector<std::byte> bytes, const std::string& name) {
  if (reader == Reader::onnx) {
    return test::described(nn::io::onnx_from_bytes(std::move(bytes), name));
  }
  return described(nn::StateDict::from_bytes(std::move(bytes), name));
}

}  // namespace test::hostile
