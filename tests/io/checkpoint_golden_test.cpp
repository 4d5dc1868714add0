// Checkpoints and whole modules that PyTorch wrote, against what PyTorch says is in them
// (tools/make_checkpoint_golden.py).
#include "expected.h"

namespace {

using namespace test;
using nn::StateDict;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

const std::filesystem::path folder =
    std::filesystem::path(RUSHLIGHT_SOURCE_DIR) / "tests/golden/checkpoint";

TEST(CheckpointGolden, EveryFileHasTheTensorsThatPyTorchNames) {
  const auto files = read_expected(folder / "expected.txt");
  EXPECT_GE(files.size(), 20U);
  for (const auto& [file_and_key, tensors] : files) {
    SCOPED_TRACE(file_and_key);
    const std::size_t space = file_and_key.find(' ');
    const std::string key =
        space == std::string::npos ? std::string() : file_and_key.substr(space + 1);
    expect_tensors(StateDict::open(folder / file_and_key.substr(0, space), {.key = key}), tensors);
  }
}

TEST(CheckpointGolden, FactsTellWhatATrainingScriptPutBesideTheWeights) {
  const auto facts = StateDict::open(folder / "training.pt").facts();
  EXPECT_EQ(facts.weights_key, "model_state_dict");
  EXPECT_THAT(facts.extras,
              AllOf(Contains(Pair("epoch", "12")), Contains(Pair("best_acc", "0.9375")),
                    Contains(Pair("top5", "0.5")), Contains(Pair("loss", "tensor(0.2500)")),
                    Contains(Pair("confusion", "array of int64 [2, 2]: 0, 1, 2, 3")),
                    Contains(Pair("empty", "array of float64 [0]")),
                    Contains(Pair("history", "{train: [0.5, 0.25]}")),
                    Contains(Pair("when", "2024-02-03 12:30:05")),
                    Contains(Pair("device", "cuda:0")), Contains(Pair("dtype", "torch.float16"))));
  EXPECT_THAT(
      facts.extras,
      AllOf(Contains(Pair("args", HasSubstr("argparse.Namespace {arch: 'small', lr: 0.01"))),
            Contains(Pair("optimizer_state_dict", "dict, 244 B of tensors")),
            Contains(Pair("classes", "['zero', 'one']"))));
  EXPECT_GT(facts.other_tensor_bytes, 5000U);  // the generator of random numbers, above all
}

TEST(CheckpointGolden, FactsTellWhereFrameworksKeepTheWeights) {
  const auto lightning = StateDict::open(folder / "lightning.ckpt").facts();
  EXPECT_EQ(lightning.weights_key, "state_dict");
  EXPECT_THAT(lightning.producer, HasSubstr("PyTorch Lightning 1.9.5"));
  EXPECT_THAT(lightning.extras, Contains(Pair("hyper_parameters", HasSubstr("lr: 0.01"))));
  const auto yolo = StateDict::open(folder / "yolo.pt").facts();
  EXPECT_EQ(yolo.weights_key, "model");
  EXPECT_THAT(yolo.extras, Contains(Pair("best_fitness", "array of float64 [1]: 0.5")));
  EXPECT_THAT(yolo.notes, Contains(HasSubstr("models.yolo.Detect")));
  EXPECT_EQ(StateDict::open(folder / "trainer.pt").facts().weights_key, "network");
}

TEST(CheckpointGolden, SeveralWeightsAreAskedFor) {
  EXPECT_THAT(refusal([] { StateDict::open(folder / "gan.pt"); }),
              HasSubstr("--key netG, --key netD"));
  EXPECT_THAT(refusal([] { StateDict::open(folder / "ema.pt"); }),
              HasSubstr("choose with --key state_dict or --key state_dict_ema"));
}

}  // namespace
