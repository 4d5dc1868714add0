#pragma once

#include <nn/io/checkpoint.h>
#include <nn/io/module_walk.h>
#include <nn/io/pickle_lookup.h>

namespace nn::io {

enum class Collect : std::uint8_t {
  weights,  // without what belongs to the training
  all,
};

// The tensors in a value of a checkpoint in the order of the file: of a module as its state_dict()
// names them, of dicts, lists and placeholders by their keys and indices joined by dots, a tensor
// alone as "0". Throws Error when the value contains itself.
using CollectedTensors = ModuleTensors;
CollectedTensors collect_tensors(const Checkpoint& checkpoint, Pickle::Ref value, Collect what);

// Whether a child of `holder`, or what is in it, is among them.
bool is_collected(const Checkpoint& checkpoint, Pickle::Ref holder, const Child& child,
                  Collect what);

}  // namespace nn::io
