// A: what may befall any file, whatever its format.
#include <fstream>
#include <random>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

fs::path write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

Case made(std::string id, std::string name, std::function<fs::path(const fs::path&)> make,
          std::vector<std::string> fragments) {
  Case result = refused(std::move(id), std::move(name), "", std::move(fragments));
  result.make = std::move(make);
  if (result.fragments.empty()) result.tensors = honest_tensors;
  return result;
}

void places(Cases& cases) {
  cases.push_back(made("A1", "missing", [](const fs::path& folder) { return folder / "none.pt"; },
                       {"cannot open the file: No such file or directory"}));
  cases.push_back(made("A1", "missing_folder",
                       [](const fs::path& folder) { return folder / "no/w.pt"; },
                       {"No such file or directory"}));
  cases.push_back(made("A2", "directory",
                       [](const fs::path& folder) {
                         fs::create_directory(folder / "d");
                         return folder / "d";
                       },
                       {"this is a directory"}));
  cases.push_back(made("A10", "fifo",
                       [](const fs::path& folder) {
                         mkfifo((folder / "fifo").c_str(), 0600);
                         return folder / "fifo";
                       },
                       {"a pipe, socket or device"}));
  cases.push_back(made("A10", "dev_zero", [](const fs::path&) { return fs::path("/dev/zero"); },
                       {"a pipe, socket or device"}));
  cases.push_back(made("A10", "socket",
                       [](const fs::path& folder) {
                         const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
                         sockaddr_un address{};
                         address.sun_family = AF_UNIX;
                         const std::string path = (folder / "s").string();
                         path.copy(address.sun_path, sizeof(address.sun_path) - 1);
                         static_cast<void>(bind(descriptor,
                                                reinterpret_cast<const sockaddr*>(&address),
                                                sizeof(address)));
                         close(descriptor);
                         return folder / "s";
                       },
                       {"cannot open the file"}));
  Case secret = made("A3", "no_permission",
                     [](const fs::path& folder) {
                       const fs::path path = write(folder / "secret.pt", honest_file().bytes());
                       fs::permissions(path, fs::perms::none);
                       return path;
                     },
                     {"cannot open the file: Permission denied"});
  secret.as_nobody = true;
  cases.push_back(std::move(secret));
  cases.push_back(made("A12", "link",
                       [](const fs::path& folder) {
                         write(folder / "w.pt", honest_file().bytes());
                         fs::create_symlink(folder / "w.pt", folder / "link");
                         return folder / "link";
                       },
                       {}));
  cases.push_back(made("A12", "link_to_itself",
                       [](const fs::path& folder) {
                         fs::create_symlink(folder / "loop", folder / "loop");
                         return folder / "loop";
                       },
                       {"cannot open the file"}));
  cases.push_back(made("A12", "shard_outside",
                       [](const fs::path& folder) {
                         return write(folder / "i.json",
                                      R"({"weight_map":{"w":"../w.safetensors"}})");
                       },
                       {"shard '../w.safetensors'", "beside the index"}));
  for (const auto& [name, file] :
       {std::pair{"jpg", "w.jpg"}, {"safetensors", "w.safetensors"}, {"none", "w"}}) {
    cases.push_back(made("A13", name,
                         [file = file](const fs::path& folder) {
                           return write(folder / file, honest_file().bytes());
                         },
                         {}));
  }
  for (const auto& [name, file] :
       {std::pair{"line_break", "a\nb.pt"}, {"not_utf8", "\xFF\xFE.pt"}, {"hyphen", "-w.pt"}}) {
    cases.push_back(made("A14", name,
                         [file = file](const fs::path& folder) {
                           return write(folder / file, honest_file().bytes());
                         },
                         {}));
  }
  cases.push_back(made("A14", "4096_bytes",
                       [](const fs::path& folder) { return folder / std::string(4096, 'x'); },
                       {"cannot open the file: File name too long"}));
  Case shrinks = refused("A11", "shrinks", honest_file().bytes(), {"it was cut short meanwhile"});
  shrinks.meanwhile = [](const fs::path& path) { fs::resize_file(path, 100); };
  cases.push_back(std::move(shrinks));
  Case empties =
      refused("A11", "becomes_empty", honest_file().bytes(), {"it was cut short meanwhile"});
  empties.meanwhile = [](const fs::path& path) { fs::resize_file(path, 0); };
  cases.push_back(std::move(empties));
}

void contents(Cases& cases) {
  cases.push_back(refused("A4", "empty", "", {"the file is empty (0 bytes)"}));
  for (const auto& [name, byte] :
       {std::pair{"p", "P"s}, {"nul", "\0"s}, {"brace", "{"s}, {"0x80", "\x80"s}}) {
    cases.push_back(refused("A5", name, byte, {"expected weights"}));
  }
  cases.push_back(refused("A6", "zip", "PK\3\4", {"zip: no end record"}));
  cases.push_back(refused("A6", "empty_zip", "PK\5\6" + std::string(18, '\0'), {"zip"}));
  cases.push_back(refused("A6", "legacy",
                          "\x80\2\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19\x2E",
                          {"the version"}));
  cases.push_back(refused("A6", "npy", "\x93NUMPY", {"byte 6"}));
  cases.push_back(refused("A6", "safetensors", u64(2) + "{}", {"header: expected tensors"}));
  const std::string whole = honest_file().bytes();
  for (const std::size_t part : {1U, 2U, 3U, 5U, 8U, 13U, 21U}) {
    cases.push_back(refused("A7", "first_" + std::to_string(part) + "_of_22",
                            whole.substr(0, whole.size() * part / 22), {"zip: no end record"}));
  }
  cases.push_back(
      refused("A7", "all_but_a_byte", whole.substr(0, whole.size() - 1), {"zip: no end record"}));
  // Everywhere and in every format: mutation_test.cpp.
  const Zip zip = make_zip(honest_file().items());
  for (const int bit : {0, 3, 7}) {
    std::string flipped = whole;
    flipped[zip.data[data_0] + 9] = static_cast<char>(flipped[zip.data[data_0] + 9] ^ (1 << bit));
    cases.push_back(
        refused("A8", "weight_bit_" + std::to_string(bit), flipped, {"m/data/0: the checksum is"}));
  }
  std::mt19937 random(1);
  for (int file = 0; file < 20; ++file) {
    std::string bytes = "\xF7";  // the first byte of no format
    for (int i = 0; i < 50 * file; ++i) bytes += static_cast<char>(random());
    cases.push_back(
        refused("A9", std::to_string(bytes.size()) + "_bytes", bytes, {"not recognised"}));
  }
  for (const auto& [name, bytes, fragment] :
       {std::tuple{"lfs_pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"s,
                   "git lfs pull"s},
        {"web_page", "<!DOCTYPE html><html>"s, "a web page"s},
        {"gzip", gzipped(whole), "gzip"s},
        {"onnx", "\x08\x08\x12\x07pytorch"s, "an ONNX model"s},
        {"hdf5", "\x89HDF\r\n\x1A\n"s, "HDF5"s}}) {
    cases.push_back(refused("A13", name, bytes, {fragment}));
  }
}

}  // namespace

Cases any_file_cases() {
  Cases cases;
  places(cases);
  contents(cases);
  return cases;
}

}  // namespace test::hostile
