#pragma once

#include <string>
#include <vector>

#include <nn/parameter.h>
#include <nn/tensor.h>

// The tensors that PyTorch wrote into tests/golden/<file> (tools/make_golden.py says how).
//   golden("conv2d.pt", "plain.x")
// Throws nn::Error when there is no such file or tensor.
nn::Tensor golden(const std::string& file, const std::string& name);

// The names of the file's cases, in its order: "plain", "stride", …
std::vector<std::string> golden_cases(const std::string& file);

// Gives every parameter but counters the value that the case has for it.
void load_golden(const std::string& file, const std::string& name,
                 const std::vector<nn::NamedParameter>& parameters);
