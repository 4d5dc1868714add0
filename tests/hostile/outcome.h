#pragma once

#include <string>

#include <nn/io/state_dict.h>

#include "../io/bytes.h"
#include "case.h"

namespace test::hostile {

// "w float32 [2, 1]: 1 2", a line for each tensor, after reading and verifying all.
std::string described(const nn::StateDict& state);
// The same of what the case's reader opens.
std::string described_file(Reader reader, const std::filesystem::path& path);
std::string described_bytes(Reader reader, std::vector<std::byte> bytes, const std::string& name);

}  // namespace test::hostile
