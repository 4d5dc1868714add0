#pragma once

#include <string>

#include <nn/io/state_dict.h>

namespace test::hostile {

// "w float32 [2, 1]: 1 2", a line for each tensor, after reading and verifying all.
std::string described(const nn::StateDict& state);

}  // namespace test::hostile
