#pragma once

#include <string>

#include "bytes.h"

// Files of NumPy's npy, honest and not.
namespace test {

// A file of the given header, which ends in a line break, and data.
inline std::string npy(const std::string& header, const std::string& data, char major = 1) {
  const std::string length = major == 1 ? u16(header.size() + 1) : u32(header.size() + 1);
  std::string bytes = "\x93NUMPY";
  bytes += major;
  bytes += '\0';
  return bytes.append(length).append(header).append("\n").append(data);
}
inline std::string npy_header(const std::string& descr, const std::string& shape,
                              const std::string& fortran_order = "False") {
  std::string text = "{'descr': ";
  return text.append(descr)
      .append(", 'fortran_order': ")
      .append(fortran_order)
      .append(", 'shape': ")
      .append(shape)
      .append(", }");
}
inline std::string npy_of(const std::string& descr, const std::string& shape,
                          const std::string& data) {
  return npy(npy_header(descr, shape), data);
}

}  // namespace test
