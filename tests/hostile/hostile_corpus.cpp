// hostile_corpus DIR: writes every file of the hostile corpus, named by its id, and what is expected
// of it to DIR/expected.txt.
#include <fstream>
#include <iostream>

#include "case.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: hostile_corpus DIR\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  std::ofstream expected(folder / "expected.txt");
  for (const auto& one : test::hostile::all_cases()) {
    if (one.make || one.meanwhile) continue;  // no file tells it
    std::ofstream(folder / one.full_name(), std::ios::binary) << one.bytes;
    expected << one.full_name() << '\t' << (one.fragments.empty() ? "accepted" : "refused");
    for (const std::string& fragment : one.fragments) expected << '\t' << fragment;
    expected << '\n';
  }
  expected.close();
  if (!expected) {
    std::cerr << "hostile_corpus: cannot write into " << folder << '\n';
    return 1;
  }
}
