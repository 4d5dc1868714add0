#pragma once

#include <string>
#include <vector>

namespace apps {

// Columns of text, aligned: the first column to the left, numbers to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row);
  // Lines, each with its newline.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace apps
