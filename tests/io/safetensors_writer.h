#pragma once

#include <string>

#include "bytes.h"

namespace test {

// A safetensors file of any header and data, honest or not.
inline std::string safetensors(const std::string& header, const std::string& data) {
  return u64(header.size()) + header + data;
}

}  // namespace test
