#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/io/pickle_globals.h>
#include <nn/io/torch_archive.h>

namespace nn::io {

// What the code of a TorchScript archive says of a class of modules:
//
//   class Net(Module):
//     __parameters__ = ["weight", "bias", ]
//     __buffers__ = ["running_mean", ]
struct ScriptClass {
  std::string name;
  bool is_module = false;
  // Nothing when the code has no such list: before PyTorch 1.5.
  std::optional<std::vector<std::string>> parameters;
  std::optional<std::vector<std::string>> buffers;
};

// The classes of a text of TorchScript. What is not a class, and of classes all but the two lists,
// is passed over; nothing is compiled.
std::vector<ScriptClass> read_script_classes(std::string_view code);

// The classes of an archive, found in `code/` when they are asked for.
class ScriptClasses {
 public:
  // REQUIRES: the archive outlives *this.
  explicit ScriptClasses(const TorchArchive& archive) : archive_(archive) {}

  // nullptr when the archive has no code of the class. Throws Error when the code is damaged or
  // above a limit.
  const ScriptClass* find(const GlobalName& name);

 private:
  const TorchArchive& archive_;
  std::map<std::string, std::vector<ScriptClass>, std::less<>> by_module_;
  std::uint64_t bytes_ = 0;  // of code read so far
};

}  // namespace nn::io
