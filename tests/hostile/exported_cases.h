#pragma once

#include "case.h"

namespace test::hostile {

// X: not among all_cases(), which StateDict opens.
Cases exported_cases();

// The targets of the nodes and the tensors of a program, all of which are read.
std::string described_program(const std::string& bytes, const std::string& name);

}  // namespace test::hostile
