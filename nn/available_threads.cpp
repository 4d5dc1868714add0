#include <algorithm>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <string>
#include <thread>

#include <nn/thread_pool.h>

namespace nn {
namespace {

int processors_by_affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(
      std::thread::hardware_concurrency());  // more processors than the set counts
}

// Processors that `quota` of every `period` microseconds are, rounded up; 0 without a limit.
int processors_of(double quota, double period) {
  if (!(quota > 0 && period > 0)) return 0;
  return std::max(1, static_cast<int>(std::min(quota / period + 0.999, 1e6)));
}

// A limit in the folder of a control group: version 2's "max 100000" or "150000 100000", version
// 1's two files.
int limit_in(const std::string& folder) {
  double quota = 0, period = 0;
  if (std::ifstream file(folder + "/cpu.max"); file >> quota >> period)
    return processors_of(quota, period);
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us"),
      period_file(folder + "/cpu.cfs_period_us");
  if (quota_file >> quota && period_file >> period) return processors_of(quota, period);
  return 0;
}

// The tightest limit of the group at `path` and those above it.
int limit_up_from(const std::string& root, std::string path) {
  int tightest = 0;
  for (;;) {
    if (const int limit = limit_in(root + path); limit > 0)
      tightest = tightest == 0 ? limit : std::min(tightest, limit);
    if (path.empty()) return tightest;
    path.resize(std::min(path.find_last_of('/'), path.size()));
  }
}

}  // namespace

// Lines of /proc/self/cgroup: "0::/path" in version 2, "4:cpu,cpuacct:/path" in version 1 (man 7
// cgroups).
int available_threads() {
  int threads = std::max(1, processors_by_affinity());
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    std::istringstream fields(line);
    std::string number, controllers, path;
    std::getline(fields, number, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    if (path == "/") path.clear();
    const bool cpu = ("," + controllers + ",").find(",cpu,") != std::string::npos;
    if (!controllers.empty() && !cpu) continue;
    for (const char* root :
         {"/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"}) {
      if (const int limit = limit_up_from(root, path); limit > 0)
        threads = std::min(threads, limit);
    }
  }
  return threads;
}

}  // namespace nn
