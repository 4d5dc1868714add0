#include <algorithm>
#include <array>

#include <nn/io/cursor.h>
#include <nn/io/sniff.h>

namespace nn::io {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t head_size = 512;
constexpr std::uint64_t longest_safetensors_header = 100'000'000;

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  const auto to_lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return text.size() >= lower.size() &&
         std::ranges::equal(text.substr(0, lower.size()), lower, {}, to_lower);
}

bool is_web_page(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  while (!head.empty() && " \t\r\n"sv.find(head.front()) != std::string_view::npos)
    head.remove_prefix(1);
  return starts_with_any_case(head, "<html") || starts_with_any_case(head, "<!doctype") ||
         starts_with_any_case(head, "<?xml");
}

// A length and an object. Where its first quote shows the object too, the length may be wrong: the
// reader says so.
bool is_safetensors(std::span<const std::byte> bytes) {
  const std::string_view head = text_of(bytes);
  if (head.size() < 9 || head[8] != '{') return false;
  if (Cursor(bytes).u64() <= longest_safetensors_header) return true;
  return head.substr(8).starts_with("{\""sv) &&
         "{ \t\r\n"sv.find(head[0]) == std::string_view::npos;
}

bool is_json_object(std::string_view head) {
  const std::size_t begin = head.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || head[begin] != '{') return false;
  const std::size_t next = head.find_first_not_of(" \t\r\n", begin + 1);
  return next != std::string_view::npos && (head[next] == '"' || head[next] == '}');
}

// ModelProto: field 1 (a small version), then the producer, the graph or the operator sets.
bool is_onnx(std::string_view head) {
  if (head.size() < 4 || head[0] != '\x08' || head[1] == '\0' || head[1] > 32) return false;
  return "\x12\x1A\x22\x3A\x42"sv.find(head[2]) != std::string_view::npos;
}

// A pickle of one int of ten bytes, from protocol 4 on in a frame, and another pickle. Which int it
// must be the reader says.
bool is_legacy(std::string_view head) {
  if (head.size() < 2 || head[0] != '\x80' || head[1] < 2 || head[1] > 5) return false;
  head.remove_prefix(2);
  if (head.starts_with("\x95"sv)) head = head.substr(std::min<std::size_t>(head.size(), 9));
  constexpr std::size_t stop = 12;
  return head.size() > stop && head.starts_with("\x8A\x0A"sv) && head[stop] == '.' &&
         (head.size() == stop + 1 || head[stop + 1] == '\x80');
}

}  // namespace

Format sniff(const ByteSource& source) {
  if (source.size() == 0) return Format::empty;
  const auto bytes = read_bytes(source, 0, std::min(source.size(), head_size));
  const std::string_view head = text_of(bytes);
  if (head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv)) return Format::zip;
  if (is_legacy(head)) return Format::torch_legacy;
  if (head.starts_with("version https://git-lfs"sv)) return Format::git_lfs_pointer;
  if (is_web_page(head)) return Format::web_page;
  if (is_safetensors(bytes)) return Format::safetensors;
  if (is_json_object(head)) return Format::json;
  if (head.starts_with("\x93NUMPY"sv)) return Format::npy;
  if (head.starts_with("\x89HDF\r\n"sv)) return Format::hdf5;
  if (head.starts_with("\x1F\x8B"sv)) return Format::gzip;
  if (head.size() > 262 && head.substr(257).starts_with("ustar"sv)) {
    const std::string_view name = head.substr(0, head.find('\0'));
    constexpr std::array members = {"sys_info"sv, "pickle"sv, "tensors"sv, "storages"sv};
    return std::ranges::find(members, name) != members.end() ? Format::torch_tar : Format::tar;
  }
  if (head.size() > 1 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5) return Format::pickle;
  if (is_onnx(head)) return Format::onnx;
  return Format::unknown;
}

Format sniff_zip(const ZipArchive& archive) {
  const auto& entries = archive.entries();
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(entries, [&](const ZipEntry& entry) {
      const std::string_view full = entry.name;
      const std::size_t slash = full.find('/');
      return slash != std::string_view::npos && full.substr(slash + 1) == name;
    });
  };
  if (has("model.json")) return Format::torch_script_json;
  if (has("constants.pkl")) return Format::torch_script;
  if (has("archive_format")) return Format::exported_program;
  if (archive.find("serialized_exported_program.json") != nullptr) return Format::exported_program;
  if (has("data.pkl")) return Format::torch_zip;
  const bool all_npy = std::ranges::all_of(
      entries, [](const ZipEntry& entry) { return entry.name.ends_with(".npy"); });
  return all_npy ? Format::npz : Format::other_zip;
}

void fail_unreadable(Format format) {
  constexpr std::string_view resave =
      "; load it in Python and save the weights with torch.save(model.state_dict(), path)";
  constexpr std::string_view expected =
      "; expected weights saved with torch.save, as safetensors, or as npy or npz of NumPy";
  switch (format) {
    case Format::exported_program:
      fail("this is a torch.export program (.pt2), not a file of weights", resave);
    case Format::other_zip:
      fail(
          "this is a zip archive without data.pkl and with other entries than .npy, not one that "
          "torch.save or NumPy writes; if the model is packed inside, unpack it first");
    case Format::torch_tar:
      fail(
          "this is a tar file of PyTorch before 0.1.10, which is not read; load it and re-save "
          "with torch.save of torch ≥ 1.6");
    case Format::tar:
      fail("this is a tar archive; unpack it first and give the model inside");
    case Format::pickle:
      fail("this is a bare Python pickle, not a file of torch.save", resave);
    case Format::onnx:
      fail("this is an ONNX model, not a file of weights", expected);
    case Format::hdf5:
      fail("this is an HDF5 file (Keras)", expected);
    case Format::gzip:
      fail("this is a gzip-compressed file; decompress it first (gunzip)");
    case Format::git_lfs_pointer:
      fail("this is a Git-LFS pointer, not the weights: run `git lfs pull` in its repository");
    case Format::web_page:
      fail(
          "this is a web page, not the weights: the download went wrong; fetch the file's own "
          "address");
    case Format::empty:
      fail("the file is empty (0 bytes)", expected);
    default:
      fail("the format is not recognised", expected);
  }
}

}  // namespace nn::io
