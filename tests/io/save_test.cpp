#include <array>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include <nn/io/crc32.h>
#include <nn/io/save.h>
#include <nn/io/zip.h>

#include "temporary_folder.h"

namespace {

using namespace test;
using nn::DType;
using nn::SaveFormat;
using nn::Shape;
using nn::StateDict;
using nn::Tensor;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path golden = fs::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden";
constexpr std::array formats = {SaveFormat::torch, SaveFormat::safetensors, SaveFormat::npz};

// Names, types, shapes and bytes of all tensors, in the order of their names.
std::string everything(const StateDict& state) {
  std::map<std::string, std::string> texts;
  for (const auto& entry : state.entries()) {
    const Tensor values = state.read(entry.name);
    std::string& text = texts[entry.name];
    text = entry.name + ' ' + to_text(values.spec()) + ' ';
    text.append(nn::io::text_of(values.view().bytes()));
  }
  std::string all;
  for (const auto& [name, text] : texts) all += text;
  return all;
}

class Save : public testing::Test {
 protected:
  fs::path saved(const StateDict& state, SaveFormat format, const nn::SaveOptions& options = {}) {
    const fs::path path = folder_ / std::string(name_of(format));
    nn::save(path, state, format, options);
    return path;
  }
  std::string refusal_of(const StateDict& state, SaveFormat format,
                         const nn::SaveOptions& options = {}) {
    return refusal([&] { saved(state, format, options); });
  }

  Folder folder_;
};

TEST_F(Save, EveryFormatHasTheSameValuesToTheBit) {
  for (const char* file : {"io/views.pt", "io/state_dict.pt", "io/checkpoint.pt", "io/list.pt",
                           "io/single.pt", "io/sharded.safetensors.index.json", "io/arrays.npz",
                           "io/fortran.npy", "save/plain.safetensors"}) {
    const StateDict state = StateDict::open(golden / file);
    for (const SaveFormat format : formats) {
      SCOPED_TRACE(nn::concat(file, " as ", name_of(format)));
      if (format == SaveFormat::npz && std::string_view(file) == "save/plain.safetensors") continue;
      const StateDict again = StateDict::open(saved(state, format));
      again.verify();
      EXPECT_EQ(again.entries().size(), state.entries().size());
      EXPECT_EQ(everything(again), everything(state));
    }
  }
}

TEST_F(Save, SafetensorsAreTheBytesThatTheLibraryWrites) {
  for (const char* name : {"save/plain.safetensors", "save/all.safetensors"}) {
    const fs::path file = golden / name;
    const StateDict state = StateDict::open(file);
    EXPECT_EQ(contents(saved(state, SaveFormat::safetensors)), contents(file));
    const fs::path by_torch = saved(state, SaveFormat::torch);
    EXPECT_EQ(contents(saved(StateDict::open(by_torch), SaveFormat::safetensors)), contents(file));
  }
}

TEST_F(Save, TheOrderOfTheTensorsStaysWhereTheFormatHasOne) {
  StateDict state;
  for (const char* name : {"b", "a", "c"}) state.set(name, nn::tensor({1}));
  for (const SaveFormat format : {SaveFormat::torch, SaveFormat::npz}) {
    const StateDict again = StateDict::open(saved(state, format));
    EXPECT_EQ(again.entries()[0].name, "b");
    EXPECT_EQ(again.entries()[1].name, "a");
    EXPECT_EQ(again.entries()[2].name, "c");
  }
}

TEST_F(Save, TiedWeightsShareTheirStorageInATorchFile) {
  const StateDict state = StateDict::open(golden / "io/views.pt");
  const auto index_of = [](const StateDict& dict, std::string_view name) {
    return static_cast<std::size_t>(dict.find(name) - dict.entries().data());
  };
  EXPECT_EQ(state.original_of(index_of(state, "tied_b")), index_of(state, "tied_a"));
  EXPECT_EQ(state.original_of(index_of(state, "tail")), index_of(state, "tail"));
  const StateDict again = StateDict::open(saved(state, SaveFormat::torch));
  EXPECT_EQ(again.original_of(index_of(again, "tied_b")), index_of(again, "tied_a"));
  EXPECT_EQ(again.original_of(index_of(again, "tail")), index_of(again, "tail"));
  const StateDict copies = StateDict::open(saved(state, SaveFormat::npz));
  EXPECT_EQ(copies.original_of(index_of(copies, "tied_b")), index_of(copies, "tied_b"));
}

TEST_F(Save, ATensorSetInCodeIsNoLongerTiedToTheOneInTheFile) {
  StateDict state = StateDict::open(golden / "io/views.pt");
  state.set("tied_a", nn::tensor({1, 2}));
  EXPECT_EQ(everything(StateDict::open(saved(state, SaveFormat::torch))), everything(state));
}

TEST_F(Save, ManyTensorsNeedLongMemoIndicesAndSeveralBatches) {
  StateDict state;
  for (int i = 0; i < 2500; ++i) state.set(nn::concat("layer", i), nn::tensor({float(i)}));
  for (const SaveFormat format : formats) {
    EXPECT_EQ(everything(StateDict::open(saved(state, format))), everything(state));
  }
}

TEST_F(Save, TheZipsAreAlignedAndHaveTheirChecksums) {
  const StateDict state = StateDict::open(golden / "io/views.pt");
  for (const SaveFormat format : {SaveFormat::torch, SaveFormat::npz}) {
    const fs::path path = saved(state, format);
    const std::string bytes = contents(path);
    const nn::io::ZipArchive archive(nn::io::open_file(path));
    for (const auto& entry : archive.entries()) {
      archive.verify(entry);
      EXPECT_EQ(entry.crc == 0, entry.size == 0) << entry.name;
      EXPECT_EQ(entry.flags, 0x0800) << entry.name;
      const auto length = [&](std::size_t at) {
        const auto low = static_cast<unsigned char>(bytes[entry.local_header + at]);
        return low + 256U * static_cast<unsigned char>(bytes[entry.local_header + at + 1]);
      };
      EXPECT_EQ((entry.local_header + 30 + length(26) + length(28)) % 64, 0U) << entry.name;
    }
  }
}

TEST(Crc32, OfNothingIsWhatItWasBefore) {
  const std::string text = "rushlight";
  const std::uint32_t before = nn::io::crc32(std::as_bytes(std::span(text)));
  EXPECT_EQ(nn::io::crc32({}, before), before);
  EXPECT_EQ(nn::io::crc32({}), 0U);
}

TEST_F(Save, ConvertsFloatingPointTensorsOnly) {
  StateDict state;
  state.set("w", nn::tensor({1, -2.5F, 1e-3F}));
  state.set("steps",
            Tensor::from(std::span<const std::int64_t>(std::array<std::int64_t, 1>{3}), Shape{}));
  for (const SaveFormat format : formats) {
    const StateDict again =
        StateDict::open(saved(state, format, {.dtype = DType::float16, .progress = {}}));
    EXPECT_EQ(again.find("w")->dtype, "float16");
    EXPECT_EQ(again.find("steps")->dtype, "int64");
    EXPECT_EQ(to_text(again.read("w")), to_text(nn::to(state.read("w"), DType::float16)));
  }
}

TEST_F(Save, RefusesToMakeAFiniteValueInfinite) {
  StateDict state;
  state.set("fc.bias", nn::tensor({1, INFINITY, 70000}));
  EXPECT_THAT(refusal_of(state, SaveFormat::torch, {.dtype = DType::float16, .progress = {}}),
              AllOf(HasSubstr("tensor 'fc.bias': its value 70000 is too large for float16"),
                    HasSubstr("bfloat16")));
  EXPECT_EQ(refusal_of(state, SaveFormat::torch, {.dtype = DType::bfloat16, .progress = {}}),
            "accepted");
  EXPECT_THAT(refusal_of(state, SaveFormat::torch, {.dtype = DType::int8, .progress = {}}),
              HasSubstr("not as int8"));
}

TEST_F(Save, RefusesWhatAFormatCannotHoldByNameAndWritesNothing) {
  StateDict state;
  EXPECT_THAT(refusal_of(state, SaveFormat::torch), HasSubstr("no tensors"));
  state.set("half", nn::to(nn::tensor({1}), DType::bfloat16));
  EXPECT_THAT(refusal_of(state, SaveFormat::npz),
              AllOf(HasSubstr("tensor 'half': NumPy has no bfloat16"), HasSubstr("float32")));
  state = {};
  state.set("__metadata__", nn::tensor({1}));
  EXPECT_THAT(refusal_of(state, SaveFormat::safetensors), HasSubstr("rename it"));
  state = {};
  state.set("../w", nn::tensor({1}));
  EXPECT_THAT(refusal_of(state, SaveFormat::npz), HasSubstr("'../w.npy'"));
  state = {};
  state.set("\xFF", nn::tensor({1}));
  EXPECT_THAT(refusal_of(state, SaveFormat::torch), HasSubstr("'\\xff' is not UTF-8"));
  EXPECT_THAT(folder_.names(), ElementsAre());
}

TEST_F(Save, RefusesATensorThatCannotBeReadByName) {
  const StateDict state = StateDict::open(golden / "io/others.pt");
  EXPECT_THAT(refusal_of(state, SaveFormat::torch), HasSubstr("cannot be used"));
  EXPECT_THAT(folder_.names(), ElementsAre());
}

TEST_F(Save, C5TheOutputMayBeTheInput) {
  const fs::path path = folder_.file("net", contents(golden / "io/views.pt"));
  const std::string before = everything(StateDict::open(path));
  nn::save(path, StateDict::open(path), SaveFormat::safetensors);
  EXPECT_EQ(StateDict::open(path).format(), "safetensors");
  EXPECT_EQ(everything(StateDict::open(path)), before);
}

TEST_F(Save, TellsItsProgressAndEndsWhenThatThrows) {
  StateDict state;
  state.set("a", nn::tensor({1, 2}));
  state.set("b", nn::tensor({3}));
  std::vector<std::uint64_t> steps;
  nn::SaveOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(total, 12U);
    steps.push_back(done);
  };
  saved(state, SaveFormat::torch, options);
  EXPECT_THAT(steps, ElementsAre(8, 12));
  fs::remove(folder_ / "torch");
  options.progress = [](std::uint64_t, std::uint64_t) { nn::fail("interrupted"); };
  EXPECT_EQ(refusal_of(state, SaveFormat::torch, options), "interrupted");
  EXPECT_THAT(folder_.names(), ElementsAre());
}

TEST(SaveFormat, IsToldByTheEndOfAPathOrByItsName) {
  EXPECT_EQ(nn::save_format_of("a/net.pt"), SaveFormat::torch);
  EXPECT_EQ(nn::save_format_of("net.v2.pth"), SaveFormat::torch);
  EXPECT_EQ(nn::save_format_of("net.npz"), SaveFormat::npz);
  EXPECT_EQ(nn::save_format_of("net.safetensors"), SaveFormat::safetensors);
  EXPECT_EQ(nn::save_format_of("safetensors"), std::nullopt);
  EXPECT_EQ(nn::save_format_of("net.onnx"), std::nullopt);
  for (const SaveFormat format : formats) {
    EXPECT_EQ(nn::save_format_named(name_of(format)), format);
  }
  EXPECT_EQ(nn::save_format_named("pt"), std::nullopt);
}

}  // namespace
