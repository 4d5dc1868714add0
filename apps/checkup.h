#pragma once

#include <apps/examined.h>
#include <apps/finding.h>
#include <string>
#include <vector>

namespace apps {

// What is wrong or suspicious about weights that can be read.
std::vector<Finding> check_up(const std::string& file, const Examined& examined);

}  // namespace apps
