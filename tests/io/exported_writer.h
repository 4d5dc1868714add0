#pragma once

#include <string>
#include <utility>
#include <vector>

#include "zip_writer.h"

namespace test {

// A small program of torch.export as PyTorch 2.15 writes it: y = x * w for x, w float32 [2, 3], w
// being 0 … 5; each part may be replaced by another.
struct ExportedFile {
  static std::string meta(const std::string& sizes = R"([{"as_int":2},{"as_int":3}])",
                          const std::string& strides = R"([{"as_int":3},{"as_int":1}])") {
    return nn::concat(R"({"dtype":7,"sizes":)", sizes, R"(,"requires_grad":false,"device":)",
                      R"({"type":"cpu","index":null},"strides":)", strides,
                      R"(,"storage_offset":{"as_int":0},"layout":7})");
  }

  std::string model = nn::concat(
      R"({"graph_module":{"graph":{"inputs":[{"as_tensor":{"name":"p_w"}},{"as_tensor":{"name":"x"}}],)"
      R"("outputs":[{"as_tensor":{"name":"y"}}],"nodes":[{"target":"torch.ops.aten.mul.Tensor",)"
      R"("name":"mul","inputs":[{"name":"self","arg":{"as_tensor":{"name":"x"}},"kind":1},)"
      R"({"name":"other","arg":{"as_tensor":{"name":"p_w"}},"kind":1}],)"
      R"("outputs":[{"as_tensor":{"name":"y"}}]}],"tensor_values":{"p_w":)",
      meta(), R"(,"x":)", meta(), R"(,"y":)", meta(),
      R"(},"sym_int_values":{}},"signature":{"input_specs":[{"parameter":{"arg":{"name":"p_w"},)"
      R"("parameter_name":"w"}},{"user_input":{"arg":{"as_tensor":{"name":"x"}}}}],)"
      R"("output_specs":[{"user_output":{"arg":{"as_tensor":{"name":"y"}}}}]},)"
      R"("module_call_graph":[]},"range_constraints":{"s0":{"min_val":1,"max_val":64}},)"
      R"("schema_version":{"major":8,"minor":20},"verifiers":["TRAINING"],"torch_version":"2.15.0"})");
  std::string config = nn::concat(
      R"({"config":{"w":{"path_name":"weight_0","is_param":true,"use_pickle":false,"tensor_meta":)",
      meta(), "}}}");
  std::string weight = floats({0, 1, 2, 3, 4, 5});
  std::string format = "pt2";
  std::string version = "0";
  std::string byteorder = "little";
  std::vector<ZipItem> extra{};

  // Replaces the first occurrence, which there has to be, in the model or the config.
  ExportedFile& replace(const std::string& what, const std::string& by) {
    for (std::string* text : {&model, &config}) {
      const std::size_t at = text->find(what);
      if (at == std::string::npos) continue;
      text->replace(at, what.size(), by);
      return *this;
    }
    model = "the test replaces what is not there";
    return *this;
  }

  std::vector<ZipItem> items() const {
    std::vector<ZipItem> all = {
        {"m/data/weights/weight_0", weight},
        {"m/data/weights/model_weights_config.json", config},
        {"m/data/constants/model_constants_config.json", R"({"config":{}})"},
        {"m/models/model.json", model},
        {"m/data/sample_inputs/model.pt", "never opened"},
        {"m/archive_format", format},
        {"m/archive_version", version},
        {"m/.data/version", "6\n"},
        {"m/byteorder", byteorder},
    };
    all.insert(all.end(), extra.begin(), extra.end());
    return all;
  }
  std::string bytes() const { return make_zip(items()).bytes; }
};

}  // namespace test
