#pragma once

#include <apps/options.h>

namespace apps {

// `inspect --graph`: the network as a table in the terminal, or as a picture in the file that was
// named, written whole or not at all. Throws nn::Error.
int inspect_graph(const InspectOptions& options);

}  // namespace apps
