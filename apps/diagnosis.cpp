#include <algorithm>
#include <apps/diagnosis.h>
#include <array>
#include <filesystem>
#include <optional>

#include <nn/checked.h>
#include <nn/io/cursor.h>
#include <nn/io/json.h>
#include <nn/io/sniff.h>
#include <nn/io/zip.h>

namespace apps {
namespace {

using namespace std::string_view_literals;
using nn::io::Format;
using Severity = Finding::Severity;

constexpr std::uint64_t head_size = 4096;
constexpr std::uint64_t longest_header = std::uint64_t{16} << 20;

struct Patient {
  const std::string& file;
  const nn::io::ByteSource& source;
  const std::string& problem;
  std::string head;  // its first bytes
  Format format = Format::unknown;

  std::string word() const { return shell_word(file); }
};

std::string head_of(const nn::io::ByteSource& source) {
  const auto bytes = nn::io::read_bytes(source, 0, std::min(head_size, source.size()));
  return std::string(nn::io::text_of(bytes));
}

Format format_of(const nn::io::ByteSource& source, const std::string& file) {
  const Format format = nn::io::sniff(source);
  if (format != Format::zip) return format;
  try {
    return nn::io::sniff_zip(nn::io::ZipArchive(nn::io::open_file(file)));
  } catch (const nn::Error&) {
    return Format::zip;  // damaged
  }
}

// A command of Python that uses the file as sys.argv[1].
std::string python(std::string_view code, const std::string& word) {
  return nn::concat("python -c '", code, "' ", word);
}

// What compressed a file, by its first bytes, and the command that undoes it.
struct Wrapping {
  std::string_view magic, name, command, suffix;
};
constexpr std::array wrappings = {
    Wrapping{"\x1F\x8B"sv, "gzip", "gunzip -c ", " > "},
    Wrapping{"BZh"sv, "bzip2", "bunzip2 -c ", " > "},
    Wrapping{"\xFD\x37zXZ\x00"sv, "xz", "unxz -c ", " > "},
    Wrapping{"\x28\xB5\x2F\xFD"sv, "zstd", "unzstd -c ", " > "},
    Wrapping{"7z\xBC\xAF\x27\x1C"sv, "7z", "7z x ", ""},
    Wrapping{"Rar!\x1A\x07"sv, "rar", "unrar x ", ""},
};

std::optional<Finding> wrapped(const Patient& patient) {
  for (const Wrapping& wrapping : wrappings) {
    if (!patient.head.starts_with(wrapping.magic)) continue;
    const std::string out = std::filesystem::path(patient.file).extension() == ".gz"
                                ? std::filesystem::path(patient.file).replace_extension().string()
                                : patient.file + ".unpacked";
    return Finding{"compressed", Severity::error,
                   nn::concat("the file is packed with ", wrapping.name,
                              "; unpack it and give what is inside"),
                   nn::concat(wrapping.command, patient.word(), wrapping.suffix,
                              wrapping.suffix.empty() ? "" : shell_word(out))};
  }
  if (patient.format == Format::tar) {
    return Finding{"compressed", Severity::error,
                   "the file is a tar archive; unpack it and give what is inside",
                   "tar -xf " + patient.word()};
  }
  return std::nullopt;
}

// "size 1725820" of a Git-LFS pointer.
std::string pointed_size(std::string_view head) {
  const std::size_t at = head.find("\nsize ");
  if (at == std::string_view::npos) return "";
  std::string digits(head.substr(at + 6));
  digits.erase(std::min(digits.find_first_not_of("0123456789"), digits.size()));
  return digits.size() > 18 || digits.empty() ? "" : " of " + size_text(std::stoull(digits));
}

Finding lfs_pointer(const Patient& patient) {
  const std::filesystem::path path(patient.file);
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  return {"git_lfs_pointer", Severity::error,
          nn::concat("the file is a Git-LFS pointer, a note that stands for the weights",
                     pointed_size(patient.head), "; fetch them in its repository"),
          nn::concat("git -C ", shell_word(folder), " lfs pull --include ",
                     shell_word(nn::concat("*", path.filename().string())))};
}

Finding web_page(const Patient& patient) {
  const auto mentions = [&](std::string_view text) {
    return patient.head.find(text) != std::string::npos;
  };
  std::string_view hint = "the address was wrong, or wants a login";
  if (mentions("github")) hint = "of GitHub: the address of the raw file has /raw/, not /blob/";
  if (mentions("huggingface")) {
    hint = "of Hugging Face: the address of the file itself has /resolve/, not /blob/";
  }
  if (mentions("drive.google") || mentions("Google Drive")) {
    hint = "of Google Drive, which asks before large downloads: use gdown";
  }
  return {"web_page", Severity::error,
          nn::concat("the file is a web page saved as weights, ", hint,
                     "; fetch the file's own address"),
          nn::concat("curl -fL -o ", patient.word(), " URL")};
}

Finding zip_of_others(const Patient& patient) {
  std::string inside;
  bool is_keras = false;
  const nn::io::ZipArchive archive(nn::io::open_file(patient.file));
  for (const auto& entry : archive.entries()) {
    is_keras = is_keras || entry.name == "model.weights.h5";
    for (const auto ending : {".pt"sv, ".pth"sv, ".bin"sv, ".ckpt"sv, ".safetensors"sv, ".npz"sv}) {
      if (inside.empty() && entry.name.ends_with(ending)) inside = nn::printable(entry.name);
    }
  }
  if (is_keras) {
    return {"keras", Severity::error,
            "the file is a Keras model; save its weights for NumPy in Python",
            python("import sys, keras, numpy; m = keras.saving.load_model(sys.argv[1]); "
                   "numpy.savez(\"weights.npz\", **{w.path: w.numpy() for w in m.weights})",
                   patient.word())};
  }
  return {"compressed", Severity::error,
          inside.empty() ? "the file is a zip archive, but none of torch.save or NumPy; unpack it"
                         : nn::concat("the file is a zip archive with '", inside,
                                      "' in it; unpack it and give that"),
          "unzip " + patient.word()};
}

std::optional<Finding> other_kind(const Patient& patient) {
  constexpr std::string_view state_dict = "torch.save(model.state_dict(), \"weights.pt\")";
  switch (patient.format) {
    case Format::empty:
      return Finding{"empty", Severity::error,
                     "the file has 0 bytes: the download or the copy failed; fetch it again",
                     nn::concat("curl -fL -o ", patient.word(), " URL")};
    case Format::git_lfs_pointer:
      return lfs_pointer(patient);
    case Format::web_page:
      return web_page(patient);
    case Format::onnx:
      return Finding{"onnx", Severity::error,
                     "the file is an ONNX model, not a file of weights; its weights can be taken "
                     "out in Python",
                     python("import sys, onnx, numpy; from onnx.numpy_helper import to_array; "
                            "numpy.savez(\"weights.npz\", **{t.name: to_array(t) for t in "
                            "onnx.load(sys.argv[1]).graph.initializer})",
                            patient.word())};
    case Format::exported_program:
      return Finding{"exported_program", Severity::error,
                     "the file is a program of torch.export (.pt2), not a file of weights; its "
                     "weights can be taken out in Python",
                     python("import sys, torch; "
                            "torch.save(torch.export.load(sys.argv[1]).state_dict, \"weights.pt\")",
                            patient.word())};
    case Format::torch_script:
      return Finding{"torchscript", Severity::error,
                     "the file is a TorchScript archive; its weights can be saved in Python",
                     python("import sys, torch; torch.save(torch.jit.load(sys.argv[1], "
                            "\"cpu\").state_dict(), \"weights.pt\")",
                            patient.word())};
    case Format::hdf5:
      return Finding{
          "keras", Severity::error,
          "the file is HDF5, as Keras writes it; save its weights for NumPy in Python",
          python("import sys, keras, numpy; m = keras.saving.load_model(sys.argv[1]); "
                 "numpy.savez(\"weights.npz\", **{w.path: w.numpy() for w in m.weights})",
                 patient.word())};
    case Format::torch_tar:
      return Finding{"old_tar", Severity::error,
                     "the file is a tar of PyTorch before 0.1.10; load and save it again with a "
                     "later one, if you trust it",
                     python("import sys, torch; torch.save(torch.load(sys.argv[1], \"cpu\", "
                            "weights_only=False), \"weights.pt\")",
                            patient.word())};
    case Format::pickle:
      return Finding{"bare_pickle", Severity::error,
                     "the file is a bare Python pickle, not one of torch.save, and only Python can "
                     "tell what it makes; in the program that made it, save the weights alone",
                     std::string(state_dict)};
    case Format::other_zip:
      return zip_of_others(patient);
    default:
      return std::nullopt;
  }
}

// The size that the header of a safetensors file says it has; nothing when that is not told.
std::optional<std::uint64_t> safetensors_size(const nn::io::ByteSource& source) {
  constexpr std::uint64_t prefix = 8;
  const auto length_bytes = nn::io::read_bytes(source, 0, prefix);
  const std::uint64_t length = nn::io::Cursor(length_bytes).u64();
  if (length > longest_header) return std::nullopt;
  if (!nn::fits(prefix, length, source.size())) return prefix + length;
  const auto header = nn::io::read_bytes(source, prefix, length);
  std::uint64_t end = 0;
  nn::io::JsonReader json(nn::io::text_of(header));
  json.begin_object();
  while (const auto name = json.next_key()) {
    if (*name == "__metadata__") {
      json.skip();
      continue;
    }
    json.begin_object();
    while (const auto field = json.next_key()) {
      if (*field != "data_offsets") {
        json.skip();
        continue;
      }
      json.begin_array();
      while (json.next_item()) end = std::max(end, json.unsigned_integer());
    }
  }
  return nn::checked_add(prefix + length, end);
}

// A zip archive with bytes behind it: PyTorch reads it all the same, others do not.
std::optional<Finding> followed(const Patient& patient) {
  if (patient.format != Format::zip) return std::nullopt;
  if (patient.problem.find("no end record") == std::string::npos) return std::nullopt;
  constexpr std::uint64_t searched = 65'536;
  constexpr std::uint64_t end_record = 22;  // bytes, without a comment
  const std::uint64_t size = patient.source.size();
  const std::uint64_t from = size - std::min(size, searched);
  const auto bytes = nn::io::read_bytes(patient.source, from, size - from);
  const std::size_t at = nn::io::text_of(bytes).rfind("PK\x05\x06"sv);
  if (at == std::string_view::npos || from + at + end_record >= size) return std::nullopt;
  const std::uint64_t end = from + at + end_record;
  return Finding{"trailing_bytes", Severity::error,
                 nn::concat("the archive ends at byte ", end, " and ", size - end,
                            " more follow, which something added; cut them off"),
                 nn::concat("head -c ", end, " ", patient.word(), " > ",
                            shell_word(clean_file(patient.file)))};
}

// What a server answers in place of a file: "Entry not found".
std::optional<Finding> text_file(const Patient& patient) {
  constexpr std::size_t shown = 60;
  const bool is_text = patient.format == Format::unknown || patient.format == Format::json;
  if (!is_text || patient.head.size() < 4) return std::nullopt;
  for (const char c : patient.head) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 32 && c != '\n' && c != '\r' && c != '\t') || byte > 126) return std::nullopt;
  }
  const std::string line = patient.head.substr(0, std::min(patient.head.find('\n'), shown));
  return Finding{"text", Severity::error,
                 nn::concat("the file is text, '", nn::printable(line),
                            line.size() < patient.head.size() ? "…" : "",
                            "', not weights: a server's answer or a file of settings; fetch the "
                            "weights' own address"),
                 nn::concat("curl -fL -o ", patient.word(), " URL")};
}

std::optional<Finding> truncated(const Patient& patient) {
  std::string missing;
  const std::uint64_t size = patient.source.size();
  bool is_cut =
      patient.format == Format::zip && patient.problem.find("no end record") != std::string::npos;
  if (patient.format == Format::safetensors) {
    try {
      const auto expected = safetensors_size(patient.source);
      is_cut = expected && *expected > size;
      if (is_cut) {
        missing =
            nn::concat(": at least ", *expected - size, " of ", *expected, " bytes are missing");
      }
    } catch (const nn::Error&) {  // its header is damaged otherwise
    }
  } else if (patient.format != Format::zip) {
    for (const auto fragment : {"more bytes, there are"sv, "cut short"sv, "the file has"sv}) {
      is_cut = is_cut || patient.problem.find(fragment) != std::string::npos;
    }
  }
  if (!is_cut) return std::nullopt;
  return Finding{"truncated", Severity::error,
                 nn::concat("the file was cut short at ", size_text(size), missing,
                            ", as by a download that broke off; go on with it or fetch it again"),
                 nn::concat("curl -fL -C - -o ", patient.word(), " URL")};
}

// What the readers say, by a part of it.
struct Saying {
  std::string_view part, id, message, command;
};
constexpr std::array sayings = {
    Saying{
        "which can run code", "dangerous_pickle",
        "the file names functions that would run code when Python unpickles it, and nothing of it "
        "was executed; do not load it in Python; ask for safetensors, or have the weights alone "
        "saved in the program that made it",
        "torch.save(model.state_dict(), \"weights.pt\")"},
    Saying{"choose with --key", "several_weights",
           "the file holds several sets of weights; say which you want", "--key"},
    Saying{"every shard of the index has to lie beside it", "missing_shard",
           "the index names a file of weights that is not beside it; fetch all of them", ""},
    Saying{"checksum is", "damaged",
           "the bytes are not those that were written; copy or fetch the file again", "curl"},
};

// "--key model" of "… choose with --key model or --key ema": the option and one word of a shell.
std::string first_choice(const std::string& problem) {
  const std::size_t at = problem.find("--key ", problem.find("choose with --key"));
  std::size_t end = at + 6;
  for (bool quoted = false; end < problem.size(); ++end) {
    if (problem[end] == '\'') {
      quoted = !quoted;
    } else if (!quoted && problem[end] == '\\') {
      ++end;
    } else if (!quoted && (problem[end] == ' ' || problem[end] == ',')) {
      break;
    }
  }
  return problem.substr(at, end - at);
}

std::optional<Finding> by_saying(const Patient& patient) {
  for (const Saying& saying : sayings) {
    if (patient.problem.find(saying.part) == std::string::npos) continue;
    std::string command(saying.command);
    if (command == "curl") command = nn::concat("curl -fL -o ", patient.word(), " URL");
    if (command == "--key") {
      command = convert_command(patient.file, first_choice(patient.problem));
    }
    return Finding{saying.id, Severity::error,
                   nn::concat(saying.message, " (", patient.problem, ")"), command};
  }
  return std::nullopt;
}

}  // namespace

Finding diagnose(const std::string& file, const nn::io::ByteSource& source,
                 const std::string& problem) {
  const Patient patient{file, source, problem, head_of(source), format_of(source, file)};
  for (const auto check : {wrapped, other_kind, by_saying, followed, truncated, text_file}) {
    if (auto finding = check(patient)) return *std::move(finding);
  }
  if (patient.format == Format::unknown) {
    return {"unknown_format", Severity::error,
            "the format is not recognised: neither torch.save, safetensors nor NumPy; the system "
            "may know it",
            "file " + patient.word()};
  }
  // Where the readers know how to save it again, in Python.
  const bool told = problem.find("torch.save(model.state_dict(), path)") != std::string::npos;
  return {"unreadable", Severity::error, problem,
          told ? "torch.save(model.state_dict(), \"weights.pt\")"
               : nn::concat("rushlight inspect ", patient.word())};
}

}  // namespace apps
