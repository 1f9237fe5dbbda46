// One expression keys a batch in place; several make a new one, as an event may stand there twice.
// Not here: routing batches to subtasks by key group.
#include "runtime/operators/key_by.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/key_group.h"
#include "runtime/row.h"

namespace lymer::runtime {

KeyBy::KeyBy(SchemaRef schema, const std::vector<KeyExpression>& keys, bool marks_copies)
    : schema_(std::move(schema)),
      marks_copies_(marks_copies),
      encoded_(keys.size()),
      masks_(keys.size()) {
  LYMER_CHECK(!keys.empty() && keys.size() <= kMaxExpressions, "expressions of a key");
  for (const KeyExpression& each : keys) keys_.emplace_back(*schema_, each);
}

Result<void> KeyBy::open(const OperatorContext& context) {
  metrics_ = context.metrics;
  return {};
}

void KeyBy::update_metrics() {
  if (null_keys_ == 0 || metrics_ == nullptr) return;
  metrics_->counter("events_without_key", "Events dropped for want of a key.").raise_to(null_keys_);
}

void KeyBy::key_in_place(EventBatch& batch) {
  const KeyReader& key = keys_.front();
  batch.retain_if([&](std::size_t index) {
    const RowView row(batch.bytes(batch.headers()[index].row), schema_->size());
    const auto hash = key.hash(row, encoded_.front());
    if (!hash) {
      ++null_keys_;
      return false;
    }
    batch.set_key_hash(index, *hash);
    batch.set_delivery(index, 1, marks_copies_);
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
      if (!keys_[i].read(row, encoded_[i])) continue;
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
      out.set_key_hash(out.size() - 1, key_hash_of(encoded_[i]));
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

Result<Progress> MarkInput::on_batch(EventBatch batch, Collector& out) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch.set_delivery(i, mask_, batch.headers()[i].is_copy);
  }
  return emit_or_keep(std::move(batch), out);
}

Result<Progress> MarkSchema::on_batch(EventBatch batch, Collector& out) {
  for (std::size_t i = 0; i < batch.size(); ++i) batch.set_schema(i, schema_);
  if (batch.empty()) return Progress::kDone;
  return emit_or_keep(std::move(batch), out);
}

}  // namespace lymer::runtime
