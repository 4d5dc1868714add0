#pragma once

#include <models/net_text.h>
#include <models/wiring.h>

namespace models {

// A graph for the net that print(model) shows. Of Sequential, in any nesting, the text says all. Of
// a class with its own `forward` it does not: what follows from shapes is filled in (flattening),
// what does not is taken as is usual (relu or the activation printed, 2 x 2 pools where they make
// the sizes meet), and each such choice stands in `assumed`. The first layers decide the input:
// pictures of 28 x 28 unless these do not fit and 32 x 32 do (for three channels the other way
// round), or `options.input` says it.
// Of the options `activation`, `without_activation`, `norm_after`, `pool` and `pool_after` are for what
// is not printed, the others for nets that are inferred. Throws nn::Error with
// the line where no net comes of it.
Wiring wire(const PrintedNet& net, const WiringOptions& options = {});

}  // namespace models
