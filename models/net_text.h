#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace models {

// One module of a printed net.
struct PrintedModule {
  std::string key;        // "conv1"; the root has none
  std::string kind;       // its class: "Conv2d"
  std::string arguments;  // "1, 20, kernel_size=(5, 5), stride=(1, 1)"
  std::size_t line = 0;   // of the text, from 1
  std::size_t parent = 0;
  std::size_t end = 0;  // [its index + 1, end) are the modules inside it
};

// What print(model) shows of a torch.nn.Module, as a tree: classes, arguments and names, not what
// `forward` does with them.
class PrintedNet {
 public:
  // In the order of the text, a module before those inside it; [0] is the whole net.
  std::span<const PrintedModule> modules() const { return modules_; }
  // As in a state dict: "layer1.0"; the root's is empty.
  std::string name(std::size_t module) const;
  // "net.txt: line 7", for messages.
  std::string place(std::size_t module) const;
  const std::string& source() const { return source_; }

 private:
  friend PrintedNet parse_net(std::string_view text, const std::string& source);

  std::string source_;
  std::vector<PrintedModule> modules_;
};

// Reads what Python's print(model) writes, of PyTorch 0.4 to 2.x:
//
//   Net(
//     (conv1): Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))
//     (blocks): ModuleList(
//       (0-2): 3 x Linear(in_features=8, out_features=8, bias=True)
//     )
//   )
//
// Indentation is not looked at; blank lines, CRLF and a leading ">>> print(model)" are passed over.
// Repeated blocks are spelled out ("0", "1", "2"), modules printed as None left out. Texts up to
// 1 MiB, 4,000 modules, 100 levels. Throws nn::Error with source and line.
PrintedNet parse_net(std::string_view text, const std::string& source = "(in memory)");
// The same from a file.
PrintedNet read_net(const std::filesystem::path& path);

}  // namespace models
