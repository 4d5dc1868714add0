#include <apps/commands.h>
#include <apps/output.h>
#include <cstdio>
#include <exception>
#include <new>

int main(int argc, char** argv) {
  try {
    const auto parsed = apps::parse(argc, argv);
    if (const auto* answer = std::get_if<apps::Answer>(&parsed)) {
      if (answer->exit_code == 0) {
        apps::print(answer->text);
        apps::finish_output();
      } else {
        std::fputs(answer->text.c_str(), stderr);
      }
      return answer->exit_code;
    }
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
