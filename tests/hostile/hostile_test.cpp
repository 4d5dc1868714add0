// Every file of the hostile corpus has the outcome it is said to have, at little cost.
#include <ctime>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <unistd.h>

#include <nn/import/onnx.h>
#include <nn/io/state_dict.h>
#include <nn/session.h>

#include "../io/bytes.h"
#include "../io/cost.h"
#include "../sanitizers.h"
#include "case.h"
#include "exported_cases.h"
#include "list.h"
#include "operator_cases.h"
#include "outcome.h"

namespace {

namespace fs = std::filesystem;
using namespace test;
using nn::StateDict;
using test::hostile::Case;

struct Outcome {
  std::string message;  // "accepted" or what the error says
  std::string tensors;
  double seconds = 0;
  std::size_t peak_bytes = 0;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

constexpr double most_seconds = 0.1;

template <class Open>
Outcome outcome_once(Open&& open) {
  Outcome outcome;
  testing::internal::CaptureStdout();
  const double begin = cpu_seconds();
  outcome.peak_bytes =
      cost_of([&] { outcome.message = refusal([&] { outcome.tensors = open(); }); }).peak_bytes;
  outcome.seconds = cpu_seconds() - begin;
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  return outcome;
}

// On a busy machine the first time may be slow.
template <class Try>
Outcome outcome_of(Try&& once) {
  Outcome outcome = once();
  for (int more = 2; more > 0 && outcome.seconds >= most_seconds; --more) outcome = once();
  return outcome;
}

void expect_outcome(const Case& one, const Outcome& outcome, const std::string& shown_name) {
  constexpr std::size_t most_bytes = std::size_t{64} << 20;
  EXPECT_LT(outcome.peak_bytes, most_bytes);
  if (!sanitized) {
    EXPECT_LT(outcome.seconds, most_seconds);
  }
  if (one.fragments.empty()) {
    EXPECT_EQ(outcome.message, "accepted");
    EXPECT_EQ(outcome.tensors, one.tensors);
    return;
  }
  EXPECT_THAT(outcome.message, testing::StartsWith(shown_name + ": "));
  EXPECT_EQ(outcome.message.find('\n'), std::string::npos);
  EXPECT_LT(outcome.message.size(), 1500U);
  for (const std::string& fragment : one.fragments) {
    EXPECT_THAT(outcome.message, testing::HasSubstr(fragment));
  }
}

// Gives the rights of root up for a while.
class AsNobody {
 public:
  explicit AsNobody(bool really) : changed_(really && seteuid(65534) == 0) {}
  ~AsNobody() {
    if (changed_) {
      EXPECT_EQ(seteuid(0), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool changed_;
};

class Hostile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hostile_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::remove(hostile::marker());
  }
  void TearDown() override {
    fs::remove_all(folder_);
    EXPECT_FALSE(fs::exists(hostile::marker())) << "a pickle was executed";
  }

  void open_as_file(const Case& one) const {
    fs::path path;
    const Outcome outcome = outcome_of([&] {
      // What the case before left, and nothing outside of the folder.
      for (const auto& left : fs::directory_iterator(folder_)) fs::remove_all(left.path());
      path = one.make ? one.make(folder_) : folder_ / one.full_name();
      if (!one.make) std::ofstream(path, std::ios::binary) << one.bytes;
      return outcome_once([&] {
        const AsNobody nobody(one.as_nobody && geteuid() == 0);
        if (one.reader != hostile::Reader::state_dict) {
          return hostile::described_file(one.reader, path);
        }
        const StateDict state = StateDict::open(path);
        if (one.meanwhile) one.meanwhile(path);
        return hostile::described(state);
      });
    });
    expect_outcome(one, outcome, nn::printable(path.string()));
  }
  static void open_in_memory(const Case& one) {
    const Outcome outcome = outcome_of([&] {
      auto bytes = as_bytes(one.bytes);
      return outcome_once(
          [&] { return hostile::described_bytes(one.reader, std::move(bytes), one.full_name()); });
    });
    expect_outcome(one, outcome, one.full_name());
  }

  fs::path folder_;
};

TEST_F(Hostile, EveryFileHasTheOutcomeItIsSaidToHave) {
  for (const Case& one : hostile::all_cases()) {
    SCOPED_TRACE(one.full_name());
    open_as_file(one);
    if (!one.make && !one.meanwhile) open_in_memory(one);
  }
}

TEST_F(Hostile, EveryIdOfTheListHasACase) {
  std::map<std::string, std::set<std::string>> names;
  for (const Case& one : hostile::all_cases()) {
    EXPECT_TRUE(names[one.id].insert(one.name).second) << one.full_name() << " occurs twice";
    EXPECT_TRUE(one.fragments.empty() || one.tensors.empty()) << one.full_name();
  }
  for (const auto& [family, count] : hostile::families) {
    for (int i = 1; i <= count; ++i) {
      EXPECT_TRUE(names.contains(family + std::to_string(i))) << family << i << " has no case";
    }
  }
}

TEST_F(Hostile, EveryProgramOfTorchExportHasTheOutcomeItIsSaidToHave) {
  std::set<std::string> ids;
  for (const Case& one : hostile::exported_cases()) {
    SCOPED_TRACE(one.full_name());
    ids.insert(one.id);
    const Outcome outcome = outcome_of([&] {
      return outcome_once([&] { return hostile::described_program(one.bytes, one.full_name()); });
    });
    expect_outcome(one, outcome, one.full_name());
  }
  EXPECT_EQ(ids.size(), 13U);  // X1 … X13
}

// Imports a graph and runs it with zeros: the specs of its outputs.
std::string outputs_of(const Case& one) {
  return nn::io::at_place(one.full_name(), [&] {
    const auto imported =
        nn::import_onnx(nn::io::onnx_from_bytes(as_bytes(one.bytes), one.full_name()));
    std::vector<nn::TensorSpec> specs;
    for (const nn::DeclaredInput& input : imported.inputs) {
      std::vector<std::int64_t> sizes;
      for (const auto& size : input.sizes) {
        sizes.push_back(size.size.value_or(input.name == "other" ? 5 : 2));
      }
      specs.push_back({nn::Shape(sizes), input.dtype});
    }
    require_declared(imported.inputs, specs);
    nn::Session session(imported.graph, specs, {.threads = 1});
    std::vector<nn::Tensor> zeros;
    for (const nn::TensorSpec& spec : specs)
      zeros.push_back(nn::to(nn::Tensor(spec.shape), spec.dtype));
    const std::vector<nn::ConstTensorView> views(zeros.begin(), zeros.end());
    std::string text;
    for (const nn::Tensor& output : session(views)) text += to_text(output.spec());
    return text;
  });
}

TEST_F(Hostile, EveryOnnxGraphHasTheOutcomeItIsSaidToHave) {
  std::set<std::string> ids;
  for (const Case& one : hostile::operator_cases()) {
    SCOPED_TRACE(one.full_name());
    ids.insert(one.id);
    const Outcome outcome =
        outcome_of([&] { return outcome_once([&] { return outputs_of(one); }); });
    expect_outcome(one, outcome, one.full_name());
  }
  EXPECT_EQ(ids.size(), 6U);  // O10, O14, O16 … O19
}

}  // namespace
