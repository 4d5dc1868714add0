#include <nn/io/onnx_model.h>

#include "target.h"

namespace test::fuzz {
namespace {

using nn::io::OnnxModel;
using nn::io::OnnxTensor;

void read(const OnnxModel& model, const OnnxTensor& tensor, std::string& shown) {
  accepts([&] {
    const nn::Tensor values = model.read(tensor);
    require(values.spec() == tensor.spec, "a tensor of another shape or type than listed");
    const auto bytes = values.view().bytes();
    shown.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
}

// What a model shows; empty when it is refused.
std::string everything(Bytes input) {
  std::string shown;
  accepts([&] {
    const OnnxModel model = nn::io::onnx_from_bytes({input.begin(), input.end()}, "fuzz");
    require(!model.outputs.empty(), "a graph without outputs");
    shown = "accepted ";
    for (const OnnxTensor& tensor : model.initializers) {
      require(tensor.storage != OnnxTensor::Storage::external, "external data of bytes");
      read(model, tensor, shown);
    }
    for (const auto& node : model.nodes) {
      shown += node.op_type;
      for (const auto& attribute : node.attributes) {
        require(node.find(attribute.name) == &attribute, "an attribute not found by its name");
        if (attribute.t) read(model, *attribute.t, shown);
      }
    }
  });
  return shown;
}

}  // namespace

void onnx(Bytes input) {
  const std::string first = everything(input);
  if (first.empty()) return;
  require(everything(input) == first, "read twice, a model reads differently");
  // In protobuf a message is merged with what follows it: a field nobody knows changes nothing.
  std::vector<std::byte> longer(input.begin(), input.end());
  for (const unsigned byte : {0xE8U, 0x07U, 0x01U}) longer.push_back(static_cast<std::byte>(byte));
  require(everything(longer) == first, "an unknown field changes a model");
}

}  // namespace test::fuzz
