// Starts a program and prints the milliseconds until it has ended and the KiB it needed at most:
// Linux counts what its parent needed as well, which is little here and much in Python.
//
//     time_start PROGRAM ARGUMENT…
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: time_start PROGRAM ARGUMENT…\n", stderr);
    return 2;
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, 1, 2);

  const auto begin = std::chrono::steady_clock::now();
  pid_t process = 0;
  int status = -1;
  rusage usage{};
  if (posix_spawn(&process, argv[1], &files, nullptr, argv + 1, environ) != 0 ||
      wait4(process, &status, 0, &usage) != process || status != 0) {
    std::fprintf(stderr, "time_start: %s failed\n", argv[1]);
    return 1;
  }
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
  std::printf("%.3f %ld\n", time.count(), usage.ru_maxrss);
}
