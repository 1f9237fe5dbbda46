// Identity of matches.
// Not here: their text (cep/result.h).
#include "cep/match.h"

#include "runtime/base/byte_codec.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::cep {

std::string match_id(const Match& match) {
  ByteWriter writer;
  writer.put_string(match.rule.name);
  writer.put_u32(match.rule.version);
  for (const nfa::PathEntry& entry : match.path()) {
    const StoredEvent& event = match.events.get(entry.event);
    writer.put_u16(entry.stage.value());
    writer.put_u32(event.id.split.value());
    writer.put_u64(event.id.offset);
  }
  writer.put_u32(match.ordinal);
  const auto hash = hash128(writer.bytes());
  return text("{:016x}{:016x}", hash[0], hash[1]);
}

}  // namespace lymer::cep
