#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/state_dict.h>

namespace apps {

// What tools/export_reference.py stores of one run of a PyTorch module, in npz or safetensors:
// "input.0" …, "output.0" …, and values between: "module.layer1.0.conv1" of submodules,
// "pt2.conv2d_3" of the nodes of an exported program, "onnx.getitem_6" of an ONNX file.
class Reference {
 public:
  // Throws nn::Error when the file holds no inputs or no outputs of that kind.
  explicit Reference(const std::string& file);

  std::size_t input_count() const { return inputs_; }
  std::size_t output_count() const { return outputs_; }
  nn::Tensor input(std::size_t i) const { return read(nn::concat("input.", i)); }
  nn::Tensor output(std::size_t i) const { return read(nn::concat("output.", i)); }

  // The value that `section` ("module", "pt2", "onnx") has under a name, or null.
  const nn::StateDict::Entry* find(std::string_view section, std::string_view name) const;
  // How many values a section has.
  std::size_t count(std::string_view section) const;
  nn::Tensor read(std::string_view name) const { return file_.read(name); }

 private:
  nn::StateDict file_;
  std::size_t inputs_ = 0, outputs_ = 0;
};

}  // namespace apps
