// The beginning of a stream: split -> decode -> computed fields -> time -> watermark.
//
// Turns records into batches of events. What cannot become an event is reported to the observer and
// harms nothing else. The watermark rises with every event; it is sent after a batch, and before an
// event that is already behind it, so which events are late never depends on where batches end.
// Not here: reading files (runtime/file_source.h), decoding (runtime/format/), keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/event_source.h"
#include "runtime/expression/expression.h"
#include "runtime/format/decoder.h"
#include "runtime/operator.h"
#include "runtime/record_metadata.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/source.h"
#include "runtime/source_queue.h"
#include "runtime/state_snapshot.h"
#include "runtime/stream_element.h"
#include "runtime/timestamp.h"
#include "runtime/watermark.h"

namespace lymer::runtime {

// A field whose value is computed from earlier fields.
struct ComputedField {
  Slot slot = 0;
  Expression expression;
};

struct SourceSpec {
  SchemaRef schema;
  SchemaId schema_id;
  SplitId split;
  std::vector<ComputedField> computed;
  TimestampSpec timestamp;
  Duration out_of_order;
  // After this long without input the split no longer holds back others; none if not positive.
  Duration idle_after = Duration::seconds(30);
  // Fields that the reader knows beside the records, and the reader; it is that of the source.
  std::vector<MetadataField> metadata = {};
  const MetadataReader* metadata_reader = nullptr;
  bool keep_raw = false;
  // A record is a whole document, so it is no fair picture of the one event that is late or
  // rejected: its bytes are left out.
  bool records_are_documents = false;
  std::size_t batch_records = 1024;
};

// A record that gave no event.
struct RejectedRecord {
  RejectReason reason;
  std::string detail;
  std::uint64_t line = 0;  // From 1.
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // In bytes.
  std::string_view bytes;    // Empty if it was too long to be kept.
};

// Hears of what the source passes over.
class SourceObserver {
 public:
  virtual ~SourceObserver() = default;
  virtual void on_rejected(const RejectedRecord& record) = 0;
};

struct SourceCounters {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
  std::uint64_t skipped = 0;
  std::uint64_t rejected = 0;
  std::uint64_t expression_errors = 0;  // In computed fields.
};

// The same as metrics, with the label `stream`.
struct SourceMetrics {
  explicit SourceMetrics(MetricGroup& group);
  Counter& events;
  Counter& skipped;
  Counter& rejected;
  Counter& expression_errors;
  Counter& bytes;
  Gauge& size;
  Gauge& watermark;
  Gauge& idle;
};

class RecordSource final : public EventSource, private DecodeSink {
 public:
  // `observer` and `clock` must outlive the source.
  RecordSource(SourceSpec spec, std::unique_ptr<SplitReader> reader,
               std::unique_ptr<Decoder> decoder, SourceObserver& observer, Clock& clock);

  [[nodiscard]] Result<void> open(const OperatorContext& context) override;
  void update_metrics() override;
  // Returns kIo if the split cannot be read.
  [[nodiscard]] Result<SourceState> step(Collector& out) override;
  [[nodiscard]] SourceState flush(Collector& out) override { return queue_.flush_state(out); }
  void finish(bool drains) override { queue_.end(drains); }
  [[nodiscard]] EventTime watermark() const override { return watermarks_.current(); }

  [[nodiscard]] const SourceCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] SplitPosition position() const { return reader_->position(); }
  [[nodiscard]] std::uint64_t size_hint() const { return reader_->size_hint(); }

  // Position, decoder, time and watermark, of this split alone.
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;

 private:
  void on_row(RowBuilder& row) override;
  void on_skip() override { ++counters_.skipped; }
  void on_reject(RejectReason reason, std::string detail) override;

  // These fill fields; false if one that may not be null is, or cannot be read.
  [[nodiscard]] bool fill_metadata(RowBuilder& row);
  [[nodiscard]] bool compute_fields(RowBuilder& row);
  void queue_watermark();
  [[nodiscard]] Result<void> restore_split(ByteReader& reader);
  [[nodiscard]] Result<SourceState> on_nothing(Collector& out);

  SourceSpec spec_;
  std::unique_ptr<SplitReader> reader_;
  std::unique_ptr<Decoder> decoder_;
  SourceObserver& observer_;
  Clock& clock_;

  TimestampExtractor timestamps_;
  BoundedOutOfOrderness watermarks_;
  EventTime sent_watermark_ = EventTime::min();
  SourceCounters counters_;
  std::optional<SourceMetrics> metrics_;
  std::optional<double> nothing_since_;
  bool idle_ = false;

  std::vector<Record> records_;
  const Record* current_ = nullptr;
  std::uint64_t rows_of_record_ = 0;
  EventBatch batch_;
  SourceQueue queue_;
  Scratch scratch_;
};

}  // namespace lymer::runtime
