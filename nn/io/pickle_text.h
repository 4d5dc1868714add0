#pragma once

#include <string>

#include <nn/io/pickle.h>

namespace nn::io {

// A value of a pickle in at most some hundred characters, safe to print: "12", "0.93",
// "{lr: 0.1, betas: (0.9, 0.999)}", "argparse.Namespace {lr: 0.1}", "a list of 300, the last 0.12".
// Longer values end with "…".
std::string short_text(const Pickle& pickle, Pickle::Ref value);

}  // namespace nn::io
