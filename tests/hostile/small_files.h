#pragma once

#include <string>
#include <vector>

#include "case.h"

namespace test::hostile {

// One small honest file for each form that is read.
struct SmallFile {
  std::string name;
  std::string bytes;
  // Every byte of a value is under a checksum: no change of one is accepted.
  bool checked = false;
  Reader reader = Reader::state_dict;
};

std::vector<SmallFile> small_files();

}  // namespace test::hostile
