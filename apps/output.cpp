#include <apps/output.h>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <nn/error.h>

namespace apps {
namespace {

[[noreturn]] void fail_writing(int error) {
  nn::fail("cannot write to standard output: ", std::generic_category().message(error));
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_writing(errno);
}

void finish_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) fail_writing(errno);
}

void complain(std::string_view message) {
  std::fprintf(stderr, "rushlight: %.*s\n", static_cast<int>(message.size()), message.data());
}

}  // namespace apps
