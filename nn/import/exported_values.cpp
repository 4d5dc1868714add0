#include <algorithm>

#include <nn/import/exported_values.h>

namespace nn {
namespace {

// A file of a few lines may ask for views of views without end.
constexpr std::size_t most_steps = 200'000;

}  // namespace

void ExportedValues::define(const std::string& name, Operand value) {
  add(name, {storages_.size(), none, value, 0});
  storages_.push_back({std::move(value), 0, {}});
}

void ExportedValues::define_view(const std::string& name, std::string_view base, View view) {
  const Operand whole = at(base);
  Entry& of = find(base);
  Entry entry{of.storage, links_.size(), view.of(whole), of.seen};
  links_.push_back({std::move(view), of.link});
  add(name, std::move(entry));
}

void ExportedValues::define_alias(const std::string& name, std::string_view of) {
  at(of);
  add(name, find(of));
}

void ExportedValues::write(std::string_view name, Operand value) {
  Entry& entry = find(name);
  Storage& storage = storages_[entry.storage];
  storage.writes.push_back({entry.link, value});
  entry.value = std::move(value);
  entry.seen = storage.writes.size();
}

Operand ExportedValues::at(std::string_view name) {
  Entry& entry = find(name);
  Storage& storage = storages_[entry.storage];
  if (entry.seen == storage.writes.size()) return entry.value;
  const auto steps = steps_to(entry.link);
  for (std::size_t i = entry.seen; i < storage.writes.size(); ++i) {
    if (storage.writes[i].link == entry.link) continue;
    const auto written = steps_to(storage.writes[i].link);
    spend(1 + written.size());
    require_certain(name, steps, written);
  }
  while (storage.applied < storage.writes.size()) {
    apply(storage, storage.writes[storage.applied]);
    ++storage.applied;
  }
  Operand value = storage.base;
  spend(steps.size());
  for (const std::size_t step : steps) value = links_[step].view.of(value);
  entry.value = value;
  entry.seen = storage.writes.size();
  return value;
}

ExportedValues::Entry& ExportedValues::find(std::string_view name) {
  const auto found = entries_.find(std::string(name));
  if (found == entries_.end()) {
    fail("value '", printable(name), "' is read, an output of its operator that is not supported");
  }
  return found->second;
}

void ExportedValues::add(const std::string& name, Entry entry) {
  if (!entries_.emplace(name, std::move(entry)).second) {
    fail("value '", printable(name), "' is defined twice");
  }
}

// From the storage to the view.
std::vector<std::size_t> ExportedValues::steps_to(std::size_t link) const {
  std::vector<std::size_t> steps;
  for (; link != none; link = links_[link].before) steps.push_back(link);
  std::ranges::reverse(steps);
  return steps;
}

void ExportedValues::spend(std::size_t steps) {
  spent_ += steps;
  if (spent_ > most_steps) {
    fail("tensors that are changed in place have more than ", most_steps, " views to follow");
  }
}

// Where a view and what was written to come from one tensor by steps of which one may be a copy, it is
// not known whether the view sees it.
void ExportedValues::require_certain(std::string_view name, std::span<const std::size_t> own,
                                     std::span<const std::size_t> written) const {
  const auto [a, b] = std::ranges::mismatch(own, written);
  const auto certain = [&](std::size_t step) { return links_[step].view.certain; };
  if (std::all_of(a, own.end(), certain) && std::all_of(b, written.end(), certain)) return;
  fail("'", printable(name),
       "' is read after another tensor was changed in place that may or may not share its memory, "
       "which depends on strides; export after run_decompositions()");
}

void ExportedValues::apply(Storage& storage, const Write& write) {
  const auto steps = steps_to(write.link);
  spend(2 * steps.size());
  std::vector<Operand> bases{storage.base};
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    bases.push_back(links_[steps[i]].view.of(bases.back()));
  }
  Operand value = write.value;
  for (std::size_t i = steps.size(); i-- > 0;) {
    const View& view = links_[steps[i]].view;
    if (view.put == nullptr) {
      fail(
          "a view is changed in place that cannot be written through, and what it is a view of is "
          "read; export after run_decompositions()");
    }
    value = view.put(bases[i], value);
  }
  storage.base = std::move(value);
}

}  // namespace nn
