#pragma once

#include <string>

#include <nn/error.h>

// What the call's Error says.
//   EXPECT_EQ(error_of([&] { layer.output_shape({3}); }), "expected …");
template <class F>
std::string error_of(F call) {
  try {
    call();
  } catch (const nn::Error& error) {
    return error.what();
  }
  return "(no error)";
}
