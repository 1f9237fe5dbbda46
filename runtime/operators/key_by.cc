// One expression keys a batch in place; several make a new one, as an event may stand there twice.
// Not here: routing batches to subtasks by key group.
#include "runtime/operators/key_by.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/key_group.h"

namespace lymer::runtime {

KeyBy::KeyBy(SchemaRef schema, std::vector<KeyExpression> keys, bool marks_copies)
    : schema_(std::move(schema)),
      keys_(std::move(keys)),
      marks_copies_(marks_copies),
      encoded_(keys_.size()),
      masks_(keys_.size()) {
  LYMER_CHECK(!keys_.empty() && keys_.size() <= kMaxExpressions, "expressions of a key");
}

// False if a field is null.
bool KeyBy::encode(const RowView& row, const KeyExpression& key,
                   std::vector<std::byte>& out) const {
  out.clear();
  for (const Slot slot : key) {
    if (row.is_null(slot)) return false;
    const Type type = schema_->fields()[slot].type;
    if (type.kind == TypeKind::kInt) {
      append_int_key(out, static_cast<std::int64_t>(row.fixed(slot)));
    } else {
      append_key(out, row.get(slot, type));
    }
  }
  return true;
}

void KeyBy::key_in_place(EventBatch& batch) {
  batch.reserve(batch.size() * encoded_.front().capacity());
  batch.retain_if([&](std::size_t index) {
    const RowView row(batch.bytes(batch.headers()[index].row), schema_->size());
    if (!encode(row, keys_.front(), encoded_.front())) {
      ++null_keys_;
      return false;
    }
    const std::uint64_t hash = key_hash_of(encoded_.front());
    batch.set_key(index, encoded_.front(), hash, key_group_of_hash(hash));
    if (marks_copies_) batch.set_delivery(index, 1, true);
    return true;
  });
}

EventBatch KeyBy::deliver(const EventBatch& batch) {
  EventBatch out;
  for (std::size_t index = 0; index < batch.size(); ++index) {
    const EventHeader& header = batch.headers()[index];
    const RowView row(batch.bytes(header.row), schema_->size());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      masks_[i] = 0;
      if (!encode(row, keys_[i], encoded_[i])) continue;
      // Equal keys are one delivery, that of the first expression which gave it.
      std::size_t first = 0;
      while (first < i && (masks_[first] == 0 || encoded_[first] != encoded_[i])) ++first;
      masks_[first] = static_cast<std::uint16_t>(masks_[first] | (1U << i));
    }
    bool is_copy = marks_copies_;
    bool has_key = false;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (masks_[i] == 0) continue;
      out.append(header, row.bytes(), batch.raw(index));
      const std::uint64_t hash = key_hash_of(encoded_[i]);
      out.set_key(out.size() - 1, encoded_[i], hash, key_group_of_hash(hash));
      out.set_delivery(out.size() - 1, masks_[i], is_copy);
      is_copy = has_key = true;
    }
    if (!has_key) ++null_keys_;
  }
  return out;
}

Result<Progress> KeyBy::on_batch(EventBatch batch, Collector& out) {
  if (keys_.size() == 1) {
    key_in_place(batch);
  } else {
    batch = deliver(batch);
  }
  if (batch.empty()) return Progress::kDone;
  return emit_or_keep(std::move(batch), out);
}

}  // namespace lymer::runtime
