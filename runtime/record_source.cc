// Drives one split. Everything it wants to say goes through queue_, so a refusal by the output
// never loses or reorders anything.
// Not here: who calls step() and how often (runtime/exec/task.cc).
#include "runtime/record_source.h"

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/scalar_text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kStateName = "split";

// The text of a key or header; nothing if the record has none.
std::optional<std::string_view> text_of(const RecordMetadata& record, const MetadataField& field) {
  if (field.kind == MetadataKind::kKey) return record.key;
  std::optional<std::string_view> last;
  for (const auto& [name, value] : record.headers) {
    if (name == field.header) last = value;
  }
  return last;
}

// What is not text.
Value place_of(const RecordMetadata& record, MetadataKind kind) {
  switch (kind) {
    case MetadataKind::kTopic:
      return Value::of(record.topic);
    case MetadataKind::kPartition:
      return Value::of(record.partition);
    case MetadataKind::kOffset:
      return Value::of(record.offset);
    default:
      return record.timestamp ? Value::of(*record.timestamp) : Value::null();
  }
}

}  // namespace

SourceMetrics::SourceMetrics(MetricGroup& group)
    : events(group.counter("events_in", "Events read.")),
      skipped(group.counter("records_skipped", "Records that the format passes over.")),
      rejected(group.counter("events_rejected", "Records that gave no event.")),
      expression_errors(
          group.counter("expression_errors", "Overflows, divisions by zero and bad casts.")),
      bytes(group.counter("bytes_in", "Bytes read.")),
      size(group.gauge("source_size_bytes", "Size of the input, 0 where it is not known.")),
      watermark(group.gauge("watermark_timestamp_seconds", "The promise about event time.")),
      idle(group.gauge("source_idle", "1 while the source holds nobody up.")) {}

Result<void> RecordSource::open(const OperatorContext& context) {
  metrics_.emplace(*context.metrics->group("stream", spec_.schema->name()));
  return {};
}

void RecordSource::update_metrics() {
  if (!metrics_) return;
  metrics_->events.raise_to(counters_.events);
  metrics_->skipped.raise_to(counters_.skipped);
  metrics_->rejected.raise_to(counters_.rejected);
  metrics_->expression_errors.raise_to(counters_.expression_errors);
  // Offsets of messages are no bytes.
  const bool counts_bytes = spec_.metadata_reader != nullptr;
  metrics_->bytes.raise_to(counts_bytes ? counters_.bytes : reader_->position().offset);
  metrics_->size.set(static_cast<double>(reader_->size_hint()));
  metrics_->watermark.set(static_cast<double>(watermarks_.current().to_millis()) / 1000.0);
  metrics_->idle.set(idle_ ? 1 : 0);
}

RecordSource::RecordSource(SourceSpec spec, std::unique_ptr<SplitReader> reader,
                           std::unique_ptr<Decoder> decoder, SourceObserver& observer, Clock& clock)
    : spec_(std::move(spec)),
      reader_(std::move(reader)),
      decoder_(std::move(decoder)),
      observer_(observer),
      clock_(clock),
      timestamps_(spec_.timestamp, clock),
      watermarks_(spec_.out_of_order) {}

Result<SourceState> RecordSource::step(Collector& out) {
  if (!queue_.flush(out)) return SourceState::kBlocked;
  if (queue_.has_ended()) return SourceState::kEnded;
  LYMER_ASSIGN_OR_RETURN(const ReadState read, reader_->read(records_, spec_.batch_records));
  if (read == ReadState::kIdle) return on_nothing(out);
  nothing_since_.reset();
  idle_ = false;
  for (const Record& record : records_) {
    current_ = &record;
    rows_of_record_ = 0;
    ++counters_.records;
    counters_.bytes += record.length;
    if (record.oversized) {
      on_reject(RejectReason::kOversized, text("{} bytes are more than the limit", record.length));
    } else {
      decoder_->decode(record.bytes, *this);
    }
  }
  current_ = nullptr;
  queue_.add_batch(batch_);
  queue_watermark();
  if (read == ReadState::kEnd) queue_.end(true);
  if (!queue_.flush(out)) return SourceState::kBlocked;
  return queue_.has_ended() ? SourceState::kEnded : SourceState::kActive;
}

Result<SourceState> RecordSource::on_nothing(Collector& out) {
  const double now = clock_.monotonic_seconds();
  if (!nothing_since_) nothing_since_ = now;
  const double limit = static_cast<double>(spec_.idle_after.to_millis()) / 1000.0;
  if (!idle_ && spec_.idle_after > Duration{} && now - *nothing_since_ >= limit) {
    idle_ = true;
    queue_.add(IdleMark{});
  }
  return queue_.flush(out) ? SourceState::kIdle : SourceState::kBlocked;
}

void RecordSource::on_row(RowBuilder& row) {
  const std::uint64_t offset = current_->offset + rows_of_record_++;
  if (!fill_metadata(row) || !compute_fields(row)) return;
  const auto time = timestamps_.extract(row.view());
  if (!time) {
    on_reject(RejectReason::kBadTime, timestamps_.explain_failure(row.view(), *spec_.schema));
    return;
  }
  // An event behind the watermark must meet that watermark before it, or lateness would depend on
  // where the batch began.
  if (*time <= watermarks_.current() && watermarks_.current() > sent_watermark_) {
    queue_.add_batch(batch_);
    queue_watermark();
  }
  watermarks_.on_event(*time);
  ++counters_.events;
  EventHeader header;
  header.time = *time;
  header.id = EventId{spec_.split, offset};
  header.schema = spec_.schema_id;
  const bool keep_raw = spec_.keep_raw && !spec_.records_are_documents;
  batch_.append(header, row.bytes(), keep_raw ? current_->bytes : std::string_view());
}

bool RecordSource::fill_metadata(RowBuilder& row) {
  if (spec_.metadata.empty()) return true;
  const auto index = static_cast<std::size_t>(current_ - records_.data());
  // What stands for a topic has nothing beside its records.
  const bool has_any = spec_.metadata_reader != nullptr;
  const RecordMetadata record = has_any ? spec_.metadata_reader->metadata(index) : RecordMetadata();
  for (const MetadataField& each : spec_.metadata) {
    const Field& field = spec_.schema->fields()[each.slot];
    std::optional<Value> value;
    if (each.kind == MetadataKind::kKey || each.kind == MetadataKind::kHeader) {
      const auto found = text_of(record, each);
      if (found && !is_utf8(*found)) {
        on_reject(RejectReason::kNotUtf8, text("field `{}` is not UTF-8", field.name));
        return false;
      }
      value = found ? scalar_from_text(*found, field.type.kind) : Value::null();
      if (!value) {
        on_reject(RejectReason::kWrongType, wrong_type_detail(field, quoted_sample(*found)));
        return false;
      }
    } else {
      value = has_any ? place_of(record, each.kind) : Value::null();
    }
    if (value->is_null() && !field.nullable) {
      on_reject(RejectReason::kMissingField, missing_detail(field));
      return false;
    }
    row.set(each.slot, *value);
  }
  return true;
}

bool RecordSource::compute_fields(RowBuilder& row) {
  for (const ComputedField& field : spec_.computed) {
    scratch_.reset();
    EvaluationContext context{.row = row.view(), .scratch = scratch_};
    const Value value = evaluate(field.expression, context);
    counters_.expression_errors += context.errors;
    const Field& declared = spec_.schema->fields()[field.slot];
    if (value.is_null() && !declared.nullable) {
      on_reject(RejectReason::kMissingField,
                text("field `{}` is null, but its type does not allow that", declared.name));
      return false;
    }
    row.set(field.slot, value);
  }
  return true;
}

void RecordSource::on_reject(RejectReason reason, std::string detail) {
  ++counters_.rejected;
  observer_.on_rejected(
      RejectedRecord{.reason = reason,
                     .detail = std::move(detail),
                     // A document is one record; it begins in the first line.
                     .line = spec_.records_are_documents ? 1 : current_->number,
                     .offset = current_->offset,
                     .length = current_->length,
                     .bytes = spec_.records_are_documents ? std::string_view() : current_->bytes});
}

void RecordSource::queue_watermark() {
  if (watermarks_.current() <= sent_watermark_) return;
  sent_watermark_ = watermarks_.current();
  queue_.add(Watermark{sent_watermark_});
}

Result<void> RecordSource::snapshot(StateSnapshot& state) const {
  LYMER_CHECK(queue_.empty(), "a source was snapshotted with output left");
  ByteWriter writer;
  const SplitPosition position = reader_->position();
  writer.put_u32(spec_.split.value());
  writer.put_u64(position.offset);
  writer.put_u64(position.number);
  writer.put_time(sent_watermark_);
  watermarks_.snapshot(writer);
  timestamps_.snapshot(writer);
  decoder_->snapshot(writer);
  state.put_operator_state(kStateName, std::move(writer).take());
  return {};
}

Result<void> RecordSource::restore(const StateSnapshot& state) {
  const auto pieces = state.operator_states(kStateName);
  for (const auto bytes : pieces) {
    ByteReader reader(bytes);
    const SplitId split(reader.u32());
    LYMER_RETURN_IF_ERROR(reader.status("the state of a source"));
    // One that was and is alone may be another in number.
    if (split == spec_.split || pieces.size() == 1) return restore_split(reader);
  }
  if (pieces.empty()) return {};
  return Error{ErrorCode::kUnsupported,
               text("none of the {} splits of `{}` in the checkpoint is the one to be read now",
                    pieces.size(), spec_.schema->name())};
}

Result<void> RecordSource::restore_split(ByteReader& reader) {
  SplitPosition position;
  position.offset = reader.u64();
  position.number = reader.u64();
  sent_watermark_ = reader.time();
  watermarks_.restore(reader);
  LYMER_RETURN_IF_ERROR(timestamps_.restore(reader));
  LYMER_RETURN_IF_ERROR(decoder_->restore(reader));
  LYMER_RETURN_IF_ERROR(reader.status("the state of a source"));
  return reader_->seek(position);
}

}  // namespace lymer::runtime
