#include "small_files.h"

#include "../io/npy_writer.h"
#include "../io/onnx_writer.h"
#include "../io/safetensors_writer.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

std::string zip_of(std::vector<ZipItem> items, bool deflate, bool without_crc, ZipStyle style) {
  for (ZipItem& item : items) {
    item.deflate = deflate;
    item.without_crc = without_crc;
  }
  return make_zip(items, style).bytes;
}

std::string legacy_stream() {
  using namespace pickle;
  return LegacyFile{dict({{"w", tensor(stream_storage("7", 6), {2, 3}, {3, 1})}}),
                    {{"7", 6, floats({0, 1, 2, 3, 4, 5})}}}
      .bytes();
}

// A whole pickled module: its tensor is found by walking the objects.
std::string module_file() {
  using namespace pickle;
  TorchFile file = honest_file();
  file.program = global("my.models", "Net") + ")\x81" +
                 dict({{"_parameters",
                        ordered_dict() + text("w") + tensor(storage("0", 6), {3, 2}, {1, 3}) + "s"},
                       {"_buffers", ordered_dict()},
                       {"_modules", ordered_dict()}}) +
                 "b";
  return file.bytes();
}

std::vector<ZipItem> torch_script() {
  using namespace pickle;
  const std::string net =
      global("__torch__", "Net") + ")\x81" +
      dict({{"training", "\x89"}, {"w", tensor(storage("0", 6), {2, 3}, {3, 1})}}) + "b";
  return {{"m/data.pkl", proto() + net + "."},
          {"m/data/0", floats({0, 1, 2, 3, 4, 5})},
          {"m/constants.pkl", proto() + "()t."},
          {"m/code/__torch__.py",
           "class Net(Module):\n  __parameters__ = [\"w\", ]\n  __buffers__ = []\n"
           "  training : bool\n  w : Tensor\n"},
          {"m/version", "3\n"}};
}

std::vector<ZipItem> torch_script_of_2019() {
  return {{"m/version", "1\n"},
          {"m/model.json",
           R"({"mainModule":{"name":"Net","parameters":[{"name":"w","tensorId":"0"}]},)"
           R"("tensors":[{"dims":["3"],"strides":["1"],"offset":"0","dataType":"FLOAT",)"
           R"("data":{"key":"tensors/0"}}]})"},
          {"m/tensors/0", floats({1, 2, 3})}};
}

std::string written_by_pytorch(const std::string& name) {
  return contents(std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/io" / name);
}

}  // namespace

std::vector<SmallFile> small_files() {
  const auto items = honest_file().items();
  const std::string array = npy_of("'<f4'", "(2, 3)", floats({0, 1, 2, 3, 4, 5}));
  const std::vector<ZipItem> arrays = {{"a.npy", array}, {"b.npy", npy_of("'|u1'", "(1,)", "x")}};
  return {
      {"torch_zip", zip_of(items, false, false, ZipStyle::torch), true},
      {"torch_zip_deflated", zip_of(items, true, false, ZipStyle::plain), true},
      {"torch_zip_without_crc", zip_of(items, false, true, ZipStyle::torch), false},
      {"torch_zip_of_a_module", module_file(), true},
      {"torch_zip_of_pytorch", written_by_pytorch("list.pt"), true},
      {"torch_zip_of_pytorch_with_views", written_by_pytorch("views.pt"), true},
      {"torch_zip_of_pytorch_without_crc", written_by_pytorch("no_crc.pt"), false},
      {"torch_script", zip_of(torch_script(), false, false, ZipStyle::torch), true},
      {"torch_script_of_2019", zip_of(torch_script_of_2019(), false, false, ZipStyle::torch), true},
      {"legacy", legacy_stream(), false},
      {"safetensors",
       safetensors(
           R"({"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[1],"data_offsets":[12,20]},)"
           R"("w":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]}})",
           floats({1, 2, 3}) + u64(7)),
       false},
      {"npy", array, false},
      {"npz", zip_of(arrays, false, false, ZipStyle::torch), true},
      {"npz_deflated", zip_of(arrays, true, false, ZipStyle::plain), true},
      {"onnx", onnx::small_model(), false, Reader::onnx},
  };
}

}  // namespace test::hostile
