#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <models/wiring_names.h>
#include <nn/error.h>

namespace models::wiring {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Word {
  std::string_view text;
  std::string_view meaning;
};

constexpr std::string_view residual = "a residual connection";
constexpr std::string_view attention = "attention";
constexpr std::string_view embedding = "an embedding";
constexpr std::string_view transposed = "a transposed convolution";
constexpr std::string_view branches = "branches side by side";
constexpr std::string_view gate = "squeeze-and-excitation";
constexpr std::string_view recurrent = "a recurrent layer (RNN, LSTM or GRU)";

// Parts of a name, in small letters.
constexpr std::array anywhere{
    Word{"resblock", residual},     Word{"residual", residual},    Word{"shortcut", residual},
    Word{"downsample", residual},   Word{"skip", residual},        Word{"bottleneck", residual},
    Word{"resnet", residual},       Word{"attention", attention},  Word{"attn", attention},
    Word{"transformer", attention}, Word{"qkv", attention},        Word{"embed", embedding},
    Word{"deconv", transposed},     Word{"convtrans", transposed}, Word{"conv_trans", transposed},
    Word{"upconv", transposed},     Word{"up_conv", transposed},   Word{"tconv", transposed},
    Word{"transpose", transposed},  Word{"branch", branches},      Word{"inception", branches},
    Word{"denseblock", branches},   Word{"denselayer", branches},  Word{"parallel", branches},
    Word{"excitation", gate},       Word{"squeeze", gate},         Word{"lstm", recurrent},
};
// Whole words of letters.
constexpr std::array whole{
    Word{"res", residual},  Word{"resid", residual}, Word{"identity", residual},
    Word{"emb", embedding}, Word{"wte", embedding},  Word{"wpe", embedding},
    Word{"mha", attention}, Word{"se", gate},        Word{"cbam", gate},
    Word{"gru", recurrent}, Word{"rnn", recurrent},
};
constexpr std::array tensors{
    Word{"weight_ih", recurrent},
    Word{"weight_hh", recurrent},
    Word{"bias_ih", recurrent},
    Word{"bias_hh", recurrent},
    Word{"in_proj_", attention},
    Word{"bias_k", attention},
    Word{"bias_v", attention},
    Word{"cls_token", attention},
    Word{"pos_embed", attention},
    Word{"relative_position", attention},
    Word{"weight_g", "weight normalisation: call remove_weight_norm before saving"},
    Word{"weight_v", "weight normalisation: call remove_weight_norm before saving"},
    Word{"original", "a parametrisation: call remove_parametrizations before saving"},
    Word{"weight_orig", "pruning or spectral normalisation: remove it before saving"},
    Word{"weight_mask", "pruning: call torch.nn.utils.prune.remove before saving"},
    Word{"weight_u", "spectral normalisation: remove it before saving"},
    Word{"_packed_params", "a quantised layer: save the float model"},
    Word{"zero_point", "a quantised layer: save the float model"},
    Word{"lora_", "a LoRA adapter: merge it into its model before saving"},
};

}  // namespace

std::string_view parent_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

std::string_view leaf_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

int number_of(std::string_view leaf) {
  int number = -1;
  const auto [end, error] = std::from_chars(leaf.data(), leaf.data() + leaf.size(), number);
  const bool all = error == std::errc() && end == leaf.data() + leaf.size() && digit(leaf[0]);
  return all && number < 1'000'000 ? number : -1;
}

int trailing_number(std::string_view name) {
  std::size_t begin = name.size();
  while (begin > 0 && digit(name[begin - 1])) --begin;
  return number_of(name.substr(begin));
}

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      std::size_t i_end = i;
      std::size_t j_end = j;
      while (i_end < a.size() && digit(a[i_end])) ++i_end;
      while (j_end < b.size() && digit(b[j_end])) ++j_end;
      while (i < i_end && a[i] == '0') ++i;
      while (j < j_end && b[j] == '0') ++j;
      if (i_end - i != j_end - j) return i_end - i < j_end - j;
      const int order = a.substr(i, i_end - i).compare(b.substr(j, j_end - j));
      if (order != 0) return order < 0;
      i = i_end;
      j = j_end;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

std::string_view foreign_layer(std::string_view name) {
  std::string small(name);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Word& word : anywhere) {
    if (small.find(word.text) != std::string::npos) return word.meaning;
  }
  for (std::size_t begin = 0; begin < small.size();) {
    std::size_t end = begin;
    while (end < small.size() && letter(small[end])) ++end;
    const std::string_view word = std::string_view(small).substr(begin, end - begin);
    for (const Word& known : whole) {
      if (word == known.text) return known.meaning;
    }
    begin = end + 1;
  }
  return {};
}

std::string_view foreign_tensor(std::string_view parameter) {
  for (const Word& word : tensors) {
    if (parameter.starts_with(word.text)) return word.meaning;
  }
  return {};
}

}  // namespace models::wiring
