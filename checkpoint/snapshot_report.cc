// Sizes of keyed pieces are those of their bytes; operator state counts with its names and lengths.
// Not here: reading checkpoints (checkpoint/checkpoint_reader.h).
#include "checkpoint/snapshot_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/state_blocks.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/event.h"
#include "runtime/state_snapshot.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyGroup;
using runtime::StateSnapshot;

using Bytes = std::span<const std::byte>;
// The pieces of one name by key group; more than one if several subtasks have them.
using PiecesByGroup = std::map<KeyGroup, std::vector<Bytes>>;
using PiecesByName = std::map<std::string_view, PiecesByGroup>;
using Groups = std::set<KeyGroup>;

void add_pieces(const StateSnapshot& state, PiecesByName& pieces) {
  for (const KeyGroup group : state.key_groups()) {
    for (const std::string_view name : state.names(group)) {
      pieces[name][group].push_back(state.get(group, name).value());
    }
  }
}

std::uint64_t size_of(const PiecesByGroup& pieces) {
  std::uint64_t size = 0;
  for (const auto& [group, parts] : pieces) {
    for (const Bytes bytes : parts) size += bytes.size();
  }
  return size;
}

std::uint64_t keyed_size_of(const PiecesByName& pieces) {
  std::uint64_t size = 0;
  for (const auto& [name, by_group] : pieces) size += size_of(by_group);
  return size;
}

std::uint64_t size_of(const OperatorPart& part) {
  PiecesByName pieces;
  add_pieces(part.state, pieces);
  return keyed_size_of(pieces) + operator_state_bytes(part.state);
}

std::string counted(std::uint64_t count, std::string_view word) {
  return text("{} {}{}", count, word, count == 1 ? "" : "s");
}

// "3 key groups (0-1, 7)".
std::string shown(const Groups& groups) {
  std::string ranges;
  for (auto first = groups.begin(); first != groups.end();) {
    auto last = first;
    auto next = std::next(first);
    while (next != groups.end() && next->value() == last->value() + 1) last = next++;
    append_text(ranges, "{}{}", ranges.empty() ? "" : ", ", first->value());
    if (last != first) append_text(ranges, "-{}", last->value());
    first = next;
  }
  return text("{} ({})", counted(groups.size(), "key group"), ranges);
}

std::string title_of(const Snapshot& snapshot) {
  return text("{} {}", snapshot.is_savepoint ? "savepoint" : "checkpoint", snapshot.epoch.value());
}

void describe_part(const OperatorPart& part, std::string& out) {
  PiecesByName pieces;
  add_pieces(part.state, pieces);
  const std::vector<KeyGroup> groups = part.state.key_groups();
  append_text(out, "  subtask {}: ", part.subtask);
  if (groups.empty()) {
    out += "no keyed state\n";
  } else {
    append_text(out, "{} in {}\n", counted(keyed_size_of(pieces), "byte"),
                shown({groups.begin(), groups.end()}));
  }
  for (const auto& [name, by_group] : pieces) {
    append_text(out, "    piece `{}`: {} in {}\n", name, counted(size_of(by_group), "byte"),
                counted(by_group.size(), "key group"));
  }
  if (const std::size_t size = operator_state_bytes(part.state); size > 0) {
    append_text(out, "    operator state: {}\n", counted(size, "byte"));
  }
}

// All that one operator has, across its subtasks.
struct OperatorView {
  PiecesByName pieces;
  std::map<std::uint32_t, const StateSnapshot*> parts;  // By subtask.
};

OperatorView view_of(const Snapshot& snapshot, const std::string& uid) {
  OperatorView view;
  for (const OperatorPart& part : snapshot.parts) {
    if (part.uid == uid) view.parts[part.subtask] = &part.state;
  }
  for (const auto& [subtask, state] : view.parts) add_pieces(*state, view.pieces);
  return view;
}

bool is_equal(const std::vector<Bytes>& left, const std::vector<Bytes>& right) {
  return std::ranges::equal(left, right,
                            [](Bytes one, Bytes other) { return std::ranges::equal(one, other); });
}

// Appends a line for the pieces of one name if they differ.
void compare_pieces(std::string_view name, const PiecesByGroup& before, const PiecesByGroup& after,
                    std::string& out) {
  Groups changed;
  Groups removed;
  Groups added;
  for (const auto& [group, parts] : before) {
    const auto found = after.find(group);
    if (found == after.end()) {
      removed.insert(group);
    } else if (!is_equal(parts, found->second)) {
      changed.insert(group);
    }
  }
  for (const auto& [group, parts] : after) {
    if (!before.contains(group)) added.insert(group);
  }
  if (changed.empty() && removed.empty() && added.empty()) return;
  append_text(out, "  piece `{}`: {} -> {}", name, counted(size_of(before), "byte"),
              counted(size_of(after), "byte"));
  if (!changed.empty()) append_text(out, "; differs in {}", shown(changed));
  if (!removed.empty()) append_text(out, "; only before in {}", shown(removed));
  if (!added.empty()) append_text(out, "; only after in {}", shown(added));
  out += '\n';
}

void compare_operator_state(const OperatorView& before, const OperatorView& after,
                            std::string& out) {
  const StateSnapshot none;
  std::set<std::uint32_t> subtasks;
  for (const auto& [subtask, state] : before.parts) subtasks.insert(subtask);
  for (const auto& [subtask, state] : after.parts) subtasks.insert(subtask);
  for (const std::uint32_t subtask : subtasks) {
    const auto state_in = [subtask, &none](const OperatorView& view) -> const StateSnapshot& {
      const auto found = view.parts.find(subtask);
      return found == view.parts.end() ? none : *found->second;
    };
    const StateSnapshot& left = state_in(before);
    const StateSnapshot& right = state_in(after);
    if (has_equal_operator_state(left, right)) continue;
    append_text(out, "  operator state of subtask {}: {} -> {}\n", subtask,
                counted(operator_state_bytes(left), "byte"),
                counted(operator_state_bytes(right), "byte"));
  }
}

// Appends the lines under an operator that is in both.
void compare_operator(const OperatorView& before, const OperatorView& after, std::string& out) {
  std::set<std::string_view> names;
  for (const auto& [name, pieces] : before.pieces) names.insert(name);
  for (const auto& [name, pieces] : after.pieces) names.insert(name);
  const auto pieces_in = [](const OperatorView& view, std::string_view name) {
    const auto found = view.pieces.find(name);
    return found == view.pieces.end() ? PiecesByGroup() : found->second;
  };
  for (const std::string_view name : names) {
    compare_pieces(name, pieces_in(before, name), pieces_in(after, name), out);
  }
  compare_operator_state(before, after, out);
}

}  // namespace

std::string describe(const Snapshot& snapshot) {
  std::uint64_t size = 0;
  std::map<std::pair<std::string_view, std::uint32_t>, const OperatorPart*> parts;
  for (const OperatorPart& part : snapshot.parts) {
    parts[{part.uid, part.subtask}] = &part;
    size += size_of(part);
  }
  std::string out = text("{}, made at {}\n", title_of(snapshot), to_rfc3339(snapshot.made_at));
  append_text(out, "{}, {}, {} of state\n", counted(snapshot.parallelism.size(), "operator"),
              counted(snapshot.parts.size(), "part"), counted(size, "byte"));
  for (const auto& [uid, parallelism] : snapshot.parallelism) {
    append_text(out, "operator `{}`, parallelism {}\n", uid, parallelism);
    for (auto part = parts.lower_bound({uid, 0}); part != parts.end() && part->first.first == uid;
         ++part) {
      describe_part(*part->second, out);
    }
  }
  return out;
}

std::string describe_difference(const Snapshot& before, const Snapshot& after) {
  std::string out = text("{}, made at {} -> {}, made at {}\n", title_of(before),
                         to_rfc3339(before.made_at), title_of(after), to_rfc3339(after.made_at));
  std::set<std::string> uids;
  for (const auto& [uid, parallelism] : before.parallelism) uids.insert(uid);
  for (const auto& [uid, parallelism] : after.parallelism) uids.insert(uid);
  bool is_same = true;
  for (const std::string& uid : uids) {
    const auto left = before.parallelism.find(uid);
    const auto right = after.parallelism.find(uid);
    if (left == before.parallelism.end() || right == after.parallelism.end()) {
      const bool is_new = left == before.parallelism.end();
      append_text(out, "operator `{}`: only {}\n", uid, is_new ? "after" : "before");
      is_same = false;
      continue;
    }
    std::string changes;
    compare_operator(view_of(before, uid), view_of(after, uid), changes);
    if (!changes.empty()) is_same = false;
    if (left->second != right->second) {
      append_text(out, "operator `{}`, parallelism {} -> {}\n", uid, left->second, right->second);
    } else if (!changes.empty()) {
      append_text(out, "operator `{}`, parallelism {}\n", uid, left->second);
    }
    out += changes;
  }
  if (is_same) out += "the state is the same\n";
  return out;
}

}  // namespace lymer::checkpoint
