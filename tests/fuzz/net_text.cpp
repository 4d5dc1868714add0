// The text of print(model).
#include <models/net_text.h>

#include "target.h"

namespace test::fuzz {

void net_text(Bytes input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  accepts([&] {
    const models::PrintedNet net = models::parse_net(text, "fuzz.txt");
    const auto modules = net.modules();
    require(!modules.empty(), "a net without its root");
    for (std::size_t i = 0; i < modules.size(); ++i) {
      require(i == 0 || modules[i].parent < i, "a module before the one it is in");
      require(modules[i].end > i && modules[i].end <= modules.size(), "modules beyond the end");
      require(i == 0 || modules[i].end <= modules[modules[i].parent].end, "a module half inside");
      require(!net.place(i).empty() && (i == 0) == net.name(i).empty(), "a module without a name");
    }
  });
}

}  // namespace test::fuzz
