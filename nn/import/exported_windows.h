#pragma once

#include <nn/import/exported_step.h>
#include <nn/layers/int_pair.h>

namespace nn {

// Arguments of layers with windows. Two numbers, or one for both.
IntPair pair(const ExportedStep& step, std::string_view argument,
             std::optional<IntPair> otherwise = {});
// `count` numbers, or one for all.
std::vector<std::int64_t> spread(const ExportedStep& step, std::string_view argument,
                                 std::int64_t otherwise, std::size_t count);

// A number along a signal, beside that across it: signals [N, C, L] are pictures of one row.
IntPair row(std::int64_t value, std::int64_t other);
// Runs a layer for pictures on a signal.
void give_row(ExportedStep& step, const Module& layer, std::string_view argument);

}  // namespace nn
