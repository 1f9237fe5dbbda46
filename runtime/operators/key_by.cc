// Encodes the key of each event of a batch in place.
// Not here: routing batches to subtasks by key group.
#include "runtime/operators/key_by.h"

#include <utility>

#include "runtime/key_group.h"
#include "runtime/row.h"

namespace lymer::runtime {

KeyBy::KeyBy(SchemaRef schema, std::vector<Slot> slots)
    : schema_(std::move(schema)), slots_(std::move(slots)) {}

Result<Progress> KeyBy::on_batch(EventBatch batch, Collector& out) {
  batch.retain_if([&](std::size_t index) {
    key_.clear();
    const RowView row(batch.bytes(batch.headers()[index].row), schema_->size());
    for (const Slot slot : slots_) {
      const Value value = row.get(slot, schema_->fields()[slot].type);
      if (value.is_null()) {
        ++null_keys_;
        return false;
      }
      append_key(key_, value);
    }
    batch.set_key(index, key_, key_group_of(key_));
    return true;
  });
  if (batch.empty()) return Progress::kDone;
  return emit_or_keep(std::move(batch), out);
}

}  // namespace lymer::runtime
