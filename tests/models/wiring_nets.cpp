#include "wiring_nets.h"

#include <fstream>
#include <sstream>

#include "formula.h"

namespace {

nn::Shape sizes_from(const std::string& text) {
  std::vector<std::int64_t> sizes;
  if (text != "-") {
    std::istringstream in(text);
    for (std::string size; std::getline(in, size, ',');) sizes.push_back(std::stoll(size));
  }
  return nn::Shape(sizes);
}

void read_tensor(std::istream& words, nn::StateDict& state_dict) {
  std::string name;
  std::string dtype;
  std::string sizes;
  std::uint64_t seed = 0;
  words >> name >> dtype >> sizes >> seed;
  const nn::Shape shape = sizes_from(sizes);
  if (dtype == "float32") {
    state_dict.set(name, formula_parameter(name, shape, seed));
  } else {
    state_dict.set(name, nn::Tensor(shape, *nn::dtype_named(dtype)));
  }
}

}  // namespace

std::vector<WiringNet> wiring_nets(const std::string& file) {
  std::ifstream in(RUSHLIGHT_SOURCE_DIR "/tests/golden/wiring/" + file);
  if (!in) nn::fail("no golden file ", file);
  std::vector<WiringNet> nets;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "net") {
      words >> nets.emplace_back().name;
    } else if (kind == "input") {
      std::int64_t c = 0;
      std::int64_t h = 0;
      std::int64_t w = 0;
      words >> c >> h >> w;
      nets.back().picture = {c, h, w};
    } else if (kind == "refused") {
      nets.back().refused = true;
    } else if (kind == "option") {
      auto& [option, value] = nets.back().truth.emplace_back();
      words >> option >> value;
    } else if (kind == "tensor") {
      read_tensor(words, nets.back().state_dict);
    } else if (kind == "same") {
      std::string name;
      std::string first;
      words >> name >> first;
      nets.back().state_dict.set(name, nets.back().state_dict.read(first));
    } else if (kind == "y") {
      std::size_t classes = 0;
      words >> classes;
      nets.back().y.resize(3 * classes);
      for (double& value : nets.back().y) in >> value;
    }
  }
  return nets;
}

nn::Tensor inputs_of(const WiringNet& net) {
  nn::Tensor x = formula({3, net.picture[0], net.picture[1], net.picture[2]}, 99);
  for (float& value : x.f32()) value *= 2;
  return x;
}
