#pragma once

#include <array>
#include <utility>

namespace test::hostile {

// How many sorts of bad input there are of each family: A1 … A14, Z1 … Z28 and so on.
inline constexpr std::array<std::pair<char, int>, 8> families = {{
    {'A', 14},  // any file
    {'Z', 28},  // the zip container
    {'P', 34},  // pickle programs
    {'T', 24},  // tensors as a file describes them
    {'L', 10},  // the stream of torch.save before 1.6
    {'S', 23},  // safetensors
    {'N', 14},  // npy and npz
    {'O', 15},  // ONNX as a file and a graph of names
}};

}  // namespace test::hostile
