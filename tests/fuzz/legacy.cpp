#include "state_dicts.h"

namespace test::fuzz {

// Streams have no checksums: whole files are as good as any.
void legacy(Bytes input) { open_twice(input); }

}  // namespace test::fuzz
