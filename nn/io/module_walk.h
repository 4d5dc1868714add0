#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nn/io/pickle.h>
#include <nn/io/torch_tensors.h>

namespace nn::io {

struct ScriptClass;

// Whether a placeholder is a pickled torch.nn.Module (or an object of TorchScript, whose class is
// below `__torch__`): its attributes tell, its class is not looked up.
bool is_module(const Pickle& pickle, Pickle::Ref value);

struct ModuleTensors {
  std::vector<NamedTensor> tensors;
  std::vector<std::string> notes;  // on parts that were left out, safe to print
};

// What the code of an archive says of a class of TorchScript; nullptr when nothing.
using FindScriptClass = std::function<const ScriptClass*(const GlobalName&)>;

// What module.state_dict() would return, in its order: of each module the parameters and the
// persistent buffers, then its submodules, names joined by dots. A module or tensor that is used
// twice has both its names. Throws Error when modules contain themselves or are too many.
// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/nn/modules/module.py
// An object of TorchScript has its parameters, its buffers and other tensors alike as attributes:
// which is which `script_class` says; where it does not know, all are taken.
// REQUIRES: is_module(pickle, module).
ModuleTensors walk_module(const Pickle& pickle, const TorchTensors& tensors, Pickle::Ref module,
                          const FindScriptClass& script_class = {});

}  // namespace nn::io
