#pragma once

#include "case.h"

namespace test::hostile {

Cases operator_cases();  // O16 to O19

}  // namespace test::hostile
