// The smallest program around an engine's C interface: loads a network, runs one picture and prints
// the results.
//
//     native_start ENGINE LIBRARY NETWORK PICTURE.f32
//
// Functions are found by name (ONNX Runtime's by their place in its table, to which later versions
// only append), so that no header of an engine is needed.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <stdexcept>
#include <string>

namespace {

constexpr std::size_t side = 28;
using Picture = std::array<float, side * side>;
using Result = std::array<float, 10>;

class Library {
 public:
  explicit Library(const char* path) : handle_(::dlopen(path, RTLD_LAZY)) {
    if (handle_ == nullptr) throw std::runtime_error(::dlerror());
  }

  template <class Function>
  Function find(const char* name) const {
    void* const found = ::dlsym(handle_, name);
    if (found == nullptr) throw std::runtime_error(std::string("there is no ") + name);
    return reinterpret_cast<Function>(found);
  }

  // Of a function that returns 0 when all is well.
  template <class... Arguments>
  void call(const char* name, Arguments... arguments) const {
    const int status = find<int (*)(Arguments...)>(name)(arguments...);
    if (status != 0) throw std::runtime_error(std::string(name) + ": " + std::to_string(status));
  }

 private:
  void* handle_;
};

Result result_at(const void* values) {
  Result result;
  std::memcpy(result.data(), values, sizeof result);
  return result;
}

Result onnx_runtime(const Library& library, const char* network, Picture& picture) {
  struct Base {
    void* const* (*table)(std::uint32_t version);
  };
  enum Place {  // in OrtApi
    create_env = 3,
    create_session = 7,
    run = 9,
    create_session_options = 10,
    set_intra_op_num_threads = 24,
    create_tensor_with_data = 49,
    get_tensor_data = 51,
    create_cpu_memory_info = 69,
  };
  void* const* const table = library.find<const Base* (*)()>("OrtGetApiBase")()->table(1);
  const auto call = [&]<class... Arguments>(Place place, Arguments... arguments) {
    const auto function = reinterpret_cast<void* (*)(Arguments...)>(table[place]);
    if (function(arguments...) != nullptr) {
      throw std::runtime_error("OrtApi " + std::to_string(place) + " failed");
    }
  };
  void *env, *options, *session, *memory, *x, *y = nullptr;
  constexpr int errors = 3, arena = 1, usual = 0, float32 = 1;
  const std::array<std::int64_t, 4> shape{1, 1, side, side};
  const char *const x_name = "x", *const y_name = "y";
  call(create_env, errors, "start", &env);
  call(create_session_options, &options);
  call(set_intra_op_num_threads, options, 1);
  call(create_session, env, network, options, &session);
  call(create_cpu_memory_info, arena, usual, &memory);
  call(create_tensor_with_data, memory, picture.data(), sizeof picture, shape.data(), shape.size(),
       float32, &x);
  call(run, session, static_cast<void*>(nullptr), &x_name, &x, std::size_t{1}, &y_name,
       std::size_t{1}, &y);
  void* values = nullptr;
  call(get_tensor_data, y, &values);
  return result_at(values);
}

Result openvino(const Library& library, const char* network, Picture& picture) {
  struct Dimension {
    std::int64_t least, most;
  };
  struct PartialShape {
    Dimension rank;
    const Dimension* dimensions;
  };
  struct Shape {
    std::int64_t rank;
    const std::int64_t* dimensions;
  };
  void *core, *model, *compiled, *request, *x, *y, *values;
  constexpr int float32 = 4;
  constexpr std::int64_t wide = side;
  const std::array<Dimension, 4> ranges{{{1, 1}, {1, 1}, {wide, wide}, {wide, wide}}};
  const std::array<std::int64_t, 4> sizes{1, 1, wide, wide};
  library.call("ov_core_create", &core);
  library.call("ov_core_read_model", core, network, static_cast<const char*>(nullptr), &model);
  library.call("ov_model_reshape_single_input", model, PartialShape{{4, 4}, ranges.data()});
  using Compile = int (*)(void*, void*, const char*, std::size_t, void**, ...);
  const auto compile = library.find<Compile>("ov_core_compile_model");
  if (compile(core, model, "CPU", 8, &compiled, "INFERENCE_NUM_THREADS", "1",
              "INFERENCE_PRECISION_HINT", "f32", "NUM_STREAMS", "1", "PERFORMANCE_HINT",
              "LATENCY") != 0) {
    throw std::runtime_error("ov_core_compile_model failed");
  }
  library.call("ov_compiled_model_create_infer_request", compiled, &request);
  library.call("ov_tensor_create_from_host_ptr", float32, Shape{4, sizes.data()},
               static_cast<void*>(picture.data()), &x);
  library.call("ov_infer_request_set_input_tensor", request, x);
  library.call("ov_infer_request_infer", request);
  library.call("ov_infer_request_get_output_tensor", request, &y);
  library.call("ov_tensor_data", y, &values);
  return result_at(values);
}

Result litert(const Library& library, const char* network, Picture& picture) {
  struct alignas(16) RankedType {
    char bytes[256];  // of unknown layout and less
  };
  void *env, *model, *options, *compiled, *graph, *x, *y, *x_buffer, *y_buffer;
  RankedType x_type, y_type;
  alignas(64) Result result;
  constexpr std::size_t first = 0, one = 1;
  constexpr int cpu = 1;
  const auto nothing = static_cast<void*>(nullptr);
  library.call("LiteRtCreateEnvironment", 0, nothing, &env);
  library.call("LiteRtCreateModelFromFile", env, network, &model);
  library.call("LiteRtCreateOptions", &options);
  library.call("LiteRtSetOptionsHardwareAccelerators", options, cpu);
  library.call("LiteRtCreateCompiledModel", env, model, options, &compiled);
  library.call("LiteRtGetModelSubgraph", model, first, &graph);
  library.call("LiteRtGetSubgraphInput", graph, first, &x);
  library.call("LiteRtGetSubgraphOutput", graph, first, &y);
  library.call("LiteRtGetRankedTensorType", x, &x_type);
  library.call("LiteRtGetRankedTensorType", y, &y_type);
  const char* const wrap = "LiteRtCreateTensorBufferFromHostMemory";
  library.call(wrap, &x_type, picture.data(), sizeof picture, nothing, &x_buffer);
  library.call(wrap, &y_type, result.data(), sizeof result, nothing, &y_buffer);
  library.call("LiteRtRunCompiledModel", compiled, first, one, &x_buffer, one, &y_buffer);
  return result;
}

using Engine = Result (*)(const Library&, const char* network, Picture&);

Engine engine_named(const std::string& name) {
  if (name == "ONNX Runtime") return onnx_runtime;
  if (name == "OpenVINO") return openvino;
  if (name == "LiteRT") return litert;
  throw std::runtime_error("no engine " + name);
}

void run(const std::string& engine, const char* library_path, const char* network,
         const char* picture_path) {
  alignas(64) Picture picture;
  std::FILE* const file = std::fopen(picture_path, "rb");
  if (file == nullptr || std::fread(picture.data(), sizeof picture, 1, file) != 1) {
    throw std::runtime_error(std::string("cannot read ") + picture_path);
  }
  const Library library(library_path);
  for (const float value : engine_named(engine)(library, network, picture)) {
    std::printf("%.9g\n", static_cast<double>(value));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: native_start ENGINE LIBRARY NETWORK PICTURE.f32\n", stderr);
    return 2;
  }
  try {
    run(argv[1], argv[2], argv[3], argv[4]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "native_start: %s\n", error.what());
    return 1;
  }
}
