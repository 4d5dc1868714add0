#pragma once

#include <apps/comparison.h>
#include <apps/options.h>
#include <apps/reference.h>
#include <optional>
#include <string>
#include <vector>

namespace apps {

// A value of a network against a reference's.
struct Compared {
  std::string layer;  // of the graph
  std::string kind;
  std::string name;  // what the reference calls the value
  nn::Shape got, expected;
  std::optional<Difference> difference;  // none where the shapes are others

  bool within() const { return difference && difference->within(); }
};

struct Verification {
  // In the order of execution: values between, the outputs as the layers give them, the outputs as
  // a session does.
  std::vector<Compared> values;
  std::size_t matched = 0;  // values between that were compared
  std::size_t known = 0;    // that the reference has
  std::size_t outputs = 0;

  const Compared* first_wrong() const;
};

// Runs the model of the options on the reference's inputs, layer by layer with every value kept, and
// once more in a session, and compares all values that have names in common. Throws nn::Error when
// the model does not take the inputs or has another number of outputs.
Verification verify(const VerifyOptions& options, const Reference& reference);

}  // namespace apps
