#include <nn/io/zip.h>

#include "target.h"

namespace test::fuzz {

void zip(Bytes input) {
  constexpr std::uint64_t limit = 1 << 16;
  accepts([&] {
    const nn::io::ZipArchive archive(
        nn::io::memory_source({input.begin(), input.end()}, "fuzz.zip"));
    for (const auto& entry : archive.entries()) {
      require(archive.find(entry.name) == &entry, "an entry that is not found by its name");
      std::vector<std::byte> all;
      const bool good = accepts([&] { all = archive.read(entry, limit); });
      if (entry.size <= limit) {
        require(good == accepts([&] { archive.verify(entry); }), "verify differs from read");
      }
      std::vector<std::byte> front;
      const bool peeked = accepts([&] { front = archive.peek(entry, 16); });
      if (!good) continue;
      require(peeked && all.size() == entry.size, "an entry of another size");
      require(std::equal(front.begin(), front.end(), all.begin()), "peek differs from read");
      const std::size_t begin = all.size() / 3;
      std::vector<std::byte> part((all.size() - begin) / 2);
      archive.read(entry, begin, part);
      require(
          std::equal(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(begin)),
          "a part differs from the whole");
    }
  });
}

}  // namespace test::fuzz
