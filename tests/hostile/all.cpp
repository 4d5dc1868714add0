#include <iterator>

#include "case.h"

namespace test::hostile {

Cases all_cases() {
  Cases all;
  for (const auto cases : {any_file_cases, zip_cases, pickle_cases, checkpoint_cases, tensor_cases,
                           legacy_cases, safetensors_cases, numpy_cases, onnx_cases}) {
    Cases more = cases();
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  }
  return all;
}

std::filesystem::path marker() {
  return std::filesystem::temp_directory_path() / "rushlight_hostile_marker";
}

}  // namespace test::hostile
