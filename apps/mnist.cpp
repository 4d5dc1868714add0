#include <apps/mnist.h>
#include <filesystem>

#include <nn/io/idx.h>

namespace apps {
namespace {

namespace fs = std::filesystem;

// "t10k-images-idx3-ubyte", wherever and however it lies in the folder.
fs::path find_file(const std::string& folder, const std::string& stem, const std::string& kind) {
  for (const char* below : {"", "MNIST/raw", "raw"}) {
    for (const char* separator : {"-", "."}) {
      for (const char* ending : {"", ".gz"}) {
        fs::path path = fs::path(folder) / below / nn::concat(stem, separator, kind, ending);
        std::error_code ignored;
        if (fs::exists(path, ignored)) return path;
      }
    }
  }
  nn::fail(nn::printable(folder), ": expected ", stem, "-", kind, " or ", stem, "-", kind,
           ".gz in it: name a folder that holds MNIST's idx files");
}

}  // namespace

Mnist read_mnist(const std::string& folder, bool train) {
  const std::string set = train ? "train" : "t10k";
  const fs::path pictures_file = find_file(folder, set + "-images", "idx3-ubyte");
  const fs::path labels_file = find_file(folder, set + "-labels", "idx1-ubyte");
  Mnist data{nn::read_idx(pictures_file), nn::read_idx(labels_file)};
  const nn::Shape& shape = data.pictures.shape();
  if (shape.rank() != 3 || shape[1] != 28 || shape[2] != 28) {
    nn::fail(nn::printable(pictures_file.string()), ": expected pictures [N, 28, 28], got ", shape);
  }
  if (data.labels.shape() != nn::Shape({shape[0]})) {
    nn::fail(nn::printable(labels_file.string()), ": expected ", shape[0],
             " labels as there are pictures, got ", data.labels.shape());
  }
  if (shape[0] == 0)
    nn::fail(nn::printable(pictures_file.string()), ": expected pictures, got none");
  for (const std::uint8_t label : data.labels.as<std::uint8_t>()) {
    if (label > 9)
      nn::fail(nn::printable(labels_file.string()), ": expected labels 0 to 9, got ", int{label});
  }
  return data;
}

}  // namespace apps
