// All tables are one piece of a snapshot.
// Not here: types (runtime/state/state_codec.h).
#include "runtime/state/operator_state.h"

#include <string_view>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kPiece = "operator state";

}  // namespace

void OperatorTable::clear() {
  list_.clear();
  map_.clear();
}

OperatorTable& OperatorState::table(const std::string& name, Redistribution how) {
  OperatorTable& table = tables_.try_emplace(name, how).first->second;
  LYMER_CHECK(table.how() == how, "an operator state with two redistributions");
  return table;
}

void OperatorState::set_writable(bool is_writable) {
  for (auto& [name, table] : tables_) table.set_writable(is_writable);
}

// name, redistribution, number of elements, for each: key and value, or the value alone.
void OperatorState::snapshot(StateSnapshot& state) const {
  if (tables_.empty()) return;
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(tables_.size()));
  for (const auto& [name, table] : tables_) {
    writer.put_string(name);
    writer.put_u8(static_cast<std::uint8_t>(table.how()));
    writer.put_u32(static_cast<std::uint32_t>(table.list().size() + table.map().size()));
    for (const auto& value : table.list()) writer.put_bytes(value);
    for (const auto& [key, value] : table.map()) {
      writer.put_bytes(key);
      writer.put_bytes(value);
    }
  }
  state.put_operator_state(kPiece, std::move(writer).take());
}

Result<void> OperatorState::restore(const StateSnapshot& state, SourceShare share) {
  for (auto& [name, table] : tables_) table.clear();
  Seen seen;
  for (const auto piece : state.operator_states(kPiece)) {
    ByteReader reader(piece);
    LYMER_RETURN_IF_ERROR(restore_part(reader, share, seen));
  }
  return {};
}

Result<void> OperatorState::restore_part(ByteReader& reader, SourceShare share, Seen& seen) {
  const auto bytes = [&] {
    const auto read = reader.bytes();
    return OperatorTable::Bytes(read.begin(), read.end());
  };
  const std::uint32_t tables = reader.count(1);
  for (std::uint32_t i = 0; i < tables && reader.ok(); ++i) {
    const std::string name(reader.string());
    const auto how = static_cast<Redistribution>(reader.u8());
    if (!reader.ok()) break;
    OperatorTable& table = tables_.try_emplace(name, how).first->second;
    if (table.how() != how) {
      return Error{ErrorCode::kUnsupported,
                   text("operator state `{}` was redistributed otherwise before", name)};
    }
    const std::uint32_t elements = reader.count(1);
    for (std::uint32_t e = 0; e < elements && reader.ok(); ++e) {
      if (how == Redistribution::kBroadcast) {  // All subtasks have had the same.
        OperatorTable::Bytes key = bytes();
        table.map()[std::move(key)] = bytes();
        continue;
      }
      OperatorTable::Bytes value = bytes();
      const bool is_ours =
          how == Redistribution::kUnion || seen[name]++ % share.subtasks == share.subtask;
      if (is_ours) table.add(std::move(value));
    }
  }
  return reader.status(kPiece);
}

}  // namespace lymer::runtime
