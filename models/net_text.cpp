#include <algorithm>
#include <charconv>
#include <optional>

#include <models/net_text.h>
#include <nn/error.h>
#include <nn/io/file.h>

namespace models {
namespace {

constexpr std::size_t longest_text = std::size_t{1} << 20;
constexpr std::size_t longest_line = 2048;
constexpr std::size_t longest_name = 500;  // with the names of the modules around it
constexpr std::size_t most_modules = 4000;
constexpr std::size_t deepest = 100;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// Python's identifiers, as far as a class's name goes.
bool is_class_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::ranges::all_of(text, fits);
}

// Builds the tree line by line; the open modules are a stack of its own.
class Parser {
 public:
  explicit Parser(const std::string& source) : source_(source) {}

  void take(std::string_view line) {
    ++line_;
    if (line.size() > longest_line) {
      stop("expected lines of at most ", longest_line, " bytes, got ", line.size());
    }
    line = trimmed(line);
    if (line.empty()) return;
    if (line.starts_with(">>>") && modules_.empty()) return;
    if (line == ">>>" && done()) return;
    if (modules_.empty()) return take_root(line);
    if (done()) stop("expected nothing below the net's closing ')', found '", show(line), "'");
    if (line == ")") return close();
    if (line[0] == '(') return take_child(line);
    // A class's own arguments, when it also has modules, stand on lines of their own.
    std::string& arguments = modules_[open_.back().module].arguments;
    if (arguments.size() + line.size() > longest_line) {
      stop("expected arguments of at most ", longest_line, " bytes");
    }
    if (!arguments.empty()) arguments += '\n';
    arguments += line;
  }

  std::vector<PrintedModule> finish() {
    if (modules_.empty()) {
      nn::fail(source_,
               ": holds no net; expected the text that print(model) gives in Python, which begins "
               "with a class as in 'Net('");
    }
    if (!done()) {
      nn::fail(source_, ": ends before '", nn::printable(modules_[open_.back().module].kind),
               "(' of line ", modules_[open_.back().module].line,
               " is closed: copy the text of print(model) whole");
    }
    return std::move(modules_);
  }

 private:
  struct Open {
    std::size_t module;
    std::size_t first = 0;  // what the key "0-2" stands for
    std::size_t count = 1;
    std::size_t name_size = 0;  // of the full name and a dot
  };

  template <class... Parts>
  [[noreturn]] void stop(const Parts&... parts) const {
    nn::fail(source_, ": line ", line_, ": ", parts...);
  }
  static std::string show(std::string_view text) { return nn::printable(text.substr(0, 60)); }
  bool done() const { return !modules_.empty() && open_.empty(); }

  void take_root(std::string_view line) {
    if (line.starts_with("---") || line.starts_with("===") || line.starts_with("Layer (type")) {
      stop(
          "this is a summary's table, which does not tell the layers' arguments; write "
          "print(model)'s text to the file");
    }
    const std::string_view kind = line.substr(0, line.find('('));
    if (kind.size() == line.size() || !is_class_name(kind)) {
      stop("expected the text that print(model) gives in Python, which begins with a class as in ",
           "'Net(', found '", show(line), "'");
    }
    take_module("", line, {});
  }

  // "(conv1): Conv2d(1, 20, …)", "(0-2): 3 x Block(" or "(downsample): None"
  void take_child(std::string_view line) {
    const std::size_t end = line.find("): ");
    if (end == std::string_view::npos || end == 1) {
      stop("expected a module as in '(conv1): Conv2d(…)', found '", show(line), "'");
    }
    const std::string_view key = line.substr(1, end - 1);
    std::string_view rest = trimmed(line.substr(end + 3));
    if (key.find('.') != std::string_view::npos) {
      stop("expected a module's name without a dot, found '", show(key), "'");
    }
    if (open_.back().name_size + key.size() > longest_name) {
      stop("expected a module's full name to have at most ", longest_name, " bytes");
    }
    if (rest == "None") return;
    Open open{};
    const std::size_t dash = key.find('-');
    const std::size_t times = rest.find(" x ");
    if (dash != std::string_view::npos && times != std::string_view::npos &&
        number(rest.substr(0, times))) {
      const auto first = number(key.substr(0, dash));
      const auto last = number(key.substr(dash + 1));
      const auto count = number(rest.substr(0, times));
      if (!first || !last || *last < *first || *last - *first != *count - 1) {
        stop("expected as many modules as '(", show(key), ")' counts, found '", show(rest), "'");
      }
      if (*count > most_modules) fail_too_many();
      open.first = *first;
      open.count = *count;
      rest = rest.substr(times + 3);
    }
    take_module(key, rest, open);
  }

  void take_module(std::string_view key, std::string_view text, Open open) {
    const std::size_t begin = text.find('(');
    const std::string_view kind = text.substr(0, begin);
    if (begin == std::string_view::npos || !is_class_name(kind)) {
      stop("expected a module as in 'Conv2d(…)', found '", show(text), "'");
    }
    const bool opens = text.size() == begin + 1;
    if (!opens && text.back() != ')') {
      stop("expected ')' at the end of '", show(text), "'");
    }
    if (modules_.size() == most_modules) fail_too_many();
    if (open_.size() == deepest) stop("more than ", deepest, " modules inside each other");
    open.module = modules_.size();
    if (!open_.empty()) open.name_size = open_.back().name_size + key.size() + 1;
    PrintedModule module;
    module.key = key;
    module.kind = kind;
    if (!opens) module.arguments = text.substr(begin + 1, text.size() - begin - 2);
    module.line = line_;
    module.parent = open_.empty() ? 0 : open_.back().module;
    modules_.push_back(std::move(module));
    open_.push_back(open);
    if (!opens) close();
  }

  void close() {
    const Open open = open_.back();
    open_.pop_back();
    const std::size_t end = modules_.size();
    modules_[open.module].end = end;
    if (open.count == 1) return;
    const std::size_t size = end - open.module;
    if ((open.count - 1) > (most_modules - end) / size) fail_too_many();
    modules_[open.module].key = std::to_string(open.first);
    for (std::size_t copy = 1; copy < open.count; ++copy) {
      const std::size_t shift = copy * size;
      for (std::size_t i = open.module; i < end; ++i) {
        PrintedModule module = modules_[i];
        if (i == open.module) {
          module.key = std::to_string(open.first + copy);
        } else {
          module.parent += shift;
        }
        module.end += shift;
        modules_.push_back(std::move(module));
      }
    }
  }

  [[noreturn]] void fail_too_many() const { stop("more than ", most_modules, " modules"); }

  const std::string& source_;
  std::size_t line_ = 0;
  std::vector<PrintedModule> modules_;
  std::vector<Open> open_;
};

}  // namespace

std::string PrintedNet::name(std::size_t module) const {
  std::string name;
  for (std::size_t i = module; i != 0; i = modules_[i].parent) {
    name.insert(0, i == module ? modules_[i].key : modules_[i].key + ".");
  }
  return name;
}

std::string PrintedNet::place(std::size_t module) const {
  return nn::concat(source_, ": line ", modules_[module].line);
}

PrintedNet parse_net(std::string_view text, const std::string& source) {
  PrintedNet net;
  net.source_ = nn::printable(source);
  if (text.size() > longest_text) {
    nn::fail(net.source_, ": expected the text of print(model), at most ", longest_text,
             " bytes, got ", text.size());
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    nn::fail(net.source_, ": this text is UTF-16, as PowerShell's '>' writes it; save it as UTF-8");
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.find('\0') != std::string_view::npos) {
    nn::fail(net.source_, ": expected the text of print(model), this is a binary file");
  }
  Parser parser(net.source_);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    parser.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  net.modules_ = parser.finish();
  return net;
}

PrintedNet read_net(const std::filesystem::path& path) {
  const auto file = nn::io::open_file(path);
  if (file->size() > longest_text) {
    nn::fail(file->name(), ": expected the text of print(model), at most ", longest_text,
             " bytes, got ", file->size());
  }
  const auto bytes =
      nn::io::at_place(file->name(), [&] { return nn::io::read_bytes(*file, 0, file->size()); });
  return parse_net(nn::io::text_of(bytes), path.string());
}

}  // namespace models
