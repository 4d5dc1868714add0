#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include <nn/io/save.h>

#include "../io/torch_writer.h"
#include "program.h"

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
namespace tp = test::pickle;

class Doctor : public testing::Test {
 protected:
  // The findings by their ids.
  std::map<std::string, json> findings(const std::string& file, int exit_code) {
    const Outcome outcome = rushlight({"doctor", "--json", file});
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out << outcome.err;
    std::map<std::string, json> found;
    if (outcome.out.empty()) return found;
    const json answer = json::parse(outcome.out);
    EXPECT_EQ(answer["usable"], exit_code == 0);
    for (const json& finding : answer["findings"]) found[finding["id"]] = finding;
    return found;
  }
  json found(const std::string& file, const std::string& id, int exit_code) {
    const auto all = findings(file, exit_code);
    EXPECT_TRUE(all.contains(id)) << id << " in " << json(all);
    return all.contains(id) ? all.at(id) : json();
  }
  // Of a file with this content, which cannot be used.
  json illness(const std::string& name, const std::string& content, const std::string& id) {
    const json finding = found(folder_.file(name, content), id, 1);
    EXPECT_EQ(finding["severity"], "error");
    return finding;
  }
  std::string saved(const std::string& name, const nn::StateDict& state) {
    const std::string path = folder_.path() + "/" + name;
    nn::save(path, state, *nn::save_format_of(path));
    return path;
  }

  TemporaryFolder folder_;
};

std::string golden(const std::string& name) { return source_path("tests/golden/" + name); }

TEST_F(Doctor, FindsNothingWrongWithGoodWeights) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  EXPECT_THAT(findings(file, 0), IsEmpty());
  EXPECT_THAT(rushlight({"doctor", file}).out, HasSubstr("nothing is wrong"));
}

TEST_F(Doctor, AMissingFileIsAnErrorOfItsOwn) {
  const Outcome outcome = rushlight({"doctor", folder_.path() + "/none.pt"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("cannot open the file"));
}

TEST_F(Doctor, TellsWhatIsNoFileOfWeightsAtAll) {
  EXPECT_THAT(
      illness("w.pt", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1725820\n",
              "git_lfs_pointer"),
      AllOf(Contains(HasSubstr("1.7 MB")), Contains(HasSubstr("lfs pull --include '*w.pt'"))));
  EXPECT_THAT(illness("w.pt", "<!DOCTYPE html><title>huggingface</title>", "web_page"),
              AllOf(Contains(HasSubstr("/resolve/")), Contains(StartsWith("curl -fL -o"))));
  EXPECT_THAT(illness("w.pt", "", "empty"), Contains(HasSubstr("0 bytes")));
  EXPECT_THAT(illness("w.pt.gz", test::gzipped("weights"), "compressed"),
              AllOf(Contains(HasSubstr("gzip")), Contains(StartsWith("gunzip -c "))));
  EXPECT_THAT(illness("w.7z", "7z\xBC\xAF\x27\x1C and more", "compressed"),
              Contains(StartsWith("7z x ")));
  std::string tar(512, '\0');
  tar.replace(0, 8, "model.pt").replace(257, 5, "ustar");
  EXPECT_THAT(illness("w.tar", tar, "compressed"), Contains(StartsWith("tar -xf ")));
  EXPECT_THAT(illness("w.zip", test::make_zip({{"net/model.pth", "x"}}).bytes, "compressed"),
              AllOf(Contains(HasSubstr("'net/model.pth'")), Contains(StartsWith("unzip "))));
  EXPECT_THAT(illness("w.keras", test::make_zip({{"model.weights.h5", "x"}}).bytes, "keras"),
              Contains(HasSubstr("keras.saving.load_model")));
  EXPECT_THAT(illness("w.h5", "\x89HDF\r\n\x1A\n more of it", "keras"),
              Contains(HasSubstr("HDF5")));
  EXPECT_THAT(illness("w.onnx", std::string("\x08\x0A\x12\x07pytorch:\x00", 12), "onnx"),
              Contains(HasSubstr("to_array")));
  EXPECT_THAT(
      illness("w.pt2", test::make_zip({{"w/archive_format", "pt2"}}).bytes, "exported_program"),
      Contains(HasSubstr("torch.export.load")));
  EXPECT_THAT(illness("w.pkl", std::string("\x80\x04}.", 4), "bare_pickle"),
              Contains(HasSubstr("state_dict")));
  EXPECT_THAT(
      illness("w.pt", "Entry not found\n", "text"),
      AllOf(Contains(HasSubstr("'Entry not found…'")), Contains(StartsWith("curl -fL -o"))));
  EXPECT_THAT(illness("w.json", R"({"error":"Repository not found"})", "text"),
              Contains(HasSubstr("Repository not found")));
  EXPECT_THAT(illness("w.pt", "neither this \x01 nor that", "unknown_format"),
              Contains(StartsWith("file ")));
}

TEST_F(Doctor, SaysHowMuchOfACutFileIsMissing) {
  const std::string zip = content_of(golden("io/views.pt"));
  EXPECT_THAT(illness("cut.pt", zip.substr(0, 1000), "truncated"),
              AllOf(Contains(HasSubstr("1.0 kB")), Contains(StartsWith("curl -fL -C - "))));
  const std::string whole = content_of(golden("io/state_dict.safetensors"));
  EXPECT_THAT(illness("cut.safetensors", whole.substr(0, whole.size() - 7), "truncated"),
              Contains(HasSubstr("7 of " + std::to_string(whole.size()) + " bytes are missing")));
  EXPECT_THAT(illness("cut.safetensors", whole.substr(0, 100), "truncated"),
              Contains(HasSubstr("bytes are missing")));
  const std::string stream = content_of(golden("io/legacy.pt"));
  illness("cut.pth", stream.substr(0, stream.size() / 2), "truncated");
  illness("cut.pth", stream.substr(0, stream.size() - 3), "truncated");
}

TEST_F(Doctor, SeesWhereAnArchiveEndsAndWhatFollowsIt) {
  const std::string zip = content_of(golden("io/views.pt"));
  EXPECT_THAT(illness("longer.pt", zip + std::string(100, 'x'), "trailing_bytes"),
              AllOf(Contains(HasSubstr(" 100 more follow")),
                    Contains(StartsWith("head -c " + std::to_string(zip.size()) + " "))));
}

TEST_F(Doctor, SeesDamage) {
  std::string content = content_of(source_path("weights/mnist_convnet.pt"));
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  EXPECT_THAT(illness("flipped.pt", content, "damaged"), Contains(HasSubstr("checksum")));
}

TEST_F(Doctor, SeesWhatPicklesWouldDo) {
  using namespace tp;
  const std::string weights = text("w") + tensor(storage("0", 2), {2}, {1});
  const auto with = [&](const std::string& module, const std::string& name) {
    test::TorchFile file;
    file.program = "}(" + weights + text("x") + call(module, name, {text("touch marker")}) + "u";
    file.storages = {{"0", test::floats({1, 2})}};
    return file.bytes();
  };
  EXPECT_THAT(illness("evil.pt", with("posix", "system"), "dangerous_pickle"),
              AllOf(Contains(HasSubstr("'posix.system'")), Contains(HasSubstr("was executed"))));
  const std::string odd = folder_.file("odd.pt", with("my.tools", "maker"));
  const json finding = found(odd, "unknown_calls", 0);
  EXPECT_EQ(finding["severity"], "warning");
  EXPECT_THAT(finding["command"].get<std::string>(), HasSubstr("--skip-unknown"));
}

TEST_F(Doctor, SeesThatAChoiceOfWeightsIsTheUsers) {
  using namespace tp;
  test::TorchFile file;
  const std::string nets = dict({{"netG", dict({{"w", tensor(storage("0", 2), {2}, {1})}})},
                                 {"netD", dict({{"w", tensor(storage("0", 2), {2}, {1})}})}});
  file.program = nets;
  file.storages = {{"0", test::floats({1, 2})}};
  EXPECT_THAT(illness("gan.pt", file.bytes(), "several_weights"),
              Contains(HasSubstr("--key netG")));

  file.program = dict({{"model", dict({{"w", tensor(storage("0", 2), {2}, {1})}})},
                       {"my ema, 'b'", dict({{"w", tensor(storage("0", 2), {1}, {1})}})}});
  const std::string averaged = folder_.file("ema.pt", file.bytes());
  EXPECT_THAT(found(averaged, "several_weights", 1)["command"].get<std::string>(),
              EndsWith(" --key model"));
  file.program = dict({{"my ema, 'b'", dict({{"w", tensor(storage("0", 2), {2}, {1})}})},
                       {"my net", dict({{"w", tensor(storage("0", 2), {1}, {1})}})}});
  const std::string quoted = folder_.file("quoted.pt", file.bytes());
  EXPECT_THAT(found(quoted, "several_weights", 1)["command"].get<std::string>(),
              EndsWith(R"( --key 'my ema, '\''b'\''')"));
}

TEST_F(Doctor, SeesAShardThatIsNotThere) {
  illness("model.safetensors.index.json", R"({"weight_map":{"w":"model-1.safetensors"}})",
          "missing_shard");
}

TEST_F(Doctor, SeesValuesThatCannotBeWeights) {
  nn::StateDict state;
  state.set("fc.weight", nn::tensor({1, NAN}));
  state.set("mask", nn::tensor({0, -INFINITY}));
  state.set("bn1.weight", nn::tensor({1, 1}));
  state.set("bn1.bias", nn::tensor({0, 0}));
  state.set("bn1.running_mean", nn::tensor({0, 0}));
  state.set("bn1.running_var", nn::tensor({1, -0.5F}));
  const std::string file = saved("net.pt", state);
  EXPECT_THAT(found(file, "nan_weights", 1)["message"].get<std::string>(),
              HasSubstr("'fc.weight' holds NaN"));
  EXPECT_EQ(found(file, "infinite_weights", 1)["severity"], "warning");
  EXPECT_EQ(found(file, "negative_variance", 1)["severity"], "error");
  EXPECT_FALSE(findings(file, 1).contains("missing_statistics"));
}

TEST_F(Doctor, SeesMatricesOfZerosButTakesBiasesOfZeros) {
  nn::StateDict state;
  state.set("fc.weight", nn::Tensor(nn::Shape{2, 3}));
  state.set("fc.bias", nn::Tensor(nn::Shape{2}));
  EXPECT_THAT(found(saved("net.pt", state), "zero_weights", 0)["message"].get<std::string>(),
              StartsWith("'fc.weight' is all zeros"));
}

TEST_F(Doctor, SeesABatchNormWithoutStatistics) {
  nn::StateDict state;
  state.set("conv.weight", nn::Tensor(nn::Shape{2, 1, 3, 3}));
  state.set("bn1.weight", nn::tensor({1, 1}));
  state.set("bn1.bias", nn::tensor({0, 0}));
  EXPECT_THAT(found(saved("net.pt", state), "missing_statistics", 0),
              AllOf(Contains(HasSubstr("'bn1'")), Contains(HasSubstr("model.state_dict()"))));
}

TEST_F(Doctor, SeesWrappersOfNamesAndGivesTheRenames) {
  const auto command = [&](const std::string& file) {
    return found(golden("load/" + file), "wrapped_names", 0)["command"].get<std::string>();
  };
  EXPECT_THAT(command("data_parallel.pt"), HasSubstr("--rename module.="));
  EXPECT_THAT(command("compiled.pt"), HasSubstr("--rename _orig_mod.="));
  EXPECT_THAT(command("parts.pt"), HasSubstr("--rename fc1._orig_mod.=fc1."));
}

TEST_F(Doctor, SeesHowAFileWasMade) {
  EXPECT_EQ(found(golden("io/module.pt"), "whole_model", 0)["severity"], "warning");
  EXPECT_EQ(found(golden("io/legacy.pt"), "legacy_format", 0)["severity"], "note");
  for (const char* newer : {"protocol4.pt", "protocol5.pt"}) {
    EXPECT_THAT(found(golden(std::string("io/") + newer), "pickle_protocol", 0),
                Contains(StartsWith("rushlight convert ")));
  }
  EXPECT_FALSE(findings(golden("io/protocol3.pt"), 0).contains("pickle_protocol"));
  EXPECT_THAT(found(golden("io/views.pt"), "tied_weights", 1)["message"].get<std::string>(),
              HasSubstr("'tied_b'"));
  const json others = found(golden("io/others.pt"), "unreadable_tensors", 0);
  EXPECT_THAT(others["message"].get<std::string>(), HasSubstr("'complex64'"));
  EXPECT_THAT(others["command"].get<std::string>(), EndsWith(" --skip-unreadable"));
  const auto types = findings(golden("io/dtypes.pt"), 0);
  EXPECT_THAT(types.at("half_precision")["command"].get<std::string>(),
              HasSubstr("--dtype float32"));
  EXPECT_EQ(types.at("double_precision")["severity"], "note");
}

TEST_F(Doctor, SeesAnOptimizerThatMakesTheFileTooLarge) {
  const json finding = found(golden("io/checkpoint.pt"), "optimizer_state", 0);
  EXPECT_EQ(finding["severity"], "warning");
  EXPECT_THAT(finding["message"].get<std::string>(), HasSubstr("times too large"));
  EXPECT_THAT(finding["command"].get<std::string>(), StartsWith("rushlight convert "));
}

TEST_F(Doctor, SeesStoragesThatNothingUses) {
  using namespace tp;
  test::TorchFile file;
  file.program = dict({{"w", tensor(storage("0", 500'000), {4}, {1})}});
  file.storages = {{"0", std::string(2'000'000, '\0')}};
  EXPECT_THAT(found(folder_.file("slice.pt", file.bytes()), "unused_bytes", 0),
              AllOf(Contains(HasSubstr("2.0 MB")), Contains(StartsWith("rushlight convert "))));
}

TEST_F(Doctor, SeesCopiesAndMisleadingNames) {
  nn::StateDict state;
  nn::Tensor values(nn::Shape{4, 5});
  values.f32()[3] = 1;
  state.set("encoder.weight", values);
  state.set("decoder.weight", values);
  const std::string file = saved("net.npz", state);
  EXPECT_THAT(found(file, "duplicates", 0)["message"].get<std::string>(),
              AllOf(HasSubstr("'decoder.weight' has"), HasSubstr("'encoder.weight'")));
  const std::string other = folder_.path() + "/my net.pt";
  std::filesystem::copy(file, other);
  EXPECT_THAT(found(other, "misleading_name", 0)["command"].get<std::string>(),
              AllOf(StartsWith("mv -n '"), HasSubstr("my net.npz'")));
}

TEST_F(Doctor, ItsCommandsMendTheFile) {
  const std::string file = folder_.file("old.pth", content_of(golden("io/legacy.pt")));
  const std::string command = found(file, "legacy_format", 0)["command"];
  const std::string clean = folder_.path() + "/old-clean.pt";
  EXPECT_EQ(command, "rushlight convert " + file + " " + clean);
  ASSERT_EQ(rushlight({"convert", file, clean}).exit_code, 0);
  EXPECT_THAT(findings(clean, 0), IsEmpty());
}

TEST_F(Doctor, WhatAFileSaysIsPrintedSafely) {
  nn::StateDict state;
  state.set("\x1b[2J", nn::tensor({NAN}));
  const Outcome outcome = rushlight({"doctor", saved("net.pt", state)});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\\x1b[2J"), Not(HasSubstr("\x1b"))));
}

}  // namespace
