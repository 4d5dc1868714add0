#pragma once

#include <nn/io/exported_program.h>

namespace nn::io {

// A SymInt: {"as_int": 3} or {"as_expr": {"expr_str": …}}.
ExportedSize read_exported_size(JsonReader& json);
// A TensorMeta, of a value of the graph or of a record of weights.
ExportedTensor read_exported_tensor(JsonReader& json, ExportedBudget& budget);

}  // namespace nn::io
