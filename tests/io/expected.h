#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <nn/io/state_dict.h>

#include "bytes.h"

namespace test {

// A tensor as the file's own library reads it.
struct Expected {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> sizes;
  std::string values;  // hex, "empty" or "unreadable"
};

// By file: what the scripts tools/make_*_golden.py write as expected.txt.
inline std::map<std::string, std::vector<Expected>> read_expected(
    const std::filesystem::path& path) {
  std::map<std::string, std::vector<Expected>> files;
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string file;
    std::string sizes;
    Expected expected;
    std::getline(fields, file, '\t');
    std::getline(fields, expected.name, '\t');
    std::getline(fields, expected.dtype, '\t');
    std::getline(fields, sizes, '\t');
    std::getline(fields, expected.values, '\t');
    std::istringstream numbers(sizes == "-" ? "" : sizes);
    for (std::string number; std::getline(numbers, number, ',');) {
      expected.sizes.push_back(std::stoll(number));
    }
    files[file].push_back(expected);
  }
  return files;
}

inline std::string hex(const nn::Tensor& tensor) {
  std::string text;
  for (const std::byte byte : tensor.view().bytes()) {
    text += "0123456789abcdef"[std::to_integer<int>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(byte) & 15];
  }
  return text.empty() ? "empty" : text;
}

// What was listed only when tests/golden/io was made: tests/golden/dtype has the values of all types.
inline bool can_be_read(const nn::StateDict::Entry& entry) {
  const auto dtype = nn::dtype_named(entry.dtype);
  return dtype && (entry.name == "neg" || is_float8(*dtype) || entry.dtype.starts_with("uint"));
}

inline void expect_tensors(const nn::StateDict& state, const std::vector<Expected>& tensors) {
  state.verify();
  ASSERT_EQ(state.entries().size(), tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& entry = state.entries()[i];
    EXPECT_EQ(entry.name, tensors[i].name);
    EXPECT_EQ(entry.dtype, tensors[i].dtype) << entry.name;
    EXPECT_EQ(entry.shape, nn::Shape(tensors[i].sizes)) << entry.name;
    if (tensors[i].values == "unreadable" && can_be_read(entry)) {
      EXPECT_EQ(state.read(entry.name).shape(), entry.shape);
    } else if (tensors[i].values == "unreadable") {
      EXPECT_THAT(refusal([&] { state.read(entry.name); }),
                  testing::AllOf(testing::HasSubstr("tensor '" + entry.name),
                                 testing::HasSubstr("cannot be used")));
    } else {
      EXPECT_EQ(hex(state.read(entry.name)), tensors[i].values) << entry.name;
      EXPECT_EQ(hex(*state.share(entry.name)), tensors[i].values) << entry.name;
    }
  }
}

}  // namespace test
