#include <algorithm>
#include <apps/progress.h>
#include <cstdio>
#include <unistd.h>

namespace apps {
namespace {

constexpr std::int64_t bar_width = 30;
constexpr auto redraw_every = std::chrono::milliseconds(100);

}  // namespace

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)), total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::advance(std::int64_t count) {
  done_ = std::min(done_ + count, total_);
  if (!terminal_ || total_ <= 0 || Clock::now() < next_) return;
  next_ = Clock::now() + redraw_every;
  drawn_ = true;
  draw();
}

void Progress::draw() {
  const auto filled = static_cast<std::size_t>(bar_width * done_ / total_);
  const std::string bar = std::string(filled, '#') + std::string(bar_width - filled, '.');
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done_) / seconds;
  std::fprintf(stderr, "\r%s [%s] %3d %%  %.0f/s  %.0f s left\x1b[K", what_.c_str(), bar.c_str(),
               static_cast<int>(100 * done_ / total_), rate,
               static_cast<double>(total_ - done_) / rate);
  std::fflush(stderr);
}

}  // namespace apps
