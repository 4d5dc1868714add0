#pragma once

#include <string>
#include <vector>

namespace test::hostile {

// One small honest file for each form that StateDict::open reads.
struct SmallFile {
  std::string name;
  std::string bytes;
  // Every byte of a value is under a checksum: no change of one is accepted.
  bool checked = false;
};

std::vector<SmallFile> small_files();

}  // namespace test::hostile
