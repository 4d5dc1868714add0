// Files that PyTorch, safetensors and NumPy wrote, against the values that PyTorch reads from them
// (tools/make_io_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include <nn/io/state_dict.h>

#include "bytes.h"

namespace {

using namespace test;
using nn::StateDict;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/io";

struct Expected {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> sizes;
  std::string values;  // hex, "empty" or "unreadable"
};

std::map<std::string, std::vector<Expected>> read_expected() {
  std::map<std::string, std::vector<Expected>> files;
  std::ifstream lines(folder / "expected.txt");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string file;
    std::string sizes;
    Expected expected;
    std::getline(fields, file, '\t');
    std::getline(fields, expected.name, '\t');
    std::getline(fields, expected.dtype, '\t');
    std::getline(fields, sizes, '\t');
    std::getline(fields, expected.values, '\t');
    std::istringstream numbers(sizes == "-" ? "" : sizes);
    for (std::string number; std::getline(numbers, number, ',');) {
      expected.sizes.push_back(std::stoll(number));
    }
    files[file].push_back(expected);
  }
  return files;
}

std::string hex(const nn::Tensor& tensor) {
  std::string text;
  for (const std::byte byte : tensor.view().bytes()) {
    text += "0123456789abcdef"[std::to_integer<int>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(byte) & 15];
  }
  return text.empty() ? "empty" : text;
}

std::string everything(const StateDict& state) {
  std::string text;
  for (const auto& entry : state.entries()) {
    text += entry.name + to_text(entry.shape) + hex(state.read(entry.name));
  }
  return text;
}

TEST(Golden, EveryFileReadsAsPyTorchReadsIt) {
  const auto files = read_expected();
  EXPECT_GE(files.size(), 14U);
  for (const auto& [file, tensors] : files) {
    SCOPED_TRACE(file);
    const StateDict state = StateDict::open(folder / file);
    state.verify();
    ASSERT_EQ(state.entries().size(), tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto& entry = state.entries()[i];
      EXPECT_EQ(entry.name, tensors[i].name);
      EXPECT_EQ(entry.dtype, tensors[i].dtype) << entry.name;
      EXPECT_EQ(entry.shape, nn::Shape(tensors[i].sizes)) << entry.name;
      if (tensors[i].values == "unreadable") {
        EXPECT_THAT(refusal([&] { state.read(entry.name); }),
                    AllOf(HasSubstr("tensor '" + entry.name), HasSubstr("cannot be used")));
      } else {
        EXPECT_EQ(hex(state.read(entry.name)), tensors[i].values) << entry.name;
      }
    }
  }
}

TEST(Golden, AWholeModuleAndALegacyStreamAreRefusedWithAdvice) {
  EXPECT_THAT(refusal([] { StateDict::open(folder / "module.pt"); }),
              AllOf(HasSubstr("torch.nn.modules.container.Sequential"),
                    HasSubstr("torch.save(model.state_dict(), path)")));
  EXPECT_THAT(refusal([] { StateDict::open(folder / "legacy.pt"); }), HasSubstr("re-save"));
}

TEST(Golden, N5AnArrayOfObjectsIsRefused) {
  EXPECT_THAT(refusal([] { StateDict::open(folder / "objects.npy"); }),
              HasSubstr("is a pickle, which is never executed"));
}

TEST(Golden, A7EveryTruncationIsRefused) {
  const std::string whole = contents(folder / "views.pt");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_NE(refusal([&] { StateDict::from_bytes(as_bytes(whole.substr(0, length)), "cut.pt"); }),
              "accepted")
        << length;
  }
}

void expect_no_flip_changes_values(const std::string& whole) {
  const std::string expected = everything(StateDict::from_bytes(as_bytes(whole), "whole.pt"));
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    std::string got;
    const std::string message =
        refusal([&] { got = everything(StateDict::from_bytes(as_bytes(flipped), "flipped.pt")); });
    if (message == "accepted") {
      ++accepted;
      ASSERT_EQ(got, expected) << "bit " << bit;
    } else {
      ASSERT_THAT(message, StartsWith("flipped.pt: "));
    }
  }
  EXPECT_LT(accepted, whole.size() * 4);
}

TEST(Golden, A8NoFlippedBitChangesAValue) {
  expect_no_flip_changes_values(contents(folder / "list.pt"));
}

TEST(Golden, A8AFlippedBitWithoutChecksumsNeverCrashes) {
  const std::string whole = contents(folder / "no_crc.pt");
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    refusal([&] { everything(StateDict::from_bytes(as_bytes(flipped), "flipped.pt")); });
  }
}

}  // namespace
