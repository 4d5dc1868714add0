#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nn::io {

// What a name in a pickle (`torch._utils _rebuild_tensor_v2`) means to us. Names are compared as
// text and mapped to this enum; nothing is ever imported, looked up or called.
enum class Global : std::uint8_t {
  unknown,   // may become a placeholder as a class; calling it refuses the file
  harmless,  // known to describe data only: calling it makes a placeholder

  ordered_dict,
  counter,
  default_dict,
  set,
  byte_array,
  complex,
  encode,
  reconstructor,
  script_value,

  size,
  device,
  get_layout,
  quantizer_scheme,
  tensor_class,
  storage_class,  // with `type`
  untyped_storage_class,
  dtype,  // with `type`

  rebuild_tensor,
  rebuild_tensor_v2,
  rebuild_tensor_v3,
  rebuild_parameter,
  rebuild_parameter_with_state,
  rebuild_from_type_v2,
  rebuild_qtensor,
  rebuild_sparse_tensor,
  rebuild_meta_tensor,
  rebuild_nested_tensor,
  rebuild_device_tensor,
  rebuild_wrapper_subclass,
  parameter_class,  // called with a tensor, in files of PyTorch 0.1 to 0.3
};

struct GlobalName {
  std::string_view module;
  std::string_view name;
  Global meaning = Global::unknown;
};

// The meaning of a name, Python 2's module names mapped first. Throws Error for names that can run
// code, even where nothing would call them, and for names that are not plain identifiers.
GlobalName resolve_global(std::string_view module, std::string_view name);

// The same for TorchScript's own pickles, where the functions that mark the type of a list or dict
// stand for their first argument.
GlobalName resolve_script_global(std::string_view module, std::string_view name);
// Whether TorchScript wrote the class: it is below `__torch__`.
bool is_script_class(const GlobalName& global);

// "torch._utils._rebuild_tensor_v2", safe to print.
std::string to_text(const GlobalName& global);

}  // namespace nn::io
