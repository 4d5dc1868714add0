#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace apps {

// A bar on stderr for work that takes longer than a second; silent when stderr is not a terminal.
class Progress {
 public:
  Progress(std::string what, std::int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t count);

 private:
  using Clock = std::chrono::steady_clock;
  void draw();

  std::string what_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
};

}  // namespace apps
