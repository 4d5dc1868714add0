#include <algorithm>
#include <numeric>

#include <models/wiring_names.h>
#include <models/wiring_order.h>
#include <nn/error.h>

namespace models::wiring {
namespace {

// A search of so many steps ends: files with many layers of one size would never.
constexpr int most_steps = 20'000;

// Depth-first, at most `wanted` orders.
class Search {
 public:
  Search(const std::vector<Part>& parts, Order cores, std::size_t wanted)
      : parts_(parts), cores_(std::move(cores)), used_(cores_.size()), wanted_(wanted) {}

  std::vector<Order> run() {
    // By hand in place of recursion: choice_[d] is the next core to try at depth d.
    Order path;
    std::vector<std::size_t> choice{0};
    while (!choice.empty() && found_.size() < wanted_ && ++steps_ < most_steps) {
      const std::size_t i = choice.back()++;
      if (i >= cores_.size()) {
        choice.pop_back();
        if (!path.empty()) {
          used_[path.back()] = false;
          path.pop_back();
        }
        continue;
      }
      if (used_[i] || !fits(path, i)) continue;
      path.push_back(i);
      used_[i] = true;
      choice.push_back(0);
      if (path.size() == cores_.size()) {
        found_.emplace_back();
        for (const std::size_t k : path) found_.back().push_back(cores_[k]);
      }
    }
    return found_;
  }

 private:
  bool fits(const Order& path, std::size_t i) const {
    const Part& part = parts_[cores_[i]];
    const bool conv_left = part.kind == Kind::linear && convs_left();
    if (conv_left) return false;
    if (path.empty()) return true;
    return misfit(parts_[cores_[path.back()]], part).empty();
  }
  bool convs_left() const {
    for (std::size_t k = 0; k < cores_.size(); ++k) {
      if (!used_[k] && parts_[cores_[k]].kind == Kind::conv) return true;
    }
    return false;
  }

  const std::vector<Part>& parts_;
  Order cores_;
  std::vector<bool> used_;
  std::size_t wanted_;
  std::vector<Order> found_;
  int steps_ = 0;
};

// Pictures have one or three channels: an order that begins with another layer is less likely.
bool begins_with_pictures(const std::vector<Part>& parts, const Order& order) {
  const Part& first = parts[order[0]];
  return first.kind == Kind::linear || first.in == 1 || first.in == 3;
}

bool numbered(const std::vector<Part>& parts, const Order& order) {
  return std::ranges::all_of(order, [&](std::size_t i) {
    return std::ranges::any_of(parts[i].name, [](char c) { return c >= '0' && c <= '9'; });
  });
}

}  // namespace

std::string misfit(const Part& before, const Part& next) {
  if (next.kind == Kind::conv) {
    if (before.kind == Kind::linear) {
      return nn::concat("the convolution ", to_text(next), " would follow the linear layer ",
                        to_text(before));
    }
    const bool depthwise = next.depthwise() && before.out > 1 && next.out % before.out == 0;
    if (next.in == before.out || depthwise) return {};
    return nn::concat(to_text(next), " takes ", next.in, " channels, and ", to_text(before),
                      " before it gives ", before.out);
  }
  if (before.kind == Kind::linear) {
    if (next.in == before.out) return {};
    return nn::concat(to_text(next), " takes ", next.in, " values, and ", to_text(before),
                      " before it gives ", before.out);
  }
  if (next.in % before.out == 0) return {};
  return nn::concat(to_text(next), " takes ", next.in, " values, no multiple of the ", before.out,
                    " channels that ", to_text(before), " before it gives");
}

std::string misfit(const std::vector<Part>& parts, const Order& order) {
  for (std::size_t i = 1; i < order.size(); ++i) {
    std::string text = misfit(parts[order[i - 1]], parts[order[i]]);
    if (!text.empty()) return text;
  }
  return {};
}

bool sorted_names(const std::vector<Part>& parts) {
  return parts.size() > 2 && std::ranges::is_sorted(parts, {}, &Part::name);
}

Orders orders_of(const std::vector<Part>& parts) {
  Order file;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].core()) file.push_back(i);
  }
  if (file.empty()) nn::fail("has no Conv2d or Linear among its layers");
  std::stable_partition(file.begin(), file.end(),
                        [&](std::size_t i) { return parts[i].kind == Kind::conv; });
  Order natural = file;
  std::ranges::stable_sort(natural, [&](std::size_t a, std::size_t b) {
    if (parts[a].kind != parts[b].kind) return parts[a].kind < parts[b].kind;
    return natural_less(parts[a].name, parts[b].name);
  });
  const bool sorted = sorted_names(parts);
  const std::string reason = misfit(parts, file);
  if (!sorted && reason.empty()) return {file, {}};
  std::vector<Order> found = Search(parts, natural, 4).run();
  std::stable_partition(found.begin(), found.end(),
                        [&](const Order& order) { return begins_with_pictures(parts, order); });
  for (const Order& preferred : {natural, file}) {
    if (!misfit(parts, preferred).empty()) continue;
    std::erase(found, preferred);
    if (numbered(parts, preferred)) found.clear();  // the numbers say enough
    return {preferred, std::move(found)};
  }
  if (found.empty()) nn::fail("no order of its layers fits: ", reason);
  for (const Order& other : found) {
    if (other.front() != found[0].front() || other.back() != found[0].back()) {
      nn::fail("no order that its names tell of fits (", reason, "), and more than one other does");
    }
  }
  Order best = found[0];
  found.erase(found.begin());
  return {std::move(best), std::move(found)};
}

}  // namespace models::wiring
