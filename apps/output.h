#pragma once

#include <string_view>

namespace apps {

// Writes to stdout; throws nn::Error when that fails (a full disk, a closed pipe).
void print(std::string_view text);
// Flushes stdout and checks that all of it arrived.
void finish_output();
// "rushlight: message" on stderr.
void complain(std::string_view message);

}  // namespace apps
