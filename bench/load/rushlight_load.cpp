// Our side of bench/load: opens a file, reads every tensor and sums its values, at the driver's
// word. peer.py describes the lines that it reads and writes.
//
//   rushlight_load [mmap] THREADS
#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <nn/nn.h>

namespace {

using Clock = std::chrono::steady_clock;

// In lanes, as a vectorised sum goes; each block is added up in double.
#ifdef __x86_64__
[[gnu::target_clones("avx2", "default")]]  // as torch picks its own at run time
#endif
double
sum_of(std::span<const float> values) {
  constexpr std::size_t lanes = 64;
  constexpr std::size_t block = 64 * lanes;
  double total = 0;
  std::size_t at = 0;
  while (at + lanes <= values.size()) {
    const std::size_t end = std::min(values.size() / lanes * lanes, at + block);
    std::array<float, lanes> partial{};
    for (; at < end; at += lanes) {
      for (std::size_t i = 0; i < lanes; ++i) partial[i] += values[at + i];
    }
    for (const float value : partial) total += static_cast<double>(value);
  }
  for (; at < values.size(); ++at) total += static_cast<double>(values[at]);
  return total;
}

// As torch does, on several threads where there are many values.
double sum(nn::ThreadPool& pool, std::span<const float> values) {
  constexpr std::size_t grain = 32768;
  if (values.size() < 2 * grain) return sum_of(values);
  const std::size_t part = (values.size() - 1) / static_cast<std::size_t>(pool.size()) + 1;
  std::vector<double> sums((values.size() + part - 1) / part);
  pool.run(static_cast<std::int64_t>(sums.size()), [&](std::int64_t i, int) {
    const std::size_t at = static_cast<std::size_t>(i) * part;
    sums[static_cast<std::size_t>(i)] =
        sum_of(values.subspan(at, std::min(part, values.size() - at)));
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// A line of /proc/self/status in bytes.
std::size_t status(std::string_view name) {
  std::ifstream lines("/proc/self/status");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name)) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

std::string load(nn::ThreadPool& pool, const std::string& path, bool mmap) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew
  const std::size_t before = status("VmRSS");
  const auto begin = Clock::now();
  const auto state = nn::StateDict::open(path, {.mmap = mmap});
  double total = 0;
  for (const auto& entry : state.entries()) total += sum(pool, state.share(entry.name)->f32());
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::ostringstream text;
  text.precision(17);
  text << "ok " << seconds << " " << total << " " << std::max(status("VmHWM"), before) - before;
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  const bool mmap = argc > 1 && argv[1] == std::string_view("mmap");
  nn::ThreadPool pool(argc > 1 + mmap ? std::stoi(argv[1 + mmap]) : 1);
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << (line == "version" ? "ok" : load(pool, line, mmap)) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error " << error.what() << std::endl;
    }
  }
}
