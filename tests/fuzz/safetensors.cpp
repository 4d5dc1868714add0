#include "state_dicts.h"

namespace test::fuzz {

void safetensors(Bytes input) { open_twice(input); }

}  // namespace test::fuzz
