#include <apps/commands.h>
#include <apps/output.h>
#include <cstdio>
#include <exception>
#include <new>

int main(int argc, char** argv) {
  try {
    const auto parsed = apps::parse(argc, argv);
    if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
    const int result = std::visit([](const auto& options) { return apps::run(options); },
                                  std::get<apps::Options>(parsed));
    apps::finish_output();
    return result;
  } catch (const std::bad_alloc&) {
    apps::complain("out of memory");
  } catch (const std::exception& error) {
    apps::complain(error.what());
  }
  return 1;
}
