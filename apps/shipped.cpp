#include <apps/shipped.h>
#include <filesystem>
#include <system_error>

#include <nn/error.h>

namespace apps {

std::string shipped_weights() {
  namespace fs = std::filesystem;
  constexpr const char* file = "mnist_convnet.pt";
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = program.parent_path() / RUSHLIGHT_INSTALLED_WEIGHTS / file;
  if (!program.empty() && fs::exists(installed, ignored))
    return installed.lexically_normal().string();
  const fs::path source = fs::path(RUSHLIGHT_SOURCE_WEIGHTS) / file;
  if (fs::exists(source, ignored)) return source.string();
  nn::fail("the shipped weights (", file,
           ") are neither installed beside the program nor in its source ",
           "tree: name weights with --model FILE");
}

}  // namespace apps
