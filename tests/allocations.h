#pragma once

#include <cstddef>

// Counts what this program allocates by operator new and, outside sanitizers, malloc.
std::size_t allocation_count();
