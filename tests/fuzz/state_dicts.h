#pragma once

#include "target.h"

namespace test::fuzz {

// Opens the bytes as StateDict does, reads and verifies all tensors, and opens them again: the same
// tensors with the same values, or the same refusal.
void open_twice(Bytes input);

}  // namespace test::fuzz
