// Identity of matches.
// Not here: their text (cep/result.h).
#include "cep/match.h"

#include <algorithm>

#include "runtime/base/byte_codec.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::cep {

std::vector<EventView> Match::events(std::string_view stage) const {
  const auto found = std::ranges::find(program.stages, stage);
  if (found == program.stages.end()) return {};
  return history.events(static_cast<runtime::HistoryIndex>(found - program.stages.begin()));
}

std::vector<StageMatch> Match::stages() const {
  std::vector<StageMatch> listed;
  std::vector<bool> is_listed(program.stages.size(), false);
  for (const nfa::PathEntry& entry : path()) {
    const std::size_t stage = entry.stage.value();
    if (is_listed[stage]) continue;
    is_listed[stage] = true;
    const auto index = static_cast<runtime::HistoryIndex>(stage);
    listed.push_back({program.stages[stage], history.events(index)});
  }
  return listed;
}

void Match::read_key(std::vector<std::byte>& key) const {
  const StoredEvent& first = event(0);
  // It came under a key, so it has one.
  if (!keys.reader(first.schema, first.key_mask).read(history.row_of(path().front().event), key)) {
    key.clear();
  }
}

std::string match_id(const Match& match) {
  ByteWriter writer;
  writer.put_string(match.rule.name);
  writer.put_u32(match.rule.version);
  for (const nfa::PathEntry& entry : match.path()) {
    const StoredEvent& event = match.store.get(entry.event);
    writer.put_u16(entry.stage.value());
    writer.put_u32(event.id.split.value());
    writer.put_u64(event.id.offset);
  }
  writer.put_u32(match.ordinal);
  const auto hash = hash128(writer.bytes());
  return text("{:016x}{:016x}", hash[0], hash[1]);
}

}  // namespace lymer::cep
