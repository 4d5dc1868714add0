#pragma once

#include <string>

namespace apps {

// The weights that come with the program: in share/rushlight/weights of the prefix it is installed
// in, else in the source tree it was built from. Throws nn::Error when they are in neither.
std::string shipped_weights();

}  // namespace apps
