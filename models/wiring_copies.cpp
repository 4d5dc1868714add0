#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

#include <models/wiring_copies.h>
#include <models/wiring_names.h>

namespace models::wiring {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

// A part's values: a number that differs where they do (but for accidents, which `same_values`
// rules out), and whether they are more than one number repeated.
struct Digest {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a, by words
  bool varied = false;
};

void add(Digest& digest, const nn::Tensor& tensor) {
  const std::byte* bytes = tensor.view().data();
  const std::size_t count = tensor.view().nbytes();
  const std::size_t item = nn::size_of(tensor.dtype());
  for (std::size_t i = 0; i < count; i += item) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, item);
    digest.hash = (digest.hash ^ word) * 1099511628211U;
    digest.varied = digest.varied || std::memcmp(bytes + i, bytes, item) != 0;
  }
}

std::uint64_t bytes_of(const Part& part, const nn::StateDict& state_dict) {
  std::uint64_t bytes = 0;
  for (const auto& [key, parameter] : part.keys)
    bytes += std::min(state_dict.find(key)->bytes, most_bytes + 1);
  return bytes;
}

bool same_values(const Part& a, const Part& b, const nn::StateDict& state_dict) {
  for (std::size_t i = 0; i < a.keys.size(); ++i) {
    const nn::Tensor x = state_dict.read(a.keys[i].first);
    const nn::Tensor y = state_dict.read(b.keys[i].first);
    if (x.view().spec() != y.view().spec()) return false;
    if (std::memcmp(x.view().data(), y.view().data(), x.view().nbytes()) != 0) return false;
  }
  return true;
}

bool same_form(const Part& a, const Part& b) {
  const auto form = [](const Part& part) {
    return std::tuple(part.kind, part.out, part.in, part.bias, part.affine, part.keys.size());
  };
  return form(a) == form(b) && a.weight == b.weight;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> drop_copies(std::vector<Part>& parts,
                                                             const nn::StateDict& state_dict) {
  std::map<std::string_view, int> members;
  for (const Part& part : parts) ++members[parent_of(part.name)];
  std::uint64_t budget = most_bytes;
  std::vector<Digest> digests(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto twins =
        std::ranges::count_if(parts, [&](const Part& other) { return same_form(parts[i], other); });
    const std::uint64_t bytes = bytes_of(parts[i], state_dict);
    if (twins < 2 || bytes > budget) continue;
    budget -= bytes;
    for (const auto& [key, parameter] : parts[i].keys) add(digests[i], state_dict.read(key));
  }
  std::vector<std::pair<std::string, std::string>> dropped;
  std::vector<bool> gone(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::size_t best = i;
    std::vector<std::size_t> same;
    for (std::size_t j = i; j < parts.size() && digests[i].varied && !gone[i]; ++j) {
      const bool copy = !gone[j] && same_form(parts[i], parts[j]) && digests[j].varied &&
                        digests[i].hash == digests[j].hash &&
                        (i == j || same_values(parts[i], parts[j], state_dict));
      if (!copy) continue;
      same.push_back(j);
      if (members[parent_of(parts[j].name)] > members[parent_of(parts[best].name)]) best = j;
    }
    for (const std::size_t j : same) {
      if (j == best) continue;
      gone[j] = true;
      dropped.emplace_back(parts[j].name, parts[best].name);
    }
  }
  std::vector<Part> kept;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!gone[i]) kept.push_back(std::move(parts[i]));
  }
  parts = std::move(kept);
  return dropped;
}

}  // namespace models::wiring
