// A piece of a snapshot for each key group and state: `state NAME`, its kind and its records.
// Not here: records (runtime/state/state_column.cc).
#include "runtime/state/keyed_state.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "runtime/base/text.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kPrefix = "state ";

std::string piece_of(const std::string& state) { return std::string(kPrefix) + state; }

}  // namespace

ValueColumn& KeyedState::values(const std::string& name, const StateTtl& ttl,
                                IsWellFormed is_well_formed) {
  return add(std::make_unique<ValueColumn>(name, ttl, around_, std::move(is_well_formed)));
}

ListColumn& KeyedState::lists(const std::string& name, const StateTtl& ttl,
                              IsWellFormed is_well_formed) {
  return add(std::make_unique<ListColumn>(name, ttl, around_, std::move(is_well_formed)));
}

MapColumn& KeyedState::maps(const std::string& name, const StateTtl& ttl, IsWellFormed is_entry,
                            IsWellFormed is_value) {
  return add(
      std::make_unique<MapColumn>(name, ttl, around_, std::move(is_entry), std::move(is_value)));
}

Result<void> KeyedState::snapshot(StateSnapshot& snapshot) const {
  for (const auto& column : columns_) {
    std::map<KeyGroup, ByteWriter> writers;
    column->write([&](StateBytes key) -> ByteWriter& {
      const auto [found, is_new] = writers.try_emplace(key_group_of(key));
      if (is_new) found->second.put_string(column->kind());
      return found->second;
    });
    for (auto& [group, writer] : writers) {
      snapshot.put(group, piece_of(column->name()), std::move(writer).take());
    }
  }
  return status();
}

Result<void> KeyedState::restore(const StateSnapshot& snapshot) {
  for (const KeyGroup group : snapshot.key_groups()) {
    for (const std::string_view piece : snapshot.names(group)) {
      if (!piece.starts_with(kPrefix)) continue;
      const std::string_view name = piece.substr(kPrefix.size());
      if (std::ranges::none_of(columns_, [&](const auto& each) { return each->name() == name; })) {
        return Error{ErrorCode::kUnsupported,
                     text("the snapshot has a state `{}`, which its operator no longer has", name)};
      }
    }
    for (const auto& column : columns_) {
      const auto piece = snapshot.get(group, piece_of(column->name()));
      if (!piece) continue;
      ByteReader reader(*piece);
      const std::string_view kind = reader.string();
      if (reader.ok() && kind != column->kind()) {
        return Error{ErrorCode::kUnsupported,
                     text("the state `{}` is a {} here, but a {} in the snapshot", column->name(),
                          column->kind(), kind)};
      }
      if (!reader.ok() || !column->read(reader, group)) {
        return Error{ErrorCode::kCorrupt,
                     text("the state `{}` of key group {} is not what its operator writes",
                          column->name(), group.value())};
      }
    }
  }
  return status();
}

}  // namespace lymer::runtime
