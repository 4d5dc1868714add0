#include <algorithm>
#include <array>

#include <nn/error.h>
#include <nn/io/pickle_globals.h>
#include <nn/io/pickle_policy.h>
#include <nn/io/torch_dtype.h>

namespace nn::io {
namespace {

constexpr std::size_t longest_name = 1024;

constexpr std::array known = {
    GlobalName{"collections", "OrderedDict", Global::ordered_dict},
    GlobalName{"collections", "Counter", Global::counter},
    GlobalName{"collections", "defaultdict", Global::default_dict},
    GlobalName{"builtins", "set", Global::set},
    GlobalName{"builtins", "frozenset", Global::set},
    GlobalName{"builtins", "bytes", Global::byte_array},
    GlobalName{"builtins", "bytearray", Global::byte_array},
    GlobalName{"builtins", "complex", Global::complex},
    GlobalName{"_codecs", "encode", Global::encode},
    GlobalName{"copyreg", "_reconstructor", Global::reconstructor},
    GlobalName{"torch", "Size", Global::size},
    GlobalName{"torch", "device", Global::device},
    GlobalName{"torch.serialization", "_get_layout", Global::get_layout},
    GlobalName{"torch", "per_tensor_affine", Global::quantizer_scheme},
    GlobalName{"torch", "per_channel_affine", Global::quantizer_scheme},
    GlobalName{"torch", "per_tensor_symmetric", Global::quantizer_scheme},
    GlobalName{"torch", "per_channel_symmetric", Global::quantizer_scheme},
    GlobalName{"torch", "per_channel_affine_float_qparams", Global::quantizer_scheme},
    GlobalName{"torch", "Tensor", Global::tensor_class},
    GlobalName{"torch.nn.parameter", "Parameter", Global::parameter_class},
    GlobalName{"torch.autograd.variable", "Variable", Global::parameter_class},
    GlobalName{"torch.nn.parameter", "Buffer", Global::tensor_class},
    GlobalName{"torch.storage", "UntypedStorage", Global::untyped_storage_class},
    GlobalName{"torch", "UntypedStorage", Global::untyped_storage_class},
    GlobalName{"torch._utils", "_rebuild_tensor", Global::rebuild_tensor},
    GlobalName{"torch._utils", "_rebuild_tensor_v2", Global::rebuild_tensor_v2},
    GlobalName{"torch._utils", "_rebuild_tensor_v3", Global::rebuild_tensor_v3},
    GlobalName{"torch._utils", "_rebuild_parameter", Global::rebuild_parameter},
    GlobalName{"torch._utils", "_rebuild_parameter_with_state",
               Global::rebuild_parameter_with_state},
    GlobalName{"torch._tensor", "_rebuild_from_type_v2", Global::rebuild_from_type_v2},
    GlobalName{"torch._tensor", "_rebuild_from_type", Global::rebuild_from_type_v2},
    GlobalName{"torch.tensor", "_rebuild_from_type", Global::rebuild_from_type_v2},
    GlobalName{"torch._utils", "_rebuild_qtensor", Global::rebuild_qtensor},
    GlobalName{"torch._utils", "_rebuild_sparse_tensor", Global::rebuild_sparse_tensor},
    GlobalName{"torch._utils", "_rebuild_sparse_csr_tensor", Global::rebuild_sparse_tensor},
    GlobalName{"torch._utils", "_rebuild_meta_tensor_no_storage", Global::rebuild_meta_tensor},
    GlobalName{"torch._utils", "_rebuild_nested_tensor", Global::rebuild_nested_tensor},
    GlobalName{"torch._utils", "_rebuild_device_tensor_from_cpu_tensor",
               Global::rebuild_device_tensor},
    GlobalName{"torch._utils", "_rebuild_xla_tensor", Global::rebuild_device_tensor},
    GlobalName{"torch._utils", "_rebuild_mlc_tensor", Global::rebuild_device_tensor},
    GlobalName{"torch._utils", "_rebuild_device_tensor_from_numpy", Global::rebuild_device_tensor},
    GlobalName{"torch._utils", "_rebuild_wrapper_subclass", Global::rebuild_wrapper_subclass},
};

struct Rename {
  std::string_view from;
  std::string_view to;
};
// Python 2, NumPy 1 and CUDA files mean the same by these modules.
constexpr std::array renames = {
    Rename{"__builtin__", "builtins"},
    Rename{"copy_reg", "copyreg"},
    Rename{"numpy.core.multiarray", "numpy._core.multiarray"},
    Rename{"numpy.core.numeric", "numpy._core.numeric"},
};

bool is_identifier(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_dotted_name(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_identifier(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

Global meaning_of(std::string_view module, std::string_view name) {
  for (const GlobalName& row : known) {
    if (row.module == module && row.name == name) return row.meaning;
  }
  const bool of_torch = module == "torch";
  if ((of_torch || module == "torch.cuda" || module == "torch.storage") &&
      find_storage_dtype(name) != nullptr) {
    return Global::storage_class;
  }
  if (of_torch && find_torch_dtype(name) != nullptr) return Global::dtype;
  return is_harmless(module, name) ? Global::harmless : Global::unknown;
}

}  // namespace

GlobalName resolve_global(std::string_view module, std::string_view name) {
  const auto shown = [&] { return nn::io::to_text(GlobalName{module, name}); };
  if (module.size() > longest_name || name.size() > longest_name) {
    fail("the name '", shown(), "' is longer than ", longest_name, " bytes");
  }
  for (const Rename& rename : renames) {
    if (module == rename.from) module = rename.to;
  }
  // A name with a dot would reach through an allowed module into any other.
  if (is_dangerous(module, name) ||
      (is_dotted_name(module) && !is_identifier(name) && is_dotted_name(name))) {
    fail("names '", shown(),
         "', which can run code when Python unpickles it: the file is refused, nothing was "
         "executed; save the weights alone, torch.save(model.state_dict(), path)");
  }
  if (!is_dotted_name(module) || !is_identifier(name)) {
    fail("expected a module and a name of ASCII letters, digits and '_', got '", shown(), "'");
  }
  return {module, name, meaning_of(module, name)};
}

// https://github.com/pytorch/pytorch/blob/v2.15.0/torch/jit/_pickle.py
GlobalName resolve_script_global(std::string_view module, std::string_view name) {
  constexpr std::array<std::string_view, 5> marks = {"build_intlist", "build_doublelist",
                                                     "build_boollist", "build_tensorlist",
                                                     "restore_type_tag"};
  if (module == "torch.jit._pickle" && std::ranges::find(marks, name) != marks.end()) {
    return {module, name, Global::script_value};
  }
  return resolve_global(module, name);
}

bool is_script_class(const GlobalName& global) {
  constexpr std::string_view root = "__torch__";
  return global.module == root ||
         (global.module.starts_with(root) && global.module[root.size()] == '.');
}

std::string to_text(const GlobalName& global) {
  return printable(global.module) + '.' + printable(global.name);
}

}  // namespace nn::io
