#include <algorithm>
#include <array>

#include <nn/error.h>
#include <nn/io/pickle_globals.h>
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
    GlobalName{"torch.nn.parameter", "Parameter", Global::tensor_class},
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
    GlobalName{"torch._utils", "_rebuild_qtensor", Global::rebuild_qtensor},
    GlobalName{"torch._utils", "_rebuild_sparse_tensor", Global::rebuild_sparse_tensor},
    GlobalName{"torch._utils", "_rebuild_meta_tensor_no_storage", Global::rebuild_meta_tensor},
    GlobalName{"torch._utils", "_rebuild_nested_tensor", Global::rebuild_nested_tensor},
    GlobalName{"torch._utils", "_rebuild_device_tensor_from_cpu_tensor",
               Global::rebuild_device_tensor},
    GlobalName{"torch._utils", "_rebuild_device_tensor_from_numpy", Global::rebuild_device_tensor},
    GlobalName{"torch._utils", "_rebuild_wrapper_subclass", Global::rebuild_wrapper_subclass},
};

// Below, "*" stands for every name of a module.
struct Pattern {
  std::string_view module;
  std::string_view name;
};

// Called in honest checkpoints beside the weights. They become placeholders, never tensors.
constexpr std::array harmless = {
    Pattern{"numpy", "dtype"},
    Pattern{"numpy", "ndarray"},
    Pattern{"numpy._core.multiarray", "scalar"},
    Pattern{"numpy._core.multiarray", "_reconstruct"},
    Pattern{"numpy._core.numeric", "_frombuffer"},
    Pattern{"numpy.dtypes", "*"},
    Pattern{"argparse", "Namespace"},
    Pattern{"pathlib", "*"},
    Pattern{"pathlib._local", "*"},
    Pattern{"collections", "*"},
    Pattern{"enum", "*"},
    Pattern{"datetime", "*"},
    Pattern{"builtins", "slice"},
    Pattern{"builtins", "range"},
};

// Names that run code, open files or reach the network when Python unpickles them. A module listed
// with "*" includes its submodules.
constexpr std::array dangerous = {
    Pattern{"builtins", "eval"},
    Pattern{"builtins", "exec"},
    Pattern{"builtins", "execfile"},
    Pattern{"builtins", "compile"},
    Pattern{"builtins", "getattr"},
    Pattern{"builtins", "setattr"},
    Pattern{"builtins", "delattr"},
    Pattern{"builtins", "apply"},
    Pattern{"builtins", "map"},
    Pattern{"builtins", "filter"},
    Pattern{"builtins", "reduce"},
    Pattern{"builtins", "open"},
    Pattern{"builtins", "file"},
    Pattern{"builtins", "input"},
    Pattern{"builtins", "raw_input"},
    Pattern{"builtins", "globals"},
    Pattern{"builtins", "locals"},
    Pattern{"builtins", "vars"},
    Pattern{"builtins", "type"},
    Pattern{"builtins", "memoryview"},
    Pattern{"builtins", "breakpoint"},
    Pattern{"builtins", "reload"},
    Pattern{"builtins", "__import__"},
    Pattern{"functools", "partial"},
    Pattern{"functools", "reduce"},
    Pattern{"torch", "load"},
    Pattern{"torch", "save"},
    Pattern{"torch", "compile"},
    Pattern{"torch.storage", "_load_from_bytes"},
    Pattern{"torch.serialization", "load"},
    Pattern{"torch.serialization", "_load"},
    Pattern{"torch.serialization", "_legacy_load"},
    Pattern{"torch._utils", "_import_dotted_name"},
    Pattern{"torch.jit", "*"},
    Pattern{"torch.hub", "*"},
    Pattern{"torch.package", "*"},
    Pattern{"torch.ops", "*"},
    Pattern{"torch._inductor", "*"},
    Pattern{"torch._dynamo", "*"},
    Pattern{"torch.multiprocessing", "*"},
    Pattern{"torch.distributed.rpc", "*"},
    Pattern{"torch.utils.cpp_extension", "*"},
    Pattern{"torch.utils.collect_env", "*"},
    Pattern{"torch.utils.bottleneck", "*"},
    Pattern{"torch.utils.data.datapipes", "*"},
    Pattern{"torch.fx.graph_module", "*"},
    Pattern{"numpy.testing", "*"},
    Pattern{"numpy.distutils", "*"},
    Pattern{"numpy.f2py", "*"},
    Pattern{"numpy", "load"},
    Pattern{"numpy", "fromfile"},
    Pattern{"numpy", "memmap"},
    Pattern{"_io", "*"},
    Pattern{"_osx_support", "*"},
    Pattern{"_aix_support", "*"},
    Pattern{"_pickle", "*"},
    Pattern{"_posixsubprocess", "*"},
    Pattern{"_pyrepl", "*"},
    Pattern{"_socket", "*"},
    Pattern{"aiohttp", "*"},
    Pattern{"asyncio", "*"},
    Pattern{"atexit", "*"},
    Pattern{"bdb", "*"},
    Pattern{"cPickle", "*"},
    Pattern{"cProfile", "*"},
    Pattern{"cloudpickle", "*"},
    Pattern{"code", "*"},
    Pattern{"codeop", "*"},
    Pattern{"commands", "*"},
    Pattern{"ctypes", "*"},
    Pattern{"dill", "*"},
    Pattern{"distutils", "*"},
    Pattern{"doctest", "*"},
    Pattern{"ensurepip", "*"},
    Pattern{"ftplib", "*"},
    Pattern{"glob", "*"},
    Pattern{"http", "*"},
    Pattern{"httplib", "*"},
    Pattern{"idlelib", "*"},
    Pattern{"imaplib", "*"},
    Pattern{"importlib", "*"},
    Pattern{"inspect", "*"},
    Pattern{"io", "*"},
    Pattern{"joblib", "*"},
    Pattern{"lib2to3", "*"},
    Pattern{"linecache", "*"},
    Pattern{"logging", "*"},
    Pattern{"marshal", "*"},
    Pattern{"multiprocessing", "*"},
    Pattern{"nt", "*"},
    Pattern{"ntpath", "*"},
    Pattern{"operator", "*"},
    Pattern{"_operator", "*"},
    Pattern{"os", "*"},
    Pattern{"pdb", "*"},
    Pattern{"pickle", "*"},
    Pattern{"pip", "*"},
    Pattern{"pkgutil", "*"},
    Pattern{"platform", "*"},
    Pattern{"poplib", "*"},
    Pattern{"popen2", "*"},
    Pattern{"posix", "*"},
    Pattern{"posixpath", "*"},
    Pattern{"profile", "*"},
    Pattern{"pty", "*"},
    Pattern{"pydoc", "*"},
    Pattern{"requests", "*"},
    Pattern{"runpy", "*"},
    Pattern{"select", "*"},
    Pattern{"shelve", "*"},
    Pattern{"shutil", "*"},
    Pattern{"signal", "*"},
    Pattern{"site", "*"},
    Pattern{"smtplib", "*"},
    Pattern{"socket", "*"},
    Pattern{"socketserver", "*"},
    Pattern{"ssl", "*"},
    Pattern{"subprocess", "*"},
    Pattern{"sys", "*"},
    Pattern{"tarfile", "*"},
    Pattern{"telnetlib", "*"},
    Pattern{"tempfile", "*"},
    Pattern{"thread", "*"},
    Pattern{"threading", "*"},
    Pattern{"timeit", "*"},
    Pattern{"trace", "*"},
    Pattern{"types", "*"},
    Pattern{"urllib", "*"},
    Pattern{"urllib2", "*"},
    Pattern{"uuid", "*"},
    Pattern{"venv", "*"},
    Pattern{"webbrowser", "*"},
    Pattern{"xmlrpc", "*"},
    Pattern{"zipfile", "*"},
    Pattern{"zipimport", "*"},
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

bool is_below(std::string_view module, std::string_view parent) {
  return module.starts_with(parent) &&
         (module.size() == parent.size() || module[parent.size()] == '.');
}

bool is_dangerous(std::string_view module, std::string_view name) {
  return std::ranges::any_of(dangerous, [&](const Pattern& pattern) {
    return pattern.name == "*" ? is_below(module, pattern.module)
                               : module == pattern.module && name == pattern.name;
  });
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
  for (const Pattern& pattern : harmless) {
    if (pattern.module == module && (pattern.name == "*" || pattern.name == name)) {
      return Global::harmless;
    }
  }
  return Global::unknown;
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

std::string to_text(const GlobalName& global) {
  return printable(global.module) + '.' + printable(global.name);
}

}  // namespace nn::io
