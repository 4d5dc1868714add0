// One libFuzzer program per target: RUSHLIGHT_FUZZ_TARGET is the function's name.
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::fuzz::RUSHLIGHT_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
