#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The hostile corpus: files made to deceive a reader of weights, and honest ones that look strange,
// each with what has to come of it. Every file is harmless elsewhere too: what its pickles would run
// is a `touch` of a marker in the temporary folder.
namespace test::hostile {

// What opens a file.
enum class Reader { state_dict, onnx };

struct Case {
  std::string id;    // of the list in list.h: "Z11"
  std::string name;  // "flipped_weight", unique within the id
  std::string bytes;
  // What the message says, after the file's name; empty: the file is accepted.
  std::vector<std::string> fragments;
  // All tensors of an accepted file, or the whole ONNX model, as `described` (outcome.h) writes them.
  std::string tensors;

  Reader reader = Reader::state_dict;
  // Cases that are no file of these bytes. Makes what is opened in the folder and returns its path.
  std::function<std::filesystem::path(const std::filesystem::path& folder)> make;
  // What befalls the file between opening and reading.
  std::function<void(const std::filesystem::path&)> meanwhile;
  // Opened by a user who may do little, even where the test is run by root.
  bool as_nobody = false;

  std::string full_name() const { return id + "_" + name; }
};

inline Case refused(std::string id, std::string name, std::string bytes,
                    std::vector<std::string> fragments) {
  Case result;
  result.id = std::move(id);
  result.name = std::move(name);
  result.bytes = std::move(bytes);
  result.fragments = std::move(fragments);
  return result;
}
inline Case accepted(std::string id, std::string name, std::string bytes, std::string tensors) {
  Case result;
  result.id = std::move(id);
  result.name = std::move(name);
  result.bytes = std::move(bytes);
  result.tensors = std::move(tensors);
  return result;
}

using Cases = std::vector<Case>;
Cases any_file_cases();     // A
Cases zip_cases();          // Z
Cases pickle_cases();       // P, what a program may do
Cases checkpoint_cases();   // P, names and what a checkpoint holds
Cases tensor_cases();       // T
Cases legacy_cases();       // L
Cases safetensors_cases();  // S
Cases numpy_cases();        // N
Cases onnx_cases();         // O
Cases all_cases();

// What a pickle of the corpus would create if it were executed.
std::filesystem::path marker();

}  // namespace test::hostile
